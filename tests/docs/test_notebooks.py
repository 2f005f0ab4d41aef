"""What the notebooks' text says in passing is right: clauses, magics, links."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mpnb import text
from mpnb.errors import MixpanelHeadlessError
from mpnb.magic.commands import COMMANDS
from mpnb.query.words import Kind
from tests.docs.pages import ROOT

SMALLEST: dict[Kind, str] = {
    "insights": '"A"',
    "funnel": '"A" -> "B"',
    "retention": '"A" -> "B"',
    "flow": '"A"',
    "users": "profiles",
}
WORDS = {word for clause in text.CLAUSES for word in clause.words}
NO_CLAUSE = {"per user": "a part of a metric"}
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def prose(path: Path) -> str:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


def is_read(clause: str, kind: Kind) -> bool:
    try:
        text.parse(f"{SMALLEST[kind]}\n{clause}", kind)
    except MixpanelHeadlessError:
        return False
    return True


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_text_is_right(path: Path) -> None:
    said = [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose(path))]
    clauses = [code for code in said if " " in code and code.split()[0] in WORDS]
    assert [
        clause
        for clause in clauses
        if clause not in NO_CLAUSE and not any(is_read(clause, kind) for kind in SMALLEST)
    ] == []
    assert {code.split()[1] for code in said if code.startswith("%mp ")} <= COMMANDS.keys()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_links_stay_among_the_notebooks(path: Path) -> None:
    """`mpnb demo` copies the notebooks, and nothing else."""
    links = re.findall(r"\]\(([^)]+)\)", prose(path))
    assert {link for link in links if not (path.parent / link).is_file()} == set()
    assert {link for link in links if "/" in link} == set()
