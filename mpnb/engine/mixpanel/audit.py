"""Writes every change down: who asked for it, where, and what came of it.

Enters: calls that change something. Leaves: one line of JSON each, in a file that only grows and
that only its owner reads. The surprise: the file is opened before the call is sent; where it cannot
be, the change is not made.
"""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mpnb.engine.mixpanel.call import Call, Reply
from mpnb.engine.mixpanel.redact import redacted, scrubbed
from mpnb.engine.mixpanel.regions import base_url
from mpnb.errors import ConfigError

LONGEST = 16_000
"""Characters of a body that are kept; more than that is cut."""

PAGE = 200
"""Characters that are kept of an answer that is not JSON."""


class Entry:
    """What is known about a change while it is made."""

    def __init__(self) -> None:
        self.reply: Reply | None = None


class Audit:
    """The log.

    Args:
        file: where it is; its folder is made when needed.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    @contextmanager
    def change(
        self, call: Call, scope: Any, secrets: Callable[[], Collection[str]]
    ) -> Iterator[Entry]:
        """Write a line about a change when it is over, however it ends.

        Raises:
            ConfigError: the log cannot be written; nothing was sent then.
        """
        target = self._opened()
        entry, problem = Entry(), ""
        try:
            yield entry
        except BaseException as error:
            problem = type(error).__name__
            raise
        finally:
            line = _line(call, scope, entry.reply, problem, secrets())
            try:
                os.write(target, line)
            except OSError as refused:
                warnings.warn(f"A change was not logged: {refused}", stacklevel=2)
            finally:
                os.close(target)

    def entries(self) -> list[dict[str, Any]]:
        """The changes so far, the oldest first; a line that was cut off is left out."""
        if not self.file.exists():
            return []
        found = []
        for line in self.file.read_text("utf-8").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def _opened(self) -> int:
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            return os.open(self.file, flags, 0o600)
        except OSError as problem:
            raise ConfigError(
                f"The audit log {self.file} cannot be written ({problem.strerror}), so the change "
                "was not sent. Make the folder writable, or set MPNB_HOME to one that is."
            ) from problem


def _line(
    call: Call, scope: Any, reply: Reply | None, problem: str, secrets: Collection[str]
) -> bytes:
    account = getattr(scope, "account", None)
    entry = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "account": getattr(account, "name", None),
        "account_type": getattr(account, "type", None),
        "host": base_url(call.family, scope.region).partition("//")[2].partition("/")[0],
        "project": scope.project_id,
        "data_view": scope.workspace_id,
        "method": call.method,
        "endpoint": call.path.partition("?")[0],
        "ids": _ids(call, reply),
        "outcome": _outcome(reply, problem),
        "sent": _kept(call.body, secrets),
        "before": _kept(call.before, secrets),
        "after": _kept(_results(reply), secrets),
    }
    said = {key: value for key, value in entry.items() if value not in (None, [], {})}
    return (json.dumps(said, ensure_ascii=False, default=str) + "\n").encode()


def _outcome(reply: Reply | None, problem: str) -> str:
    if reply is None:
        return f"no answer ({problem})"
    return "done" if reply.status_code < 300 else f"refused ({reply.status_code})"


def _ids(call: Call, reply: Reply | None) -> list[str]:
    """What was changed: ids in the address, in the body, and of what was made."""
    scoped = re.sub(r"^/(projects/\d+/)?(workspaces/\d+/)?", "/", call.path.partition("?")[0])
    found = [part for part in scoped.split("/") if re.fullmatch(r"\d+|[0-9a-f-]{32,36}", part)]
    for value in (call.query, call.body, _results(reply)):
        if isinstance(value, Mapping):
            found += _own_ids(value)
    return list(dict.fromkeys(found))


def _own_ids(value: Mapping[str, Any]) -> list[str]:
    named = [
        value.get("id"),
        *(value.get("ids") or [] if isinstance(value.get("ids"), list) else []),
    ]
    return [str(one) for one in named if isinstance(one, int | str) and not isinstance(one, bool)]


def _results(reply: Reply | None) -> Any:
    if reply is None:
        return None
    try:
        body = reply.json()
    except ValueError:
        return reply.text or None
    return body["results"] if isinstance(body, dict) and "results" in body else body


def _kept(value: Any, secrets: Collection[str]) -> Any:
    """A value without secrets, cut where it is long."""
    if value is None or isinstance(value, bytes):
        return None if value is None else f"{len(value)} bytes"
    clean = redacted(value, secrets)
    if isinstance(clean, str):
        return clean[:PAGE]  # cut afterwards: half a secret would not be found
    text = json.dumps(clean, ensure_ascii=False, default=str)
    return clean if len(text) <= LONGEST else scrubbed(text[:LONGEST], secrets) + "…"
