"""What a notebook with answers and cards saves: small, without scripts, the same every time."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

BEGIN = "%load_ext mpnb\n%mp demo"
QUESTIONS = [
    ("insights", '"Purchase"\nby country\nlast 90 days'),
    ("insights", 'unique "Open App"\nby platform\nlast 60 days'),
    ("insights", '"Purchase", "Sign Up"\nlast 30 days'),
    ("insights", '"Purchase"\nby country, platform\nshow total'),
    ("funnel", '"Sign Up" -> "View Item" -> "Purchase"'),
    ("funnel", '"Sign Up" -> "Purchase"\nby country'),
    ("retention", '"Sign Up" -> "Open App"\nlast 90 days'),
    ("retention", '"Sign Up" -> "Purchase"\nby platform'),
    ("flow", '"Sign Up"'),
    ("users", "profiles\nlimit 20"),
]
MOST_BYTES = 500_000


def _ran(folder: Path, options: str) -> nbformat.NotebookNode:
    book = nbformat.v4.new_notebook()
    cells = [BEGIN, *(f"%%mpquery {kind} {options}\n{body}" for kind, body in QUESTIONS)]
    for at, source in enumerate(cells):
        cell = nbformat.v4.new_code_cell(source)
        cell.id = f"c{at}"
        cell.metadata = {}
        book.cells.append(cell)
    client = NotebookClient(book, timeout=120, kernel_name="python3", record_timing=False)
    client.execute(cwd=str(folder))
    return book


def _bytes(book: nbformat.NotebookNode) -> list[str]:
    """The outputs, and the states of widgets, without the ids that a run makes up."""
    held = book.metadata.get("widgets", {})
    states = [state for kind in held.values() for state in kind["state"].values()]
    texts = [json.dumps(one, sort_keys=True) for one in (*book.cells, *states)]
    texts = [re.sub(r"\b(IPY_MODEL_)?[0-9a-f]{32}\b", "id", text) for text in texts]
    return [*texts[: len(book.cells)], *sorted(texts[len(book.cells) :])]


@pytest.fixture(scope="module")
def plain(demo: Any, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return [_ran(tmp_path_factory.mktemp("plain"), "") for _ in range(2)]


@pytest.fixture(scope="module")
def cards(demo: Any, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return [_ran(tmp_path_factory.mktemp("cards"), "--card") for _ in range(2)]


@pytest.mark.parametrize("which", ["plain", "cards"])
def test_ten_answers_are_small_and_hold_no_script(which: str, request: Any) -> None:
    book = request.getfixturevalue(which)[0]
    assert len(nbformat.writes(book)) < MOST_BYTES
    outputs = json.dumps([cell.outputs for cell in book.cells])
    assert "<script" not in outputs
    assert "onclick" not in outputs
    assert all(out.output_type != "error" for cell in book.cells for out in cell.outputs)


@pytest.mark.parametrize("which", ["plain", "cards"])
def test_two_runs_save_the_same_bytes(which: str, request: Any) -> None:
    first, second = request.getfixturevalue(which)
    if which == "plain":
        assert nbformat.writes(first) == nbformat.writes(second)
    assert _bytes(first) == _bytes(second)


def test_a_card_saves_its_query_and_nothing_else(cards: list[Any]) -> None:
    found = cards[0].metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    states = [one["state"] for one in found.values() if one["state"].get("part") == "card"]
    assert len(states) == len(QUESTIONS)
    own = {key for state in states for key in state if not key.startswith("_")}
    assert own <= {"layout", "tabbable", "tooltip", "text", "part"}
    assert {"%%mpquery users\nprofiles\nlimit 20"} & {state["text"] for state in states}
    assert all(len(state["_esm"]) < 2_500 for state in states)


def test_an_export_shows_the_static_twin_of_each_card(cards: list[Any]) -> None:
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(cards[0])
    assert page.count("mpnb-twin") == len(QUESTIONS)
    assert page.count("<svg") >= len(QUESTIONS) - 1
    assert "reached Purchase within" in page
    assert "demo shop" in page


def test_an_exported_builder_keeps_the_lines_of_its_cell(demo: Any) -> None:
    twin = demo.build("funnel").twin()
    assert "<pre>%%mpquery funnel\n" in twin
    assert "&quot;" in twin
