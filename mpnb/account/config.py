"""``config.toml``: accounts, targets, what is active, settings.

Enters: the file. Leaves: a `Config` to read from, and changes to the file that keep its comments.
The surprise: a section is only checked when it is asked for, so one broken account does not lock
out the others.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import tomlkit
from pydantic import BaseModel, ConfigDict, SecretStr, TypeAdapter, ValidationError
from tomlkit.exceptions import TOMLKitError

from mpnb.account import files
from mpnb.account.models import Account, AccountName, ProjectId, TargetName, WorkspaceId
from mpnb.errors import AccountNotFoundError, ConfigError

M = TypeVar("M")

ACCOUNT: TypeAdapter[Account] = TypeAdapter(Account)


class ActiveSession(BaseModel):
    """The ``[active]`` section: the account in use, and the data view that is pinned.

    The project stands with the account, as its ``default_project``.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    account: AccountName | None = None
    workspace: WorkspaceId | None = None


class Target(BaseModel):
    """A saved place: account, project and, if wanted, a data view."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: TargetName
    account: AccountName
    """Name of the account."""
    project: ProjectId
    """Id of the project."""
    workspace: WorkspaceId | None = None
    """Id of the data view."""


def checked(kind: TypeAdapter[M], data: Any, where: str) -> M:
    """Data as a model.

    Raises:
        ConfigError: it is none; the message names the keys and never shows a value.
    """
    try:
        return kind.validate_python(data)
    except ValidationError as problem:
        found = problem.errors(include_url=False, include_input=False, include_context=False)
        said = [": ".join([*map(str, e["loc"][-1:]), _plainly(e["msg"])]) for e in found]
    del data  # a traceback with locals would show it
    raise ConfigError(f"{where} is not right: {'; '.join(said)}.", {"problems": said})


PATTERNS = {
    "String should match pattern '^[0-9]+$'": "digits only",
    "String should match pattern '^[a-zA-Z0-9_-]+$'": "letters, digits, _ and - only",
}
"""How a person says a pattern."""


def _plainly(said: str) -> str:
    return PATTERNS.get(said, said.removeprefix("Value error, "))


def json_of(path: Path, what: str, advice: str) -> Any:
    """What a private file holds.

    Raises:
        ConfigError: it cannot be read, or is not JSON; what stands there is not shown.
    """
    content = files.read(path)
    try:
        return json.loads(content or b"null")
    except ValueError:
        del content
    raise ConfigError(f"{what} is not JSON: {advice}")


@dataclass(frozen=True)
class Config:
    """What the file says, as it was when it was read."""

    path: Path
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def active(self) -> ActiveSession:
        """The ``[active]`` section."""
        section = self._section("active")
        return checked(TypeAdapter(ActiveSession), section, f"[active] in {self.path}")

    @property
    def account_names(self) -> list[str]:
        """Names of the accounts, sorted."""
        return sorted(self._section("accounts"))

    @property
    def target_names(self) -> list[str]:
        """Names of the targets, sorted."""
        return sorted(self._section("targets"))

    def account(self, name: str) -> Account:
        """One account.

        Raises:
            AccountNotFoundError: there is none of that name.
            ConfigError: its section is not right.
        """
        if self._section("accounts").get(name) is None:
            raise AccountNotFoundError(name, self.account_names)
        section = f"[accounts.{name}] in {self.path}"
        return checked(ACCOUNT, _named(self._section("accounts")[name], name), section)

    def target(self, name: str) -> Target:
        """One target.

        Raises:
            ConfigError: there is none of that name, or its section is not right.
        """
        found = self._section("targets").get(name)
        if found is None:
            known = ", ".join(self.target_names) or "none"
            raise ConfigError(f"There is no target {name!r}. Targets: {known}.")
        return checked(TypeAdapter(Target), _named(found, name), f"[targets.{name}] in {self.path}")

    def targets_of(self, account: str) -> list[str]:
        """Names of the targets that lead to an account."""
        targets = self._section("targets")
        return [name for name in self.target_names if _of(targets[name], "account") == account]

    @property
    def headers(self) -> dict[str, str]:
        """The header of ``[settings].custom_header``, if there is one."""
        header = self._section("settings").get("custom_header")
        if header is None:
            return {}
        name, value = _of(header, "name"), _of(header, "value")
        if not (isinstance(name, str) and isinstance(value, str) and name):
            raise ConfigError(f"[settings].custom_header in {self.path} needs name and value.")
        return {name: value}

    def _section(self, name: str) -> Mapping[str, Any]:
        found = self.data.get(name, {})
        if not isinstance(found, Mapping):
            raise ConfigError(f"[{name}] in {self.path} is not a section.")
        return found


def load() -> Config:
    """Read the configuration; an absent file is an empty one.

    Raises:
        ConfigError: the file cannot be read, or is no TOML.
    """
    path = files.config_path()
    content = files.read(path) or b""
    try:
        return Config(path, tomllib.loads(content.decode("utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        del content  # a traceback with locals would show it
        said = _place(problem)
    raise ConfigError(f"{path} is no TOML: {said}. Correct it, or move it away and log in again.")


def _place(problem: Exception) -> str:
    """Where a file is wrong, without what stands there: it may be a secret."""
    _, found, place = str(problem).rpartition("(at ")
    return place.rstrip(")") if found else "it is not UTF-8 text"


def _named(section: Any, name: str) -> Any:
    return {**section, "name": name} if isinstance(section, Mapping) else section


def _of(section: Any, key: str) -> Any:
    return section.get(key) if isinstance(section, Mapping) else None


class Editor:
    """Changes to the configuration, made on the text so that comments stay."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.document = tomlkit.parse(text)

    @property
    def config(self) -> Config:
        """What the file would say now."""
        return Config(self.path, self.document.unwrap())

    def put_account(self, account: Account) -> None:
        """Add an account, or change what differs of one."""
        wanted = account.model_dump(exclude={"name"}, exclude_none=True)
        self._put("accounts", account.name, {key: _plain(v) for key, v in wanted.items()})

    def put_target(self, target: Target) -> None:
        """Add a target, or change what differs of one."""
        self._put("targets", target.name, target.model_dump(exclude={"name"}, exclude_none=True))

    def set_project(self, account: str, project: str) -> None:
        """Make a project the default one of an account."""
        found = self.config.account(account)
        if found.type == "local":
            raise ConfigError(f"Account {account!r} is a local store: it has no projects.")
        changed = {**found.model_dump(), "default_project": project}
        self.put_account(checked(ACCOUNT, changed, f"The change to account {account!r}"))

    def drop(self, section: str, name: str) -> None:
        """Remove an account or a target."""
        del self._table(section)[name]

    def activate(self, account: str | None, workspace: int | None) -> None:
        """Write the ``[active]`` section."""
        wanted = {"account": account, "workspace": workspace}
        checked(TypeAdapter(ActiveSession), wanted, "What is to be active")
        _update(self._table("active"), {k: v for k, v in wanted.items() if v is not None})

    def _put(self, section: str, name: str, wanted: Mapping[str, Any]) -> None:
        outer = self._table(section)
        if name not in outer:
            outer[name] = tomlkit.table()
        inner = outer[name]
        assert isinstance(inner, Mapping), "checked when the section was read"
        _update(inner, wanted)

    def _table(self, name: str) -> Any:
        if name not in self.document:
            self.document[name] = tomlkit.table(is_super_table=name != "active")
        return self.document[name]


