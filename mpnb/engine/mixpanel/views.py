"""Which data view stands for a project when none is pinned.

Enters: a way to ask. Leaves: the id of the view that Mixpanel's own pages would open. The surprise:
an account that may not list a project's views may still see them in the index of its projects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mpnb.engine.mixpanel.transport import Call
from mpnb.errors import APIError, WorkspaceScopeError

TOLERATED = (403, 404)

Ask = Callable[[Call], Any]


def own_view(ask: Ask, project_id: str) -> int:
    """The project's own data view: the global one, else the default, else the first visible.

    Raises:
        WorkspaceScopeError: the account sees none.
    """
    listed = _inside(_asked(ask, Call("GET", "app", f"/projects/{project_id}/workspaces/public")))
    found = pick(listed if isinstance(listed, list) else [])
    if found is None:
        index = _inside(_asked(ask, Call("GET", "app", "/projects/metadata/index")))
        project = index.get(project_id) if isinstance(index, Mapping) else None
        views = project.get("workspaces") if isinstance(project, Mapping) else None
        found = pick(list(views.values()) if isinstance(views, Mapping) else [])
    if found is None:
        raise WorkspaceScopeError(
            f"Project {project_id} shows no data view to this account: ask for access to one.",
            code="NO_WORKSPACES",
        )
    return found


def pick(views: Sequence[Any]) -> int | None:
    """The view that stands for a project, of those that are listed."""
    listed = [view for view in views if isinstance(view, Mapping) and "id" in view]
    order: tuple[Callable[[Mapping[str, Any]], bool], ...] = (
        lambda view: view.get("is_global") is True,
        lambda view: view.get("name") == "All Project Data",
        lambda view: view.get("is_default") is True,
        lambda view: view.get("is_visible") is not False,
        lambda view: True,
    )
    return next((int(view["id"]) for rule in order for view in listed if rule(view)), None)


def _asked(ask: Ask, call: Call) -> Any:
    try:
        return ask(call)
    except APIError as problem:
        if problem.status_code not in TOLERATED:
            raise
        return None


def _inside(body: Any) -> Any:
    return body.get("results", body) if isinstance(body, Mapping) else body
