"""Drill-down: a place in an answer becomes a new question with the same filters and ranges.

Enters: an answer with its question, and a place (a point, a step, a cell, an edge). Leaves: drills,
each a question with the number that it must find again. The surprise: where the vocabulary cannot
say a place exactly, the drill has no question but says why, since a near number would be wrong.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mpnb.query.breakdown import Breakdown
from mpnb.query.cohort import CohortCriteria, CohortDefinition
from mpnb.query.filter import Filter
from mpnb.query.flow import FlowQuery
from mpnb.query.funnel import FunnelQuery
from mpnb.query.insights import InsightsQuery
from mpnb.query.metric import Metric
from mpnb.query.operators import COHORTS
from mpnb.query.question import Question
from mpnb.query.retention import RetentionQuery
from mpnb.query.step import RetentionEvent
from mpnb.query.window import TimeRange
from mpnb.result import AnyResult
from mpnb.result.base import OVERALL
from mpnb.result.insights import leaves
from mpnb.widget import drill_flow, people
from mpnb.widget.drill_base import Drill, Place, attempt, named, split
from mpnb.widget.drill_words import CannotSayError, day, interval, segment, span

__all__ = ["Drill", "Place", "drills", "found"]

ACTIVE_USERS = ("dau", "wau", "mau")


def drills(result: AnyResult, place: Place, by: Breakdown | None = None) -> list[Drill]:
    """What a place of an answer leads to; `by` is what the new question is split by."""
    make = DRILLS.get(type(result.query))
    made = make(result, result.query, place, by) if make else []
    return [replace(one, place=place) for one in made]


def found(drill: Drill, answer: Any) -> float | None:
    """The number in a drill's answer that stands for the one clicked; None where there is none."""
    if answer.kind == "insights":
        named = [leaf for leaf in leaves(answer.series) if leaf.event == drill.place.metric]
        lines = named or list(leaves(answer.series))
        return sum(v or 0 for leaf in lines for v in leaf.points.values()) if lines else 0
    if answer.kind == "funnel":
        return _lost_here(answer, drill.place) if drill.place.step else None
    if answer.kind == "flow":
        return drill_flow.found(answer, drill.place) if drill.expects is not None else None
    if answer.kind == "retention":
        cohort = answer.cohorts.get(drill.place.date, {})
        counts, at = cohort.get("counts") or [], drill.place.bucket
        return cohort.get("first") if at is None else counts[at] if at < len(counts) else None
    return None


def _insights(result: Any, asked: InsightsQuery, place: Place, by: Breakdown | None) -> list[Drill]:
    title = f"{place.date[:10] or 'The whole range'}{named(by)}"

    def make() -> Drill:
        if asked.rolling or asked.cumulative:
            raise CannotSayError(
                "A rolling or cumulative value is made of several periods; ask without it first."
            )
        plain = all(isinstance(m, Metric) and m.math not in ACTIVE_USERS for m in asked.metrics)
        question = replace(
            asked,
            range=span(result, place.date, asked.unit),
            where=(*asked.where, *segment(asked.group_by, place.path)),
            group_by=split(by),
            mode="total" if plain and asked.mode != "table" else asked.mode,
            time_comparison=None,
        )
        adds = by is None or all(
            isinstance(m, Metric) and m.math == "total" and m.per_user is None
            for m in asked.metrics
        )
        note = "" if adds else "A person may stand in several segments: they need not add up."
        return Drill(
            name="point",
            title=title,
            question=question,
            note=note,
            expects=place.count if adds else None,
        )

    return [attempt("point", title, make)]


def _funnel(result: Any, asked: FunnelQuery, place: Place, by: Breakdown | None) -> list[Drill]:
    when = f" on {place.date}" if place.date else ""
    title = (
        f"Who went from step {place.step - 1} to {place.step}, and who dropped{when}{named(by)}"
        if place.step > 1
        else f"Who entered{when}{named(by)}"
    )
    listed = (
        f"List the people who entered{when} and dropped before step {place.step}"
        if place.step > 1
        else f"List the people who entered{when}"
    )

    def list_() -> Drill:
        return Drill(
            name="people",
            title=listed,
            question=people.by_person(asked, place.path),
            expects=_lost_here(result, place),
            who=lambda answer: people.dropped(answer, place.path, place.step, place.date),
        )

    def make() -> Drill:
        whole = not set(place.path) - {OVERALL}
        question = replace(asked, group_by=(*asked.group_by, *split(by)), time_comparison=None)
        return Drill(
            name="dropped",
            title=title,
            question=question,
            note="" if whole else "All segments are shown; find the one that you clicked.",
            expects=_lost_here(result, place) if whole else None,
        )

    return [attempt("dropped", title, make), attempt("people", listed, list_)]


def _lost_here(result: Any, place: Place) -> float | None:
    """How many are lost at a step, in the segment and on the date of the place.

    For the first step how many enter; None where it is not there.
    """
    for block in result.blocks:
        if day(block.date) != place.date or len(block.steps) < place.step:
            continue
        if tuple(block.path) == place.path or not (set(block.path) | set(place.path)) - {OVERALL}:
            counts = [float(one.get("count") or 0) for one in block.steps]
            if place.step == 1:
                return counts[0]
            return counts[place.step - 2] - counts[place.step - 1]
    return None


