"""A report that a widget saves or a cell deletes stands in the sidebar without a request or a cell."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import mpnb
from mpnb import text
from mpnb.magic.notebook import Notebook
from mpnb.magic.sidebar import Sidebar
from mpnb.widget.builder import Builder
from mpnb.widget.card import card
from tests.magic.test_sidebar import Comm
from tests.widget.conftest import Sent

ASKED = '"Buy"\nfrom 2025-01-01 to 2025-01-31'


@pytest.fixture
def line(remote: mpnb.Workspace) -> Comm:
    """A page's line to the kernel of a notebook that uses the project."""
    notebook = Notebook(InteractiveShell())
    notebook.use(remote)
    comm, sidebar = Comm(), Sidebar(notebook)
    sidebar.opened(comm, {})
    comm.sidebar = sidebar  # type: ignore[attr-defined]  # followers are held weakly
    return comm


def labels(comm: Comm) -> list[str]:
    return [row["label"] for row in comm.sent[-1]["put"]]


def test_what_widgets_save_is_told(
    line: Comm, remote: mpnb.Workspace, page: Any, sent: Sent
) -> None:
    question = text.parse(ASKED, "insights")
    built = page(Builder(remote, question))
    first = built.ask("save", name="From a builder")
    assert labels(line) == ["From a builder"]
    again = built.ask("save", name="From a builder", description="Better")
    assert again["id"] == first["id"]
    assert line.sent[-1]["put"][0]["text"] == f"%mp open {first['id']}"
    page(card(remote.ask(question), remote)).ask("save", name="From a card")
    assert labels(line) == ["From a card"]
    listed = [path for path in sent if path.endswith("/bookmarks")]
    told = line.ask("list", group="reports", paid=True)["value"]["rows"]
    assert line.sent[-2]["put"][0] in told
    assert len([path for path in sent if path.endswith("/bookmarks")]) == len(listed) + 1


def test_what_a_cell_deletes_is_told(line: Comm, remote: mpnb.Workspace) -> None:
    kept = [remote.save(text.parse(ASKED, "insights"), name) for name in ("One", "Two", "Three")]
    remote.delete_bookmark(kept[0].id, confirm=True)
    assert line.sent[-1]["gone"] == [f"%mp open {kept[0].id}"]
    remote.bulk_delete_bookmarks([kept[1].id, kept[2].id], confirm=True)
    assert line.sent[-1]["gone"] == [f"%mp open {one.id}" for one in kept[1:]]
    assert line.ask("list", group="reports", paid=True)["value"]["rows"] == []
