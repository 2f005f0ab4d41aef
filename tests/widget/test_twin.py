"""The builder's static twin: the question, and its chart, sentence and table once they are there."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

import mpnb as mp
from mpnb import text
from mpnb.chart import registry
from mpnb.errors import QueryError
from mpnb.widget import base
from mpnb.widget.builder import Builder, build

KINDS = ("insights", "funnel", "retention", "flow", "users")
MOST_BYTES = 500_000
SMALL_BYTES = 300_000
"""Of ten builders with their charts: well under what a notebook may have."""

Published = list[tuple[dict[str, str], dict[str, Any]]]


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Published:
    """What a notebook is given to show, and how."""
    found: Published = []
    monkeypatch.setattr(
        base, "publish_display_data", lambda data, *_, **how: found.append((data, how))
    )
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_where_nobody_is_there_the_twin_has_the_answer(
    demo: mp.Workspace, published: Published, kind: Any
) -> None:
    built = Builder(demo, kind)
    built._ipython_display_()
    ((data, how),) = published
    assert not how.get("update")
    twin = data["text/html"]
    assert f"%%mpquery {kind}" in twin
    assert "<svg" in twin or kind == "users"
    assert "<table" in twin or kind == "users"
    assert registry.build(built.result).summary in data["text/plain"]
    assert "demo shop" in twin
    assert "<script" not in twin


def test_where_a_page_asks_the_twin_follows_each_answer(
    demo: mp.Workspace, published: Published, page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mpnb.widget.builder.somebody_is_there", lambda: True)
    built = Builder(demo, text.parse('"Purchase"', "insights"))
    built._ipython_display_()
    ((first, how),) = published
    assert "<svg" not in first["text/html"]
    assert "%%mpquery insights" in first["text/html"]
    place = how["transient"]["display_id"]
    shown = page(built)
    shown.ask("begin")
    _until(lambda: len(published) == 2)
    second, how = published[1]
    assert (how["update"], how["transient"]) == (True, {"display_id": place})
    assert "<svg" in second["text/html"]
    shown.ask("edit", edit="write", source='%%mpquery insights\n"Sign Up"')
    _until(lambda: len(published) == 3)
    third = published[2][0]
    assert "Sign Up" in third["text/html"]
    assert "Purchase" not in third["text/html"]


def test_an_unfinished_edit_keeps_the_last_right_question_and_its_chart(
    demo: mp.Workspace, published: Published, page: Any
) -> None:
    built = Builder(demo, text.parse('"Purchase"', "insights"))
    built._ipython_display_()
    page(built).ask("edit", edit="add", path=["group_by"], key="GroupBy")
    assert len(published) == 1
    assert "<svg" in built.twin()


def test_a_project_is_not_asked_for_a_twin(
    remote: mp.Workspace, published: Published, page: Any, sent: list[str]
) -> None:
    built = build(remote, text.parse('"Buy"\nfrom 2025-01-01 to 2025-01-31', "insights"))
    built._ipython_display_()
    assert sent == []
    assert "<svg" not in published[0][0]["text/html"]
    shown = page(built)
    shown.ask("run")
    _until(lambda: len(published) == 2)
    assert "<svg" in published[1][0]["text/html"]
    shown.ask("edit", edit="change", path=["unit"], value="week")
    _until(lambda: len(published) == 3)  # the chart was of another question
    assert "<svg" not in published[2][0]["text/html"]
    assert "per week" in published[2][0]["text/html"]


def test_an_error_stands_in_place_of_the_chart(
    demo: mp.Workspace, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise QueryError("The <engine> is out of order.")

    monkeypatch.setattr(demo, "ask", broken, raising=False)
    built = Builder(demo, "insights")
    built._ipython_display_()
    twin = published[0][0]["text/html"]
    assert "No answer: The &lt;engine&gt; is out of order." in twin
    assert "<svg" not in twin


def test_a_terminal_prints_it_once(
    demo: mp.Workspace, published: Published, monkeypatch: pytest.MonkeyPatch, page: Any
) -> None:
    monkeypatch.setattr(base, "get_ipython", lambda: SimpleNamespace())
    built = Builder(demo, "insights")
    built._ipython_display_()
    assert len(published) == 1
    shown = page(built)
    shown.ask("edit", edit="write", source='%%mpquery insights\n"Sign Up"')
    _until(lambda: [view for view in shown.views() if "chart" in view])
    time.sleep(0.2)
    assert len(published) == 1


@pytest.fixture(scope="module")
def book(demo: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A notebook with ten builders, run as nbconvert runs it."""
    cells = ["%load_ext mpnb\n%mp demo", *(f"%mp build {kind}" for kind in KINDS * 2)]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    client = NotebookClient(made, timeout=120, kernel_name="python3", record_timing=False)
    client.execute(cwd=str(tmp_path_factory.mktemp("builders")))
    return made


def test_ten_builders_with_their_charts_are_small(book: Any) -> None:
    outputs = json.dumps([cell.outputs for cell in book.cells])
    assert outputs.count("<svg") >= 8
    assert "<script" not in outputs
    assert len(nbformat.writes(book)) < SMALL_BYTES < MOST_BYTES


def test_an_export_shows_the_charts_of_builders(book: Any, tmp_path: Path) -> None:
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(book)
    assert page.count("mpnb-twin") == 10
    assert page.count("<svg") >= 8
    assert page.count("<figcaption>") >= 8


def _until(true: Any) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
