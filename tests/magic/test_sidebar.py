"""The sidebar's answers: rows to insert, costs over a project, errors that are answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import mpnb as mp
from mpnb import text
from mpnb.entity import changes
from mpnb.entity.bookmark import BulkUpdateBookmarkEntry, UpdateBookmarkParams
from mpnb.magic.notebook import Notebook
from mpnb.magic.sidebar import COSTS, GROUPS, TARGET, Sidebar, listen
from mpnb.query.insights import insights

ROWS = [
    {
        "event": 'Say "hi" <b>',
        "properties": {"time": 1_735_689_600, "distinct_id": "u", "order": 1, "a b": "x"},
    }
]


class Comm:
    """One line of a page to the kernel."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.closed = False

    def on_msg(self, take: Any) -> None:
        self.take = take

    def on_close(self, take: Any) -> None:
        self.gone = take

    def send(self, data: Any) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self.closed = True

    def ask(self, name: str, **args: Any) -> Any:
        self.take({"content": {"data": {"do": name, "seq": len(self.sent), "args": args}}})
        return self.sent[-1]


@pytest.fixture
def sidebar() -> Sidebar:
    notebook = Notebook(InteractiveShell())
    people = [{"$distinct_id": "u", "$properties": {"plan": "pro"}}]
    workspace = mp.local(ROWS, profiles=people, now="2025-01-02T00:00:00+00:00")
    workspace.save(insights("A"), "A report")
    notebook.use(workspace)
    return Sidebar(notebook)


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_has_rows_to_insert(sidebar: Sidebar, group: str) -> None:
    rows = sidebar.list(group)["rows"]
    assert all(row["label"] and row["text"] for row in rows)
    assert bool(rows) == (group != "cohorts")


def test_what_is_inserted_is_cell_text(sidebar: Sidebar) -> None:
    event = sidebar.list("events")["rows"][0]["text"]
    props = [row["text"] for row in sidebar.list("properties")["rows"]]
    assert props[-2:] == ["user.$mp_first_event_time", "user.plan"] or "user.plan" in props
    question = text.parse(f"{event}\nby {', '.join(props)}")
    assert text.parse(question.to_text()) == question


def test_a_page_is_answered_and_hung_up_on(sidebar: Sidebar) -> None:
    comm = Comm()
    sidebar.opened(comm, {})
    assert comm.ask("status")["value"]["line"].endswith("local engine")
    assert comm.ask("status")["value"]["counts"] is False
    assert "nothing called 'zzz'" in comm.ask("zzz")["failed"]["message"]
    assert "KeyError" in comm.ask("list", group="zzz")["failed"]["message"]
    sidebar.close()
    assert comm.closed


def test_before_data_is_chosen_the_sidebar_says_how(sidebar: Sidebar) -> None:
    empty = Sidebar(Notebook(InteractiveShell()))
    assert "%mp demo" in empty.answer({"do": "status", "seq": 1})["failed"]["message"]


def test_a_project_is_asked_only_when_somebody_pays() -> None:
    class Project:
        is_local = False

        def cohorts(self) -> list[Any]:
            return [SimpleNamespace(name="Big", id=7, count=1200)]

    paying = Sidebar(SimpleNamespace(workspace=Project()))  # type: ignore[arg-type]  # a stand-in
    assert paying.list("cohorts") == {"rows": [], "cost": COSTS["cohorts"]}
    assert paying.list("cohorts", paid=True)["rows"] == [
        {"label": "Big", "text": "cohort 7", "note": "1,200"}
    ]


def test_the_status_names_project_account_and_budget() -> None:
    class Project:
        is_local = False
        engine = SimpleNamespace(source="Mixpanel project 7")
        account = SimpleNamespace(name="team")
        left = 60

        @property
        def budget(self) -> Any:
            return SimpleNamespace(rows=lambda: [["query", f"{self.left} of 60 an hour"]])

    project = Project()
    said = Sidebar(SimpleNamespace(workspace=project)).status()  # type: ignore[arg-type]  # a stand-in
    assert said["line"] == "Mixpanel project 7 · team · requests left: 60 of 60 an hour"
    project.left = 59
    after = Sidebar(SimpleNamespace(workspace=project)).status()  # type: ignore[arg-type]  # a stand-in
    assert after["line"].endswith("requests left: 59 of 60 an hour")
    assert said["counts"] is True
    assert after["key"] == said["key"], "what was paid for stays while the same project is asked"


def test_the_target_is_registered_and_taken_back(sidebar: Sidebar) -> None:
    seen: list[tuple[str, str]] = []
    manager = SimpleNamespace(
        register_target=lambda name, _: seen.append(("on", name)),
        unregister_target=lambda name, _: seen.append(("off", name)),
    )
    stop = listen(SimpleNamespace(kernel=SimpleNamespace(comm_manager=manager)), sidebar)
    stop()
    assert seen == [("on", TARGET), ("off", TARGET)]
    listen(SimpleNamespace(), sidebar)()  # a terminal has no pages


def test_a_page_is_told_at_once_of_reports_that_change(sidebar: Sidebar) -> None:
    comm, workspace = Comm(), sidebar._notebook.workspace
    sidebar.opened(comm, {})
    kept = workspace.save(insights("A"), "New")
    (row,) = comm.sent[-1]["put"]
    assert comm.sent[-1] == {"changed": "reports", "put": [row], "gone": []}
    assert row in sidebar.list("reports")["rows"]
    again = workspace.save(insights("B"), "New")
    assert (again.id, comm.sent[-1]["put"]) == (kept.id, [row])
    workspace.update_bookmark(kept.id, UpdateBookmarkParams(name="Renamed"))
    assert comm.sent[-1]["put"][0]["label"] == "Renamed"
    workspace.bulk_update_bookmarks([BulkUpdateBookmarkEntry(id=kept.id, name="Again")])
    assert comm.sent[-1]["put"][0]["label"] == "Again"
    workspace.delete_bookmark(kept.id)
    assert comm.sent[-1] == {"changed": "reports", "put": [], "gone": [row["text"]]}
    count = len(comm.sent)
    comm.gone({})  # the page was closed
    workspace.save(insights("A"), "Later")
    assert len(comm.sent) == count


def test_reports_of_other_data_are_no_news(sidebar: Sidebar) -> None:
    other = SimpleNamespace(
        is_local=False,
        engine=SimpleNamespace(source="Mixpanel project 7"),
        account=SimpleNamespace(name="team"),
    )
    comm, idle = Comm(), Comm()
    sidebar.opened(comm, {})
    nothing = Sidebar(Notebook(InteractiveShell()))
    nothing.opened(idle, {})
    changes.tell(changes.ReportsChanged(other, gone=(7,)))
    assert comm.sent == idle.sent == []
    sidebar._notebook.workspace.save(insights("A"), "Here")
    assert (len(comm.sent), idle.sent) == (1, [])


def test_a_change_that_does_not_say_which_has_the_list_read_again(sidebar: Sidebar) -> None:
    comm = Comm()
    sidebar.opened(comm, {})
    changes.tell(changes.ReportsChanged(sidebar._notebook.workspace))
    assert comm.sent == [{"changed": "reports"}]
    sidebar.close()
    changes.tell(changes.ReportsChanged(sidebar._notebook.workspace))
    assert len(comm.sent) == 1
