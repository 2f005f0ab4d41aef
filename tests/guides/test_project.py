"""The guides about a project, run against a server that answers as recorded: Python and commands."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import mpnb
from mpnb import query
from mpnb.cli import COMMANDS, main
from mpnb.cli.table import commands
from tests.guides import project_table as table
from tests.guides.restore import blocks, restore
from tests.guides.stub import serving
from tests.parity.shared import SHARED

NUMBERS = ("00", "01", "02", "03", "11", "12", "13", "14")
GUIDES = [path for number in NUMBERS for path in (SHARED / "seeds").glob(f"{number}-*.md")]
FLAT: dict[str, str] = {
    f"{path.name[:2]}/{number}": text
    for path in GUIDES
    for number, text in enumerate(blocks(path.read_text("utf-8")))
}
GROUPS = {command.path[0] for command in commands().values()} | COMMANDS.keys()
COMMAND = re.compile(r"(?:^|(?<=\s))mp (?=(--\w|[a-z]))", re.MULTILINE)

pytestmark = pytest.mark.skipif(
    not FLAT, reason="the folder of recorded cases is absent (set MPNB_SHARED)"
)


def is_shell(flat: str) -> bool:
    return bool(
        re.match(r"\s*(?:#[^\n]*?\s)?(?:mp (?:--\w|[a-z])|export |pip |uv |echo |~/)", flat)
    )


PYTHON = [name for name, flat in FLAT.items() if not is_shell(flat) and name not in table.NOT_RUN]


def lines() -> list[tuple[str, list[str]]]:
    """Every command of the guides: its block, and its words."""
    found = []
    for name, flat in FLAT.items():
        if is_shell(flat) and name not in table.NOT_RUN:
            found += [(name, words) for text in flat.split("\n") for words in _commands(text)]
    return found


def _commands(text: str) -> Iterator[list[str]]:
    starts = [
        m.start()
        for m in COMMAND.finditer(text)
        if re.split(r"\s", text[m.end() :])[0] in GROUPS or text[m.end() :].startswith("--")
    ]
    for start, end in zip(starts, [*starts[1:], None], strict=bool(starts)):
        piece = re.split(r" (?:>|export |curl |MP_CI_TOKEN=|Active:|#)", text[start:end])[0]
        yield shlex.split(piece.replace("\\ ", " "))[1:]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A server, a configuration with the guides' accounts, and a folder to be in."""
    folder = tmp_path_factory.mktemp("project")
    with serving() as url, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("MP_")]:
            patch.delenv(name)
        settings = {
            "MP_API_BASE_URL": url,
            "MP_CONFIG_PATH": str(folder / "config.toml"),
            "MP_STORAGE_DIR": str(folder / "mp"),
            "MPNB_HOME": str(folder / "home"),
            "MPNB_ON_LIMIT": "ignore",
            "MPNB_CACHE": "off",
            "MP_CI_TOKEN": "a-token",
            "HOME": str(folder),
        }
        for name, value in settings.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        (folder / "config.toml").write_text(table.CONFIG)
        (folder / "config.toml").chmod(0o600)
        for name, text in table.FILES.items():
            (folder / name).write_text(text)
        yield folder


@pytest.fixture(scope="module")
def names(place: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """Guide → the names that its blocks share, and their helpers."""
    package = ModuleType("mixpanel_headless")
    vars(package)["__getattr__"] = lambda name: getattr(mpnb, name)
    shared: dict[str, dict[str, Any]] = {}
    opened: list[mpnb.Workspace] = []

    def workspace(*args: Any, **more: Any) -> mpnb.Workspace:
        opened.append(mpnb.Workspace(*args, **more))
        return opened[-1]

    vars(package)["Workspace"] = workspace
    vocabulary = {name: getattr(mpnb, name) for name in query.__all__}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "mixpanel_headless", package)
        patch.setitem(sys.modules, "your_warehouse", ModuleType("your_warehouse"))
        vars(sys.modules["your_warehouse"])["send_batch"] = len
        for number in NUMBERS:
            helpers = dict.fromkeys(table.HELPERS, lambda *given: None)
            shared[number] = {**vocabulary, **helpers, "mp": package, "ws": workspace()}
        yield shared
    for ws in opened:
        ws.close()


@pytest.mark.parametrize("block", PYTHON)
def test_python_runs(block: str, names: dict[str, dict[str, Any]]) -> None:
    flat = FLAT[block]
    for old, new in table.EDITS.get(block, []):
        assert old in flat, f"the table edits {old!r}, which is not in the block"
        flat = flat.replace(old, new)
    source = restore(flat)
    shared = names[block[:2]]
    shared["ws"] = shared["mp"].Workspace()  # a guide's block may close it
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(source, block, "exec"), shared)


@pytest.mark.parametrize(
    ("block", "words"),
    lines(),
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:60],
)
def test_command_runs(
    block: str, words: list[str], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = " ".join(words)
    if why := table.NOT_TYPED.get(line):
        pytest.skip(why)
    if line in table.OTHERWISE:
        assert main(words) != 0, "no longer refused: take it off the list"
        words = table.OTHERWISE[line].split()
    assert main(words) == 0, f"mp {line}\n{capsys.readouterr().err}"


def test_table_names_what_is_there() -> None:
    assert {*table.EDITS, *table.NOT_RUN} - FLAT.keys() == set()
    said = {" ".join(words) for _, words in lines()}
    assert table.OTHERWISE.keys() - said == set()
