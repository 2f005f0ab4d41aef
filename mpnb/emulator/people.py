"""The engage endpoints: profiles in pages, and one number over them.

Enters: a request. Leaves: a page, or an aggregate. The surprise: the first page starts a session
that holds who was found, and later pages are cut from it, so imports in between change nothing.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mpnb.emulator.messages import Refusal, Request
from mpnb.emulator.project import Project

PAGE_SIZE = 1000
SESSIONS = 8
"""Readings that are held at once; the oldest goes first."""

PARAMS = (
    "where",
    "filter_by_cohort",
    "include_all_users",
    "output_properties",
    "sort_key",
    "sort_order",
    "search",
    "distinct_id",
    "distinct_ids",
    "data_group_id",
    "as_of_timestamp",
)
"""What chooses profiles."""


@dataclass(frozen=True)
class Found:
    """Who was found: how many, and the records of those who can be asked for."""

    total: int
    rows: list[Any]


class People:
    """Answers engage requests for a project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._sessions: OrderedDict[str, Found] = OrderedDict()
        self._lock = threading.Lock()

    def page(self, request: Request) -> Any:
        """POST /engage: a page of profiles."""
        number = request.number("page", 0) or 0
        session = request.get("session_id")
        if session is None:
            if number:
                raise Refusal(400, "A page after the first needs the session_id of the first.")
            session = self._started(request)
        with self._lock:
            found = self._sessions.get(str(session))
        if found is None:
            raise Refusal(400, f"There is no session {session!r}, or it has ended: start again.")
        return {
            "page": number,
            "page_size": PAGE_SIZE,
            "session_id": session,
            "status": "ok",
            "total": found.total,
            "computed_at": self._project.now().isoformat(),
            "results": found.rows[number * PAGE_SIZE : (number + 1) * PAGE_SIZE],
        }

    def stats(self, request: Request) -> Any:
        """POST /engage/stats: an aggregate."""
        params = _params(request)
        if request.get("selector"):
            params["where"] = request.get("selector")
        params["action"] = request.get("action") or "count()"
        if request.get("segment_by_cohorts") is not None:
            params["segment_by_cohorts"] = request.get("segment_by_cohorts")
        with self._project.engine() as engine:
            return engine.run("users", params)

    def _started(self, request: Request) -> str:
        """Find the profiles and keep them under a name made of the question and the data."""
        found = self._found(request)
        chosen = [_params(request), request.get("behaviors"), request.number("limit")]
        asked = json.dumps(chosen, sort_keys=True)
        version = self._project.store().version
        name = hashlib.sha256(f"{version}:{asked}".encode()).hexdigest()[:24]
        with self._lock:
            self._sessions[name] = found
            self._sessions.move_to_end(name)
            while len(self._sessions) > SESSIONS:
                self._sessions.popitem(last=False)
        return name

    def _found(self, request: Request) -> Found:
        limit = request.number("limit")
        with self._project.engine() as engine:
            if request.get("behaviors"):
                rows = list(engine.call("stream_profiles", _arguments(request)))
                return Found(len(rows), rows[:limit])
            raw = engine.run("users", _params(request), limit=limit)
            return Found(raw["total"], raw["results"])


def _params(request: Request) -> dict[str, Any]:
    """The engage params of a request, as the engine reads them."""
    found = {name: request.get(name) for name in PARAMS}
    kept = {name: value for name, value in found.items() if value not in (None, "")}
    for name in ("filter_by_cohort", "output_properties", "distinct_ids"):
        if name in kept and not isinstance(kept[name], str):
            kept[name] = json.dumps(kept[name])
    if "filter_by_cohort" in kept:
        kept["filter_by_cohort"] = _numbered(kept["filter_by_cohort"])
    if "as_of_timestamp" in kept:
        kept["as_of_timestamp"] = request.number("as_of_timestamp")
    if isinstance(kept.get("include_all_users"), str):
        kept["include_all_users"] = kept["include_all_users"].lower() in ("true", "1")
    return kept


def _numbered(cohort: str) -> str:
    """A cohort whose id came as text, which Mixpanel takes too."""
    try:
        named = json.loads(cohort)
    except ValueError:
        raise Refusal(400, "The parameter filter_by_cohort must be JSON.") from None
    if isinstance(named, dict) and str(named.get("id", "")).isdigit():
        named["id"] = int(named["id"])
    return json.dumps(named)


def _arguments(request: Request) -> Mapping[str, Any]:
    """The same as arguments of `Workspace.stream_profiles`, which knows behaviors."""
    cohort = request.parsed("filter_by_cohort")
    return {
        "where": request.get("where") or None,
        "cohort_id": cohort.get("id") if isinstance(cohort, dict) else cohort,
        "output_properties": request.parsed("output_properties"),
        "distinct_id": request.get("distinct_id"),
        "distinct_ids": request.parsed("distinct_ids"),
        "group_id": request.get("data_group_id"),
        "behaviors": request.parsed("behaviors"),
        "as_of_timestamp": request.number("as_of_timestamp"),
        "include_all_users": request.parsed("include_all_users", False),
    }
