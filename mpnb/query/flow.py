"""The flow question: what users do before and after an event.

Enter the public arguments (`flow`), leaves a frozen question in normal form. The surprise: a step
without its own numbers of steps keeps None and takes those of the flow when params are built.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from mpnb.query.breakdown import Breakdown, GroupByInput
from mpnb.query.filter import Filter
from mpnb.query.part import quick
from mpnb.query.question import Question
from mpnb.query.rules import common
from mpnb.query.rules import flow as rules
from mpnb.query.step import FlowStep, require_reach
from mpnb.query.window import DEFAULT_RANGE, TimeRange
from mpnb.query.words import FlowChartType, FlowConversionWindowUnit, FlowCountType, Kind


@quick
@dataclass(frozen=True, kw_only=True)
class FlowQuery(Question):
    """Paths around anchors."""

    kind: ClassVar[Kind] = "flow"

    steps: tuple[FlowStep, ...]
    """The events that paths run from and to."""
    forward: int = 3
    reverse: int = 0
    range: TimeRange = DEFAULT_RANGE
    """Days that count."""
    conversion_window: int = 7
    conversion_window_unit: FlowConversionWindowUnit = "day"
    count_type: FlowCountType = "unique"
    cardinality: int = 3
    collapse_repeated: bool = False
    hidden_events: tuple[str, ...] = ()
    mode: FlowChartType = "sankey"
    where: tuple[Filter, ...] = ()
    data_group_id: int | None = None
    segments: tuple[Breakdown, ...] = ()
    exclusions: tuple[str, ...] = ()


def flow(
    event: str | FlowStep | Sequence[str | FlowStep],
    *,
    forward: int = 3,
    reverse: int = 0,
    from_date: str | None = None,
    to_date: str | None = None,
    last: int = 30,
    conversion_window: int = 7,
    conversion_window_unit: FlowConversionWindowUnit = "day",
    count_type: FlowCountType = "unique",
    cardinality: int = 3,
    collapse_repeated: bool = False,
    hidden_events: Sequence[str] | None = None,
    mode: FlowChartType = "sankey",
    where: Filter | Sequence[Filter] | None = None,
    data_group_id: int | None = None,
    segments: GroupByInput = None,
    exclusions: Sequence[str] | None = None,
) -> FlowQuery:
    """Make a flow question: what users do before and after an event.

    Args:
        event: an event, a step, or a list of them.
        forward: steps after each anchor, 0 to 5.
        reverse: steps before each anchor, 0 to 5.
        from_date: first day (YYYY-MM-DD); without it the range is the last days.
        to_date: last day (YYYY-MM-DD), today when left open.
        last: number of days up to today, 1 to 3650.
        conversion_window: how long a path may take, in the unit.
        conversion_window_unit: unit of the window, or `session`.
        count_type: count users, paths or sessions.
        cardinality: how many events each step shows, 1 to 50.
        collapse_repeated: count repeats of an event as one.
        hidden_events: events that paths skip.
        mode: a sankey, the top paths, or a tree.
        where: a filter or a list of filters; all must hold.
        data_group_id: count groups of this kind instead of users.
        segments: a property's name, a breakdown, or a list of them.
        exclusions: events that end a path.

    Raises:
        BookmarkValidationError: arguments break rules; all findings at once.
        ParamValidationError: a part is wrong in itself.
    """
    given = dict(locals())
    items = event if isinstance(event, list | tuple) else (event,)
    # The flow's own numbers stand in for those of a step, so they are held to its range.
    require_reach(forward, reverse)
    given["steps"] = steps = tuple(
        [item if isinstance(item, FlowStep) else FlowStep(cast(str, item)) for item in items]
    )
    common.raise_all(rules.question, given)
    return FlowQuery(
        steps=steps,
        forward=forward,
        reverse=reverse,
        range=common.time_range(last, from_date, to_date),
        conversion_window=conversion_window,
        conversion_window_unit=conversion_window_unit,
        count_type=count_type,
        cardinality=cardinality,
        collapse_repeated=collapse_repeated,
        hidden_events=tuple(hidden_events or ()),
        mode=mode,
        where=common.where_parts(where),
        data_group_id=data_group_id,
        segments=common.breakdowns(segments),
        exclusions=tuple(exclusions or ()),
    )