def _update(table: Any, wanted: Mapping[str, Any]) -> None:
    for key in [key for key in table if key not in wanted]:
        del table[key]
    for key, value in wanted.items():
        if key not in table or table[key] != value:
            table[key] = value


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value) if isinstance(value, Path) else value


@contextmanager
def edit() -> Iterator[Editor]:
    """Change the configuration: one process at a time, written whole, only when nothing failed.

    Raises:
        ConfigError: the file cannot be read or written, or is no TOML.
    """
    path = files.config_path()
    with files.locked(path):
        before = load()  # says what is wrong with a file that is no TOML
        text = (files.read(path) or b"").decode("utf-8-sig")
        try:
            editor = Editor(path, text)
        except TOMLKitError:
            editor = Editor(path, tomlkit.dumps(dict(before.data)))
        yield editor
        written = tomlkit.dumps(editor.document)
        if not _says(written, editor.document.unwrap()):
            # Dotted keys and inline tables can end up below another section's head.
            written = tomlkit.dumps(editor.document.unwrap())
            tomllib.loads(written)  # what cannot be read again must not replace what can
        if written != text:
            files.write(path, written.encode())


def _says(text: str, data: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == data
    except tomllib.TOMLDecodeError:
        return False


__all__ = ["ActiveSession", "Config", "Editor", "Target", "checked", "edit", "load"]
