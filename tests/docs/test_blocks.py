"""Every code block of the pages runs: Python, cells and commands, over the demo shop.

What is asked of a project is asked of an emulator over the same shop. A block that cannot run has a
comment before it, which readers of the page do not see: ``<!-- not run: the reason -->``.
"""

from __future__ import annotations

import gzip
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mpnb
from mpnb import emulator
from mpnb.cli import main
from mpnb.emulator import Running
from tests.docs.pages import PAGES, name_of
from tests.emulator.conftest import TOKEN
from tests.emulator.test_replays import record
from tests.magic.shell import Shell

BLOCK = re.compile(r"(?:<!-- not run: (.*?) -->\n)?^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
ONLY_READ = {
    "language.md": "its cells are examples of the language over no data; they are read in tests/text"
}


@dataclass(frozen=True)
class Block:
    """A block of a page: why it is not run, its language, its text."""

    why: str
    language: str
    body: str

    @property
    def kind(self) -> str:
        """What runs it."""
        if self.language:
            return self.language
        return "cells" if self.body.startswith("%") else ""


def blocks(page: Path) -> list[Block]:
    return [Block(*found.groups(default="")) for found in BLOCK.finditer(page.read_text("utf-8"))]


WITH_BLOCKS = [page for page in PAGES if page.name not in ONLY_READ and blocks(page)]


def rows() -> list[dict[str, Any]]:
    """Half a year of a small project."""
    began, names = 1735689600, ("Sign Up", "Purchase", "Login")  # 1 January 2025, UTC
    return [
        {
            "event": names[number % 3],
            "properties": {
                "time": began + number * 43_000,
                "distinct_id": f"user {number % 40}",
                "$insert_id": f"i{number}",
                "amount": number,
            },
        }
        for number in range(360)
    ]


@pytest.fixture(scope="module")
def project() -> Iterator[Running]:
    """The small project behind a server that answers like Mixpanel."""
    data = mpnb.local(rows(), now="2025-06-30T12:00:00+00:00")
    with emulator.serve(data, token=TOKEN, limits=False) as running:
        yield running


@pytest.fixture
def place(
    tmp_path: Path, project: Running, state: Path, demo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder to be in, an account in the environment, and the files that pages name."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "stores").symlink_to(state / "stores")  # the shop is made once for all tests
    settings = {
        "MP_API_BASE_URL": project.url,
        "MP_USERNAME": "somebody",
        "MP_SECRET": project.token,
        "MP_REGION": "us",
        "MP_PROJECT_ID": str(project.identity.project_id),
        "MP_CONFIG_PATH": str(tmp_path / "config.toml"),
        "MP_STORAGE_DIR": str(tmp_path / "mp"),
        "MPNB_HOME": str(home),
        "MPNB_ON_LIMIT": "ignore",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    lines = "\n".join(map(json.dumps, rows())).encode()
    Path("export.jsonl").write_bytes(lines)
    Path("export.jsonl.gz").write_bytes(gzip.compress(lines))


def given(page: str, project: Running, demo: Any) -> dict[str, Any]:
    """The names that a page takes as given."""
    frame = pd.DataFrame({"action": ["Login"], "at": [1735689600], "distinct_id": ["ann"]})
    count = "wait" if page == "limits.md" else None
    ws = demo if page == "widgets.md" else mpnb.Workspace(on_limit=count)
    if page == "replays.md":
        record(project, "r-1", 0, person="ann")
    return {"mp": mpnb, "ws": ws, "frame": frame}


def runs(block: Block, shell: Shell, names: dict[str, Any]) -> None:
    match block.kind:
        case "python":
            exec(compile(block.body, "block", "exec"), names)
        case "cells":
            shell.run(block.body)
        case "sh":
            for line in block.body.splitlines():
                program, *words = shlex.split(line)
                assert program == "mp"
                assert main(words) == 0, line
        case kind:
            raise AssertionError(f"a block of kind {kind!r} needs a language, or a reason")


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("page", WITH_BLOCKS, ids=name_of)
def test_its_blocks_run(page: Path, project: Running, shell: Shell, demo: Any) -> None:
    names = given(page.name, project, demo)
    shell.run("%load_ext mpnb\n%mp demo")
    opened = set()
    for block in blocks(page):
        if not block.why:
            runs(block, shell, names)
            opened |= {ws for ws in names.values() if isinstance(ws, mpnb.Workspace)}
    for ws in opened - {demo}:
        ws.close()


def test_pages_that_are_only_read_are_there() -> None:
    assert ONLY_READ.keys() <= {page.name for page in PAGES}
