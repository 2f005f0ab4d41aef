"""Retention answers: cohorts per segment enter, one row per cohort and bucket leaves.

The surprise: in trends mode Mixpanel may answer plain numbers per date instead of cohorts. They
become rows too, with the number in ``rate`` or ``count``, whichever the question measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from mpnb.result.base import (
    OVERALL,
    ResultWithDataFrame,
    breakdown_names,
    day,
    is_date,
    pad,
    part,
    segment_columns,
    segment_label,
)

if TYPE_CHECKING:
    import pandas as pd

AVERAGE = "$average"
COLUMNS = ["cohort_date", "bucket", "count", "rate"]


class Group(NamedTuple):
    """The cohorts of one segment (by date), its average, and plain values of a trend by date."""

    path: tuple[str, ...]
    cohorts: dict[str, dict[str, Any]]
    average: dict[str, Any]
    values: dict[str, Any]


def groups(series: Mapping[str, Any]) -> list[Group]:
    """Every segment of an answer with its cohorts, in the order of the answer."""
    return [
        group
        for node in series.values()
        if isinstance(node, Mapping)
        for group in _descend((), node)
    ]


def _is_cohort(node: object) -> bool:
    """Whether a node is one cohort; a segment called "counts" holds a dict, not a list."""
    return isinstance(node, Mapping) and (
        isinstance(node.get("counts"), list)
        or ("first" in node and not isinstance(node["first"], Mapping))
    )


def _descend(path: tuple[str, ...], node: Mapping[str, Any]) -> Iterator[Group]:
    cohorts = {day(key): dict(value) for key, value in node.items() if _is_cohort(value)}
    average = cohorts.pop(AVERAGE, {})
    values = {day(key): value for key, value in node.items() if not isinstance(value, Mapping)}
    if cohorts or average or values:
        yield Group(path, cohorts, average, values)
    for key, value in node.items():
        if isinstance(value, Mapping) and not _is_cohort(value):
            yield from _descend((*path, str(key)), value)


@dataclass(frozen=True)
class RetentionQueryResult(ResultWithDataFrame):
    """The answer to a retention question: of those born in a cohort, who came back when.

    Attributes:
        computed_at: when the numbers were computed, ISO format.
        from_date: start of the resolved range.
        to_date: end of the resolved range, inclusive.
        cohorts: ``{cohort date: {"first": size, "counts": […], "rates": […]}}`` of all users;
            ``complete`` (one flag per bucket) is there when the engine knows it.
        average: the same keys, averaged over cohorts.
        params: the bookmark params that asked.
        meta: sampling factor, limits hit and the like.
        segments: ``{segment: cohorts}``; labels of several breakdowns are joined with " | ".
        segment_averages: ``{segment: average}``.
    """

    kind: ClassVar[str] = "retention"

    computed_at: str
    from_date: str
    to_date: str
    cohorts: dict[str, dict[str, Any]] = field(default_factory=dict)
    average: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    segments: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    segment_averages: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def groups(self) -> list[Group]:
        """Every segment with its cohorts; the overall line has no path, or only ``$overall``."""
        series = self.raw.get("series") if isinstance(self.raw, Mapping) else None
        if isinstance(series, Mapping) and series:
            return groups(series)
        whole = [Group((OVERALL,) if self.segments else (), self.cohorts, self.average, {})]
        return (whole if self.cohorts or self.average else []) + [
            Group((name,), cohorts, self.segment_averages.get(name, {}), {})
            for name, cohorts in self.segments.items()
        ]

    @property
    def comparison(self) -> RetentionQueryResult | None:
        """The same question over the compared range, or None when none was asked for."""
        other = (self.raw or {}).get("time_comparison") if isinstance(self.raw, Mapping) else None
        if not isinstance(other, Mapping) or not isinstance(other.get("series"), Mapping):
            return None
        return from_envelope({**self.raw, "time_comparison": None, **other}, self.params)

    @property
    def is_over(self) -> list[bool]:
        """For each row of `df`, whether its bucket is over; the numbers of others may still grow.

        Where the engine does not say, as Mixpanel, all count as over.
        """
        return [over for group in self.groups for over in _over(group)]

    def to_dict(self) -> dict[str, Any]:
        """The public fields, ready for JSON; the segment fields only when there are segments."""
        found = super().to_dict()
        for name in ("segments", "segment_averages"):
            if not found[name]:
                del found[name]
        return found

    def _frame(self) -> pd.DataFrame:
        # pandas is loaded here and not above, so that importing mpnb stays light.
        import pandas as pd

        found = self.groups
        split = bool(self.segments) or any(set(group.path) - {OVERALL} for group in found)
        levels = max((len(group.path) for group in found), default=0) if split else 0
        headers = list(self.raw.get("headers") or []) if isinstance(self.raw, Mapping) else []
        names = breakdown_names(self.params, headers)
        columns = segment_columns(names, levels, set(COLUMNS))
        rows = [
            (*pad(group.path, levels)[:levels], *row)
            for group in found
            for row in (*_cohort_rows(group), *_value_rows(group, self.params))
        ]
        return pd.DataFrame(rows, columns=[*columns, *COLUMNS])


def _cohort_rows(group: Group) -> Iterator[tuple[Any, ...]]:
    for date in sorted(group.cohorts):
        cohort = group.cohorts[date]
        rates = cohort.get("rates") or []
        for bucket, count in enumerate(cohort.get("counts") or []):
            yield date, bucket, count, rates[bucket] if bucket < len(rates) else 0.0


def _over(group: Group) -> Iterator[bool]:
    """The flags of the rows that a group has in the frame."""
    for date in sorted(group.cohorts):
        cohort = group.cohorts[date]
        flags = cohort.get("complete") or []
        for bucket in range(len(cohort.get("counts") or [])):
            yield bool(flags[bucket]) if bucket < len(flags) else True
    yield from (True for _ in group.values)


def _value_rows(group: Group, params: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Rows for plain numbers per date; which bucket they belong to, only the question knows."""
    math, bucket = _measurement(params)
    for date in sorted(group.values):
        value = group.values[date]
        yield (
            (date, bucket, None, value)
            if math == "retention_rate"
            else (
                date,
                bucket,
                value,
                None,
            )
        )