def _retention(
    result: Any, asked: RetentionQuery, place: Place, by: Breakdown | None
) -> list[Drill]:
    if not place.date:
        return _average(result, asked, place, by)
    cell = "cohort" if place.bucket is None else f"{asked.retention_unit} {place.bucket}"
    counted, listed = (
        f"Users of {place.date[:10]}, {cell}{named(by)}",
        f"List the people of {place.date[:10]}, {cell}",
    )
    made = [
        attempt("users", counted, lambda: _count_cell(result, asked, place, by, counted)),
        attempt("people", listed, lambda: _list_cell(asked, place, listed)),
    ]
    return made if by is None else [*made, _split_table(asked, place, by)]


def _split_table(asked: RetentionQuery, place: Place, by: Breakdown) -> Drill:
    """The same question, split; its overall line still holds the clicked number."""
    whole = not set(place.path) - {OVERALL}
    return Drill(
        name="split",
        title=f"The whole table{named(by)}",
        question=replace(asked, group_by=(*asked.group_by, by), time_comparison=None),
        note="" if whole else "All segments are shown; find the one that you clicked.",
        expects=place.count if whole else None,
    )


def _count_cell(
    result: Any, asked: RetentionQuery, place: Place, by: Breakdown | None, title: str
) -> Drill:
    born = _event(asked.born_event)
    came = _came_back(result, asked, place)
    member = [Filter.in_cohort(CohortDefinition(came), "came back")] if came else []
    question = InsightsQuery(
        metrics=(Metric(born.event, "unique", filters=born.filters or None,
                        filters_combinator=born.filters_combinator),),
        range=span(result, place.date, asked.retention_unit),
        where=(*asked.where, *segment(asked.group_by, place.path), *member),
        group_by=split(by),
        mode="total",
        data_group_id=asked.data_group_id,
    )  # fmt: skip
    note = "A person may stand in several segments: they need not add up." if by else ""
    expects = None if by else place.count
    return Drill(name="users", title=title, question=question, note=note, expects=expects)


def _average(result: Any, asked: RetentionQuery, place: Place, by: Breakdown | None) -> list[Drill]:
    """The average of a bucket: who came back in it, in whichever cohort it is made of."""
    title = f"List the people of {asked.retention_unit} {place.bucket}, over all cohorts"

    def make() -> Drill:
        return Drill(
            name="people",
            title=title,
            question=people.by_person(asked, place.path),
            note="A person may stand in several cohorts, and is listed once.",
            who=lambda answer: people.of_cells(answer, place.path, dates, place.bucket),
        )

    dates = people.averaged(result, place.path, place.bucket or 0)
    made = [attempt("people", title, make)]
    return made if by is None else [*made, _split_table(asked, place, by)]


def _list_cell(asked: RetentionQuery, place: Place, title: str) -> Drill:
    return Drill(
        name="people",
        title=title,
        question=people.by_person(asked, place.path),
        expects=place.count,
        who=lambda answer: people.of_cells(answer, place.path, [place.date[:10]], place.bucket),
    )


def _came_back(result: Any, asked: RetentionQuery, place: Place) -> CohortCriteria | None:
    """Who did the return event in the bucket; None for the cohort itself."""
    if place.bucket is None:
        return None
    if asked.alignment != "interval_start":
        raise CannotSayError(
            "Buckets run from each person's own birth here, which filters cannot say: they know "
            "calendar days. With the clause “align interval_start” "
            "a cell is a question; the whole table can be split by a property as it is."
        )
    if (
        asked.bucket_sizes
        or asked.retention_cumulative
        or asked.unbounded_mode not in (None, "none")
    ):
        raise CannotSayError("Brackets and buckets that add up cannot be asked one by one.")
    if place.bucket == 0:
        raise CannotSayError(
            "In the first bucket the return comes after the birth in the same period; filters "
            "know no order."
        )
    start, end = interval(place.date, asked.retention_unit)
    for _ in range(place.bucket):
        start, end = interval((end + dt.timedelta(days=1)).isoformat(), asked.retention_unit)
    shared = [f for f in asked.where if not _is_about_people(f)]
    assert asked.return_event is not None  # only a saved behavior has none
    days = TimeRange(from_date=start.isoformat(), to_date=end.isoformat())
    return _did(asked.return_event, shared, days)


def _did(event: RetentionEvent, shared: list[Any], span: TimeRange) -> CohortCriteria:
    own = list(event.filters or ())
    if len(own) > 1 and event.filters_combinator == "any":
        raise CannotSayError("A cohort's filters must all hold; here any of them may.")
    return CohortCriteria.did_event(
        event.event,
        at_least=1,
        from_date=span.from_date,
        to_date=span.to_date,
        where=[*own, *shared] or None,
    )


def _is_about_people(part: Any) -> bool:
    """Whether a filter tests the person, whatever the event."""
    return not isinstance(part, Filter) or (
        part._resource_type == "people" or part._property == COHORTS
    )


def _event(part: Any) -> RetentionEvent:
    if not isinstance(part, RetentionEvent):
        raise CannotSayError("The born event is a saved behavior, which has no filters to narrow.")
    return part


DRILLS: dict[type[Question], Callable[..., list[Drill]]] = {
    InsightsQuery: _insights,
    FunnelQuery: _funnel,
    RetentionQuery: _retention,
    FlowQuery: drill_flow.drills,
}
"""Kind of question → its drills; answers about people have none."""
