"""What JupyterLab's sidebar shows: names, reports and cohorts of the workspace in use.

Enters: messages over one comm, ``{"do", "seq", "args"}``. Leaves: rows ``{"label", "text",
"note"}``, where ``text`` is what a click inserts; and by itself ``{"changed", …}`` when reports
were saved or deleted here. The surprise: a project of Mixpanel is asked only when a person presses
the button that says how many requests it costs; no token ever leaves here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mpnb.entity import changes
from mpnb.errors import MixpanelHeadlessError
from mpnb.magic.notebook import Notebook
from mpnb.text.value import name, string

TARGET = "mpnb.browser"
"""The name of the comm; the extension opens one where a notebook loads mpnb."""

Row = dict[str, Any]


class Sidebar:
    """Answers the sidebar of one kernel."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._comms: list[Any] = []

    def opened(self, comm: Any, message: Any) -> None:
        """Take a line that a page has opened."""
        comm.on_msg(lambda said: comm.send(self.answer(said["content"]["data"])))
        comm.on_close(lambda _: self._comms.remove(comm))
        self._comms.append(comm)
        changes.follow(self)

    def close(self) -> None:
        """Hang up: the extension is unloaded."""
        changes.leave(self)
        for comm in self._comms:
            comm.close()
        self._comms.clear()

    def reports_changed(self, change: changes.ReportsChanged) -> None:
        """Tell the pages which rows are new and which are gone; no request is needed for that."""
        try:
            same = _key(self._notebook.workspace) == _key(change.workspace)
        except MixpanelHeadlessError:
            return  # nothing is in use, or it is in use no longer
        if not same:
            return
        said: dict[str, Any] = {"changed": "reports"}
        if change.is_whole:
            said["put"] = [_report(one) for one in change.put]
            said["gone"] = [_opens(one) for one in change.gone]
        for comm in list(self._comms):
            comm.send(said)

    def answer(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one message; an error is an answer too."""
        methods: dict[str, Callable[..., Any]] = {"status": self.status, "list": self.list}
        work = methods.get(str(asked.get("do")))
        try:
            if work is None:
                raise LookupError(f"The sidebar does nothing called {asked.get('do')!r}.")
            return {"answer": asked.get("seq"), "value": work(**asked.get("args", {}))}
        except Exception as problem:  # the page has to know, whatever it is
            kind = (
                "" if isinstance(problem, MixpanelHeadlessError) else f"{type(problem).__name__}: "
            )
            return {"answer": asked.get("seq"), "failed": {"message": f"{kind}{problem}"}}

    def status(self) -> dict[str, Any]:
        """One line: who is asked, by which account, and what is left of the budget.

        ``key`` changes with what is asked, not with the budget: what was read stays true with it.
        ``counts`` says whether there is a budget, which answers of widgets may change too.
        """
        workspace = self._notebook.workspace
        key = _key(workspace)
        left = "" if workspace.is_local else f" · requests left: {_left(workspace)}"
        return {"line": key + left, "key": key, "counts": bool(left)}

    def list(self, group: str, paid: bool = False) -> dict[str, Any]:
        """The rows of a group.

        Args:
            group: ``events``, ``properties``, ``reports`` or ``cohorts``.
            paid: whether requests to Mixpanel may be sent for it.

        Returns:
            ``rows``; and ``cost``, the requests that reading them would take, where none were read.
        """
        workspace = self._notebook.workspace
        if not workspace.is_local and not paid:
            return {"rows": [], "cost": COSTS[group]}
        return {"rows": GROUPS[group](workspace)}


def _key(workspace: Any) -> str:
    """Whose data are asked, and by which account."""
    by = "local engine" if workspace.is_local else workspace.account.name
    return f"{workspace.engine.source} · {by}"


def _left(workspace: Any) -> str:
    return str(workspace.budget.rows()[0][1])


def _events(workspace: Any) -> list[Row]:
    schema = workspace.schema
    if workspace.is_local and schema is not None:
        return [
            {"label": one.name, "text": string(one.name), "note": f"{one.count:,}"}
            for one in schema.event_counts()
        ]
    return [{"label": one, "text": string(one)} for one in workspace.events()]


def _properties(workspace: Any) -> list[Row]:
    graph = workspace.engine.call(
        "schema_graph", {"include_density": False, "include_user_properties": True}
    )
    rows = [
        {"label": row["name"], "text": name(row["name"]), "note": str(row.get("type") or "")}
        for row in graph["properties"]
    ]
    people = [
        {
            "label": f"user.{row['name']}",
            "text": f"user.{name(row['name'])}",
            "note": str(row.get("type") or ""),
        }
        for row in graph["user_properties"]
    ]
    return rows + people


def _reports(workspace: Any) -> list[Row]:
    return [_report(one) for one in workspace.list_bookmarks_v2()]


def _report(report: Any) -> Row:
    return {
        "label": report.name,
        "text": _opens(report.id),
        "note": str(report.bookmark_type),
        "title": "Insert a cell that opens this report",
    }


def _opens(report_id: int) -> str:
    return f"%mp open {report_id}"


def _cohorts(workspace: Any) -> list[Row]:
    return [
        {"label": one.name, "text": f"cohort {one.id}", "note": f"{one.count:,}"}
        for one in workspace.cohorts()
    ]


GROUPS: dict[str, Callable[[Any], list[Row]]] = {
    "events": _events,
    "properties": _properties,
    "reports": _reports,
    "cohorts": _cohorts,
}
COSTS = {"events": 1, "properties": 3, "reports": 1, "cohorts": 1}
"""Requests per group over a project of Mixpanel."""


def listen(shell: Any, sidebar: Sidebar) -> Callable[[], None]:
    """Let pages open lines to the sidebar; call what it returns to stop.

    A shell without a kernel (a terminal) has no pages and nothing to listen to.
    """
    manager = getattr(getattr(shell, "kernel", None), "comm_manager", None)
    if manager is None:
        return sidebar.close
    manager.register_target(TARGET, sidebar.opened)

    def stop() -> None:
        sidebar.close()
        manager.unregister_target(TARGET, sidebar.opened)

    return stop
