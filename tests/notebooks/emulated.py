"""The gallery against the emulator: ``python -m tests.notebooks --engine emulator``.

Each notebook is run twice: as it stands, and with its `%mp demo` replaced by a workspace that asks an
emulator over the same shop. Figures and texts must be the same, byte by byte, but for the cell that
says what is in use. Cells that list names or keep a report of profiles are left out: the magics do
not list those of a project, and Mixpanel keeps no such reports.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from mpnb import emulator
from mpnb.emulator import Running
from tests.notebooks.__main__ import FOLDER, forget_reports
from tests.notebooks.__main__ import run as run_as_it_stands

DEMO = re.compile(r"^%mp demo$", re.MULTILINE)
CONNECT = """\
import os as _os
from mpnb import Workspace as _Workspace
from mpnb.account import ServiceAccount as _Account
from mpnb.session import Project as _Project, Session as _Session
_account = _Account(name="emulator", username="u", secret=_os.environ["MPNB_TOKEN"], region="us")
emulated = _Workspace(session=_Session(account=_account, project=_Project(id="{project}")))
%mp use emulated"""

LOCAL = re.compile(r"^%mp (save|reports|open|events|props|values)\b", re.MULTILINE)
"""Cells that are not run against the emulator."""
SHOWS = ("application/vnd.plotly.v1+json", "text/plain")


def run(path: Path, running: Running) -> Any:
    """The notebook after a run that asks the emulator."""
    book = nbformat.read(path, as_version=4)
    connect = CONNECT.format(project=running.identity.project_id)
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            if LOCAL.search(cell.source):
                cell.source = ""
            cell.source = DEMO.sub(lambda _: connect, cell.source)
    os.environ |= {"MP_API_BASE_URL": running.url, "MPNB_TOKEN": running.token}
    resources = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(book, timeout=600, kernel_name="python3", resources=resources).execute()
    return book


def numbers(cell: Any) -> list[str]:
    """What a cell shows as figure and as text."""
    shown = [output.get("data", {"text/plain": output.get("text")}) for output in cell.outputs]
    return [
        json.dumps(data[form], sort_keys=True) for data in shown for form in SHOWS if form in data
    ]


def differences(path: Path, running: Running) -> list[str]:
    """The cells that show other numbers than the local engine does."""
    local, remote = run_as_it_stands(path), run(path, running)
    found = []
    for old, new in zip(local.cells, remote.cells, strict=True):
        if old.cell_type != "code" or DEMO.search(old.source) or LOCAL.search(old.source):
            continue
        before, after = numbers(old), numbers(new)
        if before != after:
            found.append(f"{old.source}\n  local: {before}\n  emulator: {after}")
    return found


def check(paths: list[Path], home: Path) -> int:
    """Run notebooks against an emulator; the number of those that show other numbers."""
    failed = 0
    for path in paths:
        forget_reports(home)
        # One emulator each: the client counts what it asks of a server within an hour.
        with emulator.serve("demo", limits=False) as running:
            found = differences(path, running)
        for difference in found:
            print(f"{path.name}: {difference}")
        print(f"{path.name}: {'FAILED' if found else 'the same numbers'}", flush=True)
        failed += bool(found)
    return failed
