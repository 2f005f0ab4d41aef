"""Drill-down of flows: who goes along an edge or a path, what they do next, what others do next.

Enters: an answer and an edge, or the beginning of a path. Leaves: drills. The surprise: who is on
an edge is found by asking for the flow of each person, with all of their events named; what the
drawing calls "other events" is what it has no node for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mpnb.query.breakdown import Breakdown
from mpnb.query.filter import Filter
from mpnb.query.flow import FlowQuery
from mpnb.query.step import FlowStep
from mpnb.result.flow import DROPOFF
from mpnb.widget import people
from mpnb.widget.drill_base import Drill, Place, attempt
from mpnb.widget.drill_words import CannotSayError

MOST_NAMED = 500
"""People up to which a question names them one by one; it is saved as text."""
FURTHER = 2
"""Steps after the clicked one that a flow of its people shows at least."""
MOST_FORWARD = 5


def drills(result: Any, asked: FlowQuery, place: Place, by: Breakdown | None) -> list[Drill]:
    """What an edge, or the end of a path, leads to."""
    gone, source, target = place.target == DROPOFF, _said(place.source), _said(place.target)
    where = f"stop after {source}" if gone else f"go from {source} to {target}"
    if place.route:
        where = "take this path" if len(place.route) > 1 else f"begin with {target}"
    listed = f"List the people who {where}"
    made = [attempt("people", listed, lambda: _listed(result, asked, place, listed))]
    if not gone and not place.route:
        only = f"What follows {target}, for those who came from {source}"
        made.append(attempt("onward", only, lambda: _onward(result, asked, place, only)))
    follows = f"What follows {target}"
    return made if gone else [*made, attempt("next", follows, lambda: _next(asked, place, follows))]


def _said(event: str) -> str:
    return "other events" if event == people.OTHERS else event


def _listed(result: Any, asked: FlowQuery, place: Place, title: str) -> Drill:
    each = asked.count_type == "unique"
    return Drill(
        name="people",
        title=title,
        question=people.flows_by_person(asked, "paths" if place.route else "sankey"),
        note="" if each else "These are people; one of them may go this way several times.",
        expects=place.count if each else None,
        who=lambda answer: people.on_the_way(answer, result, place),
    )


def _onward(result: Any, asked: FlowQuery, place: Place, title: str) -> Drill:
    """The same flow, of the people on the edge only, as far as it takes to see what follows."""
    first, *more = asked.steps
    if more:
        raise CannotSayError("A flow through several events ends at its last one.")
    if people.OTHERS in (place.source, place.target):
        raise CannotSayError("Other events are many; choose an edge between two that are named.")
    if (place.count or 0) > MOST_NAMED:
        raise CannotSayError(
            f"A question names at most {MOST_NAMED} people one by one, and these are more. "
            "Narrow the flow with a filter, or list them."
        )
    back = asked.reverse if first.reverse is None else first.reverse
    ahead = asked.forward if first.forward is None else first.forward
    wanted = min(max(ahead, place.columns[1] - back + FURTHER), MOST_FORWARD)

    def then(ids: list[str]) -> FlowQuery:
        return replace(
            asked,
            steps=(replace(first, forward=None, reverse=None),),
            forward=wanted,
            reverse=back,
            where=(*asked.where, Filter.equals("$distinct_id", ids)),
            segments=(),
            mode="sankey",
        )

    return replace(
        _listed(result, asked, place, title),
        name="onward",
        note="The same flow, of these people only.",
        expects=place.count,
        then=then,
    )


def _next(asked: FlowQuery, place: Place, title: str) -> Drill:
    if place.target == people.OTHERS:
        raise CannotSayError("Other events are many; a flow begins with one.")
    only = f", not only of those who came from “{place.source}”" if place.source else ""
    return Drill(
        name="next",
        title=title,
        question=replace(asked, steps=(FlowStep(place.target),), mode="sankey"),
        note=f"The flow of everybody who did “{place.target}”{only}.",
    )


def found(answer: Any, place: Place) -> float:
    """How many go along the edge in another answer."""
    (here, there), ends = place.columns, (place.source, place.target)
    totals = [
        float(edge.total)
        for edge in answer.edges()
        if (edge.source_step, edge.target_step) == (here, there)
        and (edge.source_event, edge.target_event) == ends
    ]
    return sum(totals)
