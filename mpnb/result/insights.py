"""Insights answers: nested series per metric and segment enter, one long frame leaves.

Rows are (date, event, segments…, count), one per point. The surprise: the depth of the series is
found by walking it, because metrics of one answer may be split by different numbers of breakdowns;
a roll-up that stops early is the ``$overall`` line of the levels below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from mpnb.result.base import (
    ResultWithDataFrame,
    breakdown_names,
    local_time,
    pad,
    part,
    segment_columns,
)

if TYPE_CHECKING:
    import pandas as pd

TOTAL_KEY = "all"
"""The only key of a leaf that holds one value over the whole range."""


class Leaf(NamedTuple):
    """One line of a chart: a metric, its segments from outer to inner, and its points by date."""

    event: str
    path: tuple[str, ...]
    points: Mapping[str, Any]


def leaves(series: Mapping[str, Any]) -> Iterator[Leaf]:
    """Every line of an insights answer, in the order of the answer."""
    for event, node in series.items():
        yield from _descend(
            str(event), (), node if isinstance(node, Mapping) else {TOTAL_KEY: node}
        )


def _descend(event: str, path: tuple[str, ...], node: Mapping[str, Any]) -> Iterator[Leaf]:
    points = {key: value for key, value in node.items() if not isinstance(value, Mapping)}
    if points:
        yield Leaf(event, path, points)
    if len(points) < len(node):
        for key, value in node.items():
            if isinstance(value, Mapping):
                yield from _descend(event, (*path, str(key)), value)


def is_total(leaf: Leaf) -> bool:
    """Whether a line has one value over the whole range instead of points by date."""
    return len(leaf.points) == 1 and TOTAL_KEY in leaf.points


def has_dates(found: list[Leaf], params: Mapping[str, Any]) -> bool:
    """Whether rows have a date; an empty answer is judged by the mode that its params ask for."""
    if found:
        return not all(map(is_total, found))
    display = params.get("displayOptions")
    chart = display.get("chartType") if isinstance(display, Mapping) else None
    return chart in (None, "line")


def long_frame(
    found: list[Leaf], columns: list[str], *, dates: bool, levels: int, clock: bool = True
) -> pd.DataFrame:
    """One row per point of all lines; ``clock`` strips the zone from the dates."""
    # pandas is loaded here and not above, so that importing mpnb stays light.
    import numpy as np
    import pandas as pd

    sizes = np.fromiter((len(leaf.points) for leaf in found), dtype=np.int64, count=len(found))
    values = pd.Series(list(chain.from_iterable(leaf.points.values() for leaf in found)))
    names = [(leaf.event, *pad(leaf.path, levels)) for leaf in found]
    data: dict[str, Any] = {}
    if dates:
        data["date"] = _repeat_dates(found, clock)
    for position, column in enumerate(columns):
        texts = pd.array([name[position] for name in names], dtype="str")
        data[column] = texts.take(np.repeat(np.arange(len(found)), sizes))
    frame = pd.DataFrame(data)
    frame["count"] = values if len(values) else pd.Series(dtype="object")
    return frame


def _repeat_dates(found: list[Leaf], clock: bool) -> Any:
    """The date column, made from the distinct labels; lines mostly share theirs."""
    import numpy as np
    import pandas as pd

    codes: dict[str, int] = {}
    known: dict[tuple[str, ...], Any] = {}
    parts = []
    for leaf in found:
        keys = tuple(leaf.points)
        if keys not in known:
            known[keys] = np.array([codes.setdefault(key, len(codes)) for key in keys], np.int64)
        parts.append(known[keys])
    labels = pd.array([local_time(key) if clock else key for key in codes], dtype="str")
    return labels.take(np.concatenate(parts)) if parts else labels


@dataclass(frozen=True)
class QueryResult(ResultWithDataFrame):
    """The answer to an insights question: points by metric, segment and date.

    Attributes:
        computed_at: when the numbers were computed, ISO format.
        from_date: start of the resolved range.
        to_date: end of the resolved range, inclusive.
        headers: names of the levels of ``series``, the metric first.
        series: ``{metric: {date: value}}``, ``{metric: {"all": value}}`` for totals, with one more
            level per breakdown.
        params: the bookmark params that asked.
        meta: sampling factor, limits hit and the like.
    """

    kind: ClassVar[str] = "insights"

    computed_at: str
    from_date: str
    to_date: str
    headers: list[str] = field(default_factory=list)
    series: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def comparison(self) -> QueryResult | None:
        """The same question over the compared range, or None when none was asked for."""
        other = (self.raw or {}).get("time_comparison") if isinstance(self.raw, Mapping) else None
        if not isinstance(other, Mapping) or not isinstance(other.get("series"), Mapping):
            return None
        return from_envelope({**self.raw, "time_comparison": None, **other}, self.params)

    def _frame(self) -> pd.DataFrame:
        found = list(leaves(self.series))
        names = breakdown_names(self.params, self.headers)
        depths = [len(leaf.path) for leaf in found if leaf.points]
        # Headers may name breakdowns that the answer does not have.
        levels = max(depths, default=max(len(self.headers) - 1, 0))
        columns = segment_columns(names, levels, {"date", "event", "count"})
        dates = has_dates(found, self.params)
        return long_frame(found, ["event", *columns], dates=dates, levels=levels)


def from_envelope(raw: Mapping[str, Any], params: Mapping[str, Any]) -> QueryResult:
    """Read the raw answer of an insights question."""
    dates = part(raw, "date_range")
    return QueryResult(
        computed_at=raw.get("computed_at") or "",
        from_date=dates.get("from_date") or "",
        to_date=dates.get("to_date") or "",
        headers=list(raw.get("headers") or []),
        series=part(raw, "series"),
        params=dict(params),
        meta=part(raw, "meta"),
        raw=raw,
    )
