"""The people behind a number of an answer: the same question, told person by person.

Enters: a question and a place in its answer. Leaves: the question broken down by person, and who
of its answer stands at the place. The surprise: no cohort is made up for this; the engine that gave
the number says who is in it, so windows, orders and buckets are those of the number itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeVar

from mpnb.chart.retention_cells import is_open
from mpnb.query.breakdown import Breakdown, GroupBy
from mpnb.query.flow import FlowQuery
from mpnb.query.funnel import FunnelQuery
from mpnb.query.retention import RetentionQuery
from mpnb.query.rules.flow import CARDINALITY_MAX
from mpnb.result.base import OVERALL
from mpnb.widget.drill_base import Place
from mpnb.widget.drill_words import CannotSayError, day

Nodes = set[tuple[int, str]]
Q = TypeVar("Q", FunnelQuery, RetentionQuery)

PERSON = GroupBy("$distinct_id")
MOST = 50_000
"""Most people that one answer can tell apart: the most segments of an answer."""
OTHERS = "$other"
"""The node of a flow that events without one of their own are merged into."""
COUNTS_PEOPLE = ("conversion_rate_unique", "unique", "retention_rate")


def by_person(asked: Q, path: tuple[str, ...]) -> Q:
    """The question with a line for each person.

    Args:
        asked: the question that was answered.
        path: the segment that was clicked; empty or ``$overall`` for all.

    Raises:
        CannotSayError: it does not count people, or the segment is a sum over another breakdown.
    """
    if asked.math not in COUNTS_PEOPLE or asked.data_group_id is not None:
        raise CannotSayError("This question does not count people, so that none can be listed.")
    groups: tuple[Breakdown, ...] = asked.group_by
    if not set(path) - {OVERALL}:
        groups = ()
    elif OVERALL in path or len(path) != len(groups):
        raise CannotSayError("This line sums up several segments; choose one of them.")
    return replace(asked, group_by=(*groups, PERSON), time_comparison=None)


def dropped(answer: Any, path: tuple[str, ...], step: int, date: str = "") -> list[str]:
    """Who reached the step before and not this one; for the first step who entered.

    Of a trend those who entered on the date.
    """
    found = []
    for block in answer.blocks:
        counts = [one.get("count") or 0 for one in block.steps]
        if not _stands_in(block.path, path) or day(block.date) != date or len(counts) < step:
            continue
        if counts[max(step - 2, 0)] and (step == 1 or not counts[step - 1]):
            found.append(block.path[-1])
    return sorted(found)


def of_cells(
    answer: Any, path: tuple[str, ...], dates: Sequence[str], bucket: int | None
) -> list[str]:
    """Who of some cohorts came back in a bucket; without a bucket the whole cohorts."""
    return sorted(
        group.path[-1]
        for group in answer.groups
        if _stands_in(group.path, path)
        and any(_is_in(group.cohorts.get(date) or {}, bucket) for date in dates)
    )


def _is_in(cohort: Mapping[str, Any], bucket: int | None) -> bool:
    """Whether a person's own cohort has them in a bucket."""
    if bucket is None:
        return bool(cohort.get("first"))
    counts = cohort.get("counts") or []
    return bucket < len(counts) and bool(counts[bucket])


def averaged(result: Any, path: tuple[str, ...], bucket: int) -> list[str]:
    """The cohorts that the average of a bucket is made of: those for which it is over."""
    group = next((one for one in result.groups if _same_segment(one.path, path)), None)
    cohorts = group.cohorts if group is not None else {}
    return [date for date in sorted(cohorts) if not is_open(cohorts[date], bucket)]


def _same_segment(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return one == other or not (set(one) | set(other)) - {OVERALL}


def flows_by_person(asked: FlowQuery, mode: Literal["sankey", "paths"]) -> FlowQuery:
    """The flow question with a flow of its own for each person, with all of their events named.

    Raises:
        CannotSayError: it is about groups, or its paths begin before the event.
    """
    if asked.data_group_id is not None:
        raise CannotSayError(
            "This flow is of groups and not of people, so that none can be listed."
        )
    first = asked.steps[0]
    back = asked.reverse if first.reverse is None else first.reverse
    if mode == "paths" and (back or len(asked.steps) > 1):
        raise CannotSayError(
            "A path names no steps: people are known only where it begins with its only event."
        )
    return replace(asked, segments=(PERSON,), cardinality=CARDINALITY_MAX, mode=mode)


def on_the_way(answer: Any, drawn: Any, place: Place) -> list[str]:
    """Who goes along an edge, or begins with the nodes of a path.

    Args:
        answer: the flows of each person.
        drawn: the answer that was clicked in; it says which events have a node of their own.
        place: the edge, or the path.
    """
    own = {(node["step"], node["event"]) for node in drawn.nodes()}
    goes = _begins_so if place.route else _takes_edge
    return sorted(who for who, flow in answer.segments().items() if goes(flow, place, own))


def _begins_so(flow: Any, place: Place, own: Nodes) -> bool:
    want = list(place.route)
    steps = [one.get("flowSteps") or [] for one in flow.flows]
    return any(
        [(str(s.get("event") or ""), str(s.get("type") or "")) for s in path[: len(want)]] == want
        for path in steps
    )


def _takes_edge(flow: Any, place: Place, own: Nodes) -> bool:
    def shown(step: int, event: str) -> str:
        return event if (step, event) in own else OTHERS

    (here, there), ends = place.columns, (place.source, place.target)
    return any(
        (edge.source_step, edge.target_step) == (here, there)
        and (shown(here, edge.source_event), shown(there, edge.target_event)) == ends
        for edge in flow.edges()
    )


def _stands_in(own: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether a line is of one person, in the segment that was clicked."""
    segment = tuple(label for label in path if label != OVERALL)
    return OVERALL not in own and tuple(own[:-1]) == segment
