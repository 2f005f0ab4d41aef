"""Funnel answers: blocks of measures per step enter, one row per step, segment and date leaves.

The surprise: without an ``$overall`` block the answer holds no total, and none is invented. Users
may stand in several segments or dates, so that neither the first block nor a sum would be true;
``steps_data`` is then empty and ``overall_conversion_rate`` is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from mpnb.result.base import (
    OVERALL,
    ResultWithDataFrame,
    breakdown_names,
    day,
    is_date,
    is_trend,
    pad,
    part,
    segment_columns,
)

if TYPE_CHECKING:
    import pandas as pd

MEASURES = ("count", "step_conv_ratio", "overall_conv_ratio", "avg_time", "avg_time_from_start")
"""What is known about each step; times are seconds."""

TOTAL_KEY = "all"


class Block(NamedTuple):
    """The steps of one segment on one date ("" for the whole range)."""

    path: tuple[str, ...]
    date: str
    steps: list[dict[str, Any]]


def blocks(series: Mapping[str, Any], params: Mapping[str, Any]) -> list[Block]:
    """Every funnel of an answer, in the order of the answer."""
    found: list[Block] = []
    for path, dates, node in _walk(series, params):
        for date in _leaf_dates(node):
            label = day(date) if date != TOTAL_KEY else day(dates)
            found.append(Block(path, label, _steps(node, date)))
    return found


def _walk(
    series: Mapping[str, Any], params: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, ...], str, Mapping[str, Any]]]:
    """(segments, date, measures) of each block below the name of the funnel."""

    def descend(path: tuple[str, ...], date: str, node: Mapping[str, Any]) -> Any:
        if _is_block(node):
            yield path, date, node
            return
        inner = {key: value for key, value in node.items() if isinstance(value, Mapping)}
        dated = bool(inner) and not date and all(map(is_date, inner)) and is_trend(params, inner)
        for key, value in inner.items():
            if dated:
                yield from descend(path, key, value)
            else:
                yield from descend((*path, str(key)), date, value)

    if _is_block(series):
        yield (), "", series
        return
    for node in series.values():
        if isinstance(node, Mapping):
            yield from descend((), "", node)


def _is_block(node: Mapping[str, Any]) -> bool:
    """Whether a node holds measures by step; a segment called "count" holds deeper dicts."""
    counts = node.get("count")
    return isinstance(counts, Mapping) and not any(
        isinstance(value, Mapping)
        for step in counts.values()
        if isinstance(step, Mapping)
        for value in step.values()
    )


def _leaf_dates(block: Mapping[str, Any]) -> list[str]:
    """The keys below the steps: ``all``, or the dates of a trend that is kept inside."""
    keys: dict[str, None] = {}
    for step in block["count"].values():
        keys.update(dict.fromkeys(step if isinstance(step, Mapping) else [TOTAL_KEY]))
    return list(keys) or [TOTAL_KEY]


def _steps(block: Mapping[str, Any], date: str) -> list[dict[str, Any]]:
    """The steps of a block in order; a measure that the answer leaves out is 0, a null stays."""
    extra = [name for name, steps in block.items() if isinstance(steps, Mapping)]
    measures = dict.fromkeys((*MEASURES, *extra))
    steps = []
    for _, label in sorted(map(_numbered, block["count"]), key=lambda pair: pair[0]):
        row: dict[str, Any] = {"event": _numbered(label)[0][1] or label}
        for measure in measures:
            cell = (block.get(measure) or {}).get(label, 0)
            row[measure] = cell.get(date, 0) if isinstance(cell, Mapping) else cell
        steps.append(row)
    return steps


def _numbered(label: str) -> tuple[tuple[float, str], str]:
    """((position, event), label) of a step label such as "10. Purchase"; no number comes last."""
    number, dot, event = label.partition(". ")
    if dot and number.isdigit():
        return (int(number), event), label
    return (math.inf, ""), label


def overall(found: list[Block]) -> list[dict[str, Any]]:
    """The steps of the line that is not split by segment or date; empty when there is none."""
    for block in found:
        if not block.date and all(name == OVERALL for name in block.path):
            return block.steps
    return []


@dataclass(frozen=True)
class FunnelQueryResult(ResultWithDataFrame):
    """The answer to a funnel question: how many reach each step, and how long it takes.

    Attributes:
        computed_at: when the numbers were computed, ISO format.
        from_date: start of the resolved range.
        to_date: end of the resolved range, inclusive.
        steps_data: the steps of the overall funnel: event, count, step_conv_ratio,
            overall_conv_ratio (0 to 1), avg_time and avg_time_from_start (seconds).
        series: the raw series, with one level per breakdown or date above the measures.
        params: the bookmark params that asked.
        meta: sampling factor, limits hit and the like.
    """

    kind: ClassVar[str] = "funnel"

    computed_at: str
    from_date: str
    to_date: str
    steps_data: list[dict[str, Any]] = field(default_factory=list)
    series: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def overall_conversion_rate(self) -> float:
        """Share of entries that reach the last step, 0 to 1.

        0 for an empty answer; NaN when the answer has segments or dates but no overall line.
        """
        if self.steps_data:
            return float(self.steps_data[-1].get("overall_conv_ratio") or 0)
        return math.nan if self.blocks else 0.0

    @property
    def blocks(self) -> list[Block]:
        """Every funnel of the answer: one per combination of segments and date."""
        found = blocks(self.series, self.params)
        if found or not self.steps_data:
            return found
        none = {"event": "", **dict.fromkeys(MEASURES, 0)}
        return [Block((), "", [{**none, **step} for step in self.steps_data])]

    @property
    def comparison(self) -> FunnelQueryResult | None:
        """The same funnel over the compared range, or None when none was asked for."""
        other = (self.raw or {}).get("time_comparison") if isinstance(self.raw, Mapping) else None
        if not isinstance(other, Mapping) or not isinstance(other.get("series"), Mapping):
            return None
        return from_envelope({**self.raw, "time_comparison": None, **other}, self.params)

    def _frame(self) -> pd.DataFrame:
        # pandas is loaded here and not above, so that importing mpnb stays light.
        import pandas as pd

        found = self.blocks
        levels = max((len(block.path) for block in found), default=0)
        headers = list((self.raw or {}).get("headers") or []) if self.raw else []
        names = breakdown_names(self.params, headers)
        segments = segment_columns(names, levels, {"date", "step", "event", *MEASURES})
        dates = ["date"] if any(block.date for block in found) else []
        rows = [
            {
                **dict.fromkeys(dates, block.date),
                **dict(zip(segments, pad(block.path, levels), strict=True)),
                "step": number,
                **step,
            }
            for block in found
            for number, step in enumerate(block.steps, start=1)
        ]
        if rows:
            return pd.DataFrame(rows)
        return pd.DataFrame(columns=[*dates, *segments, "step", "event", *MEASURES])


def from_envelope(raw: Mapping[str, Any], params: Mapping[str, Any]) -> FunnelQueryResult:
    """Read the raw answer of a funnel question."""
    dates = part(raw, "date_range")
    series = part(raw, "series")
    return FunnelQueryResult(
        computed_at=raw.get("computed_at") or "",
        from_date=dates.get("from_date") or "",
        to_date=dates.get("to_date") or "",
        steps_data=overall(blocks(series, params)),
        series=series,
        params=dict(params),
        meta=part(raw, "meta"),
        raw=raw,
    )