def _measurement(params: Mapping[str, Any]) -> tuple[str, int | None]:
    """(math, bucket index) that the params ask for; a rate when they do not say."""
    sections = params.get("sections")
    show = sections.get("show") if isinstance(sections, Mapping) else None
    measurement = (show[0].get("measurement") if show else None) or {}
    return measurement.get("math") or "retention_rate", measurement.get("retentionBucketIndex")


def has_overall(group: Group) -> bool:
    """Whether a group is the line of all users."""
    return all(name == OVERALL for name in group.path)


def from_envelope(raw: Mapping[str, Any], params: Mapping[str, Any]) -> RetentionQueryResult:
    """Read the raw answer of a retention question."""
    dates = part(raw, "date_range")
    found = groups(part(raw, "series"))
    split = {segment_label(group.path): group for group in found if not has_overall(group)}
    whole = next((group for group in found if has_overall(group)), Group((), {}, {}, {}))
    return RetentionQueryResult(
        computed_at=raw.get("computed_at") or "",
        from_date=dates.get("from_date") or "",
        to_date=dates.get("to_date") or "",
        cohorts=whole.cohorts,
        average=whole.average,
        params=dict(params),
        meta=part(raw, "meta"),
        segments={name: group.cohorts for name, group in split.items()},
        segment_averages={name: group.average for name, group in split.items() if group.average},
        raw=raw,
    )


def cohort_dates(found: Mapping[str, Any]) -> list[str]:
    """The cohort labels that are dates, in order."""
    return sorted(filter(is_date, found))
