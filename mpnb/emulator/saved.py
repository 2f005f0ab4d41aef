"""Saved reports, answered at the address of their kind, in the shape that address has.

Enters: the id of a report in the emulator's own list. Leaves: the answer to its question. The
surprise: the older addresses of funnels and retention know no series: funnels are answered a date
at a time, each with its steps, retention as one row of counts per date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from mpnb import params as params_json
from mpnb.emulator import queries
from mpnb.emulator.entities import Entities
from mpnb.emulator.export import day
from mpnb.emulator.messages import Refusal, Request
from mpnb.emulator.project import Project
from mpnb.query.window import TimeRange

MOST_DATES = 366


class SavedReports:
    """Answers reports of the embedded entity store."""

    def __init__(self, project: Project, entities: Entities) -> None:
        self._project, self._entities = project, entities

    def insights(self, request: Request) -> Any:
        """GET /insights."""
        params, _ = self._params(request, "bookmark_id", "insights")
        return queries.asked(self._project, "insights", params)

    def flows(self, request: Request) -> Any:
        """GET /arb_funnels."""
        params, _ = self._params(request, "bookmark_id", "flows")
        return queries.flow(self._project, params, request.get("query_type", "flows_sankey"))

    def retention(self, request: Request) -> Any:
        """GET /retention: a saved report, or the older question when no report is named."""
        if request.get("bookmark_id") is None:
            return queries.retention(self._project, request)
        params, _ = self._params(request, "bookmark_id", "retention")
        raw = queries.asked(self._project, "retention", params)
        curve: Mapping[str, Any] = next(iter(raw["series"].values()), {})
        overall = curve.get("$overall", curve)
        return {
            when[:10]: {"counts": row["counts"], "first": row["first"]}
            for when, row in overall.items()
            if not when.startswith("$")
        }

    def funnel_list(self, request: Request) -> Any:
        """GET /funnels/list."""
        return [
            {"funnel_id": row["id"], "name": row["name"]}
            for row in self._entities.rows("bookmarks")
            if row["type"] == "funnels"
        ]

    def funnel(self, request: Request) -> Any:
        """GET /funnels: the steps of each date."""
        params, _ = self._params(request, "funnel_id", "funnels")
        if request.get("on"):
            raise Refusal(400, "A saved funnel is answered here without `on`: break it down in it.")
        question = params_json.read(params, "funnel")
        starts = _starts(request)
        data = {}
        for first, last in starts:
            window = TimeRange(from_date=first.isoformat(), to_date=last.isoformat())
            asked = params_json.build(replace(question, range=window, group_by=()))  # type: ignore[call-arg]  # funnels have both
            raw = queries.asked(self._project, "funnel", asked)
            data[first.isoformat()] = _date(next(iter(raw["series"].values()), {}))
        return {
            "meta": {"dates": list(data)},
            "data": data,
            "computed_at": self._project.now().isoformat(),
        }

    def _params(self, request: Request, name: str, kind: str) -> tuple[dict[str, Any], Any]:
        number = request.need(name)
        row = self._entities.find("bookmarks", str(number))
        if row is None or row["type"] != kind:
            raise Refusal(404, f"There is no {kind} report {number} in this project.")
        return row["params"], row


def _starts(request: Request) -> list[tuple[date, date]]:
    """The dates of the range, each with its last day."""
    first, last = day(request, "from_date"), day(request, "to_date")
    widths = {"day": 1, "week": 7, "month": 30}
    unit = request.get("unit") or "day"
    if unit not in widths:
        raise Refusal(400, f"unit is {unit!r}; it is one of {', '.join(widths)}.")
    step = timedelta(days=request.number("interval") or widths[unit])
    found: list[tuple[date, date]] = []
    while first <= last and len(found) < MOST_DATES:
        found.append((first, min(first + step - timedelta(days=1), last)))
        first += step
    return found


def _date(series: Mapping[str, Any]) -> dict[str, Any]:
    """One date of a funnel, from the blocks of measures of the engine's answer."""
    counts = {step: segments.get("all") for step, segments in series.get("count", {}).items()}
    steps = []
    for step, count in counts.items():
        name = step.partition(". ")[2]
        row = {"event": name, "goal": name, "count": count}
        for key in ("step_conv_ratio", "overall_conv_ratio", "avg_time", "avg_time_from_start"):
            row[key] = series.get(key, {}).get(step, {}).get("all")
        steps.append(row)
    done = [step["count"] or 0 for step in steps] or [0]
    drops = [before - after for before, after in pairwise(done)]
    worst = drops.index(max(drops)) + 1 if drops else 0
    analysis = {"completion": done[-1], "starting_amount": done[0], "steps": len(steps)}
    return {"steps": steps, "analysis": {**analysis, "worst": worst}}
