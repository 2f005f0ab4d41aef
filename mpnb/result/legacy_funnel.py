"""Answers of Mixpanel's older funnel and retention endpoints.

Steps per date enter and are added up; cohorts per date enter and become shares. The surprise: a
segmented funnel keeps its overall line only, which is all that this result type can hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from mpnb.result.base import OVERALL, ResultWithDataFrame
from mpnb.result.reading import reading
from mpnb.result.types import CalendarUnit

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FunnelResultStep:
    """One step of a saved funnel.

    Attributes:
        event: name of the step.
        count: people who reached it.
        conversion_rate: share of those who reached the step before, 0 to 1; 1 for the first.
    """

    event: str
    count: int
    conversion_rate: float

    def to_dict(self) -> dict[str, Any]:
        """The step, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class FunnelResult(ResultWithDataFrame):
    """The answer of a saved funnel, all dates added up.

    Attributes:
        funnel_id: id of the funnel.
        funnel_name: its name; "" when the answer does not say.
        from_date: first day.
        to_date: last day, inclusive.
        conversion_rate: share of the first step that reached the last, 0 to 1.
        steps: the steps in order.
    """

    funnel_id: int
    funnel_name: str
    from_date: str
    to_date: str
    conversion_rate: float
    steps: list[FunnelResultStep] = field(default_factory=list)

    def _frame(self) -> pd.DataFrame:
        # pandas is loaded here and not above, so that importing mpnb stays light.
        import pandas as pd

        rows = [
            (number, step.event, step.count, step.conversion_rate)
            for number, step in enumerate(self.steps, start=1)
        ]
        return pd.DataFrame(rows, columns=["step", "event", "count", "conversion_rate"])


@dataclass(frozen=True)
class CohortInfo:
    """One cohort of a retention answer.

    Attributes:
        date: when its people were born.
        size: how many there are.
        retention: share that came back, per period, 0 to 1.
    """

    date: str
    size: int
    retention: list[float] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """The cohort, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class RetentionResult(ResultWithDataFrame):
    """The answer of the older retention endpoint.

    Attributes:
        born_event: event that makes a person part of a cohort.
        return_event: event that counts as coming back.
        from_date: first day.
        to_date: last day, inclusive.
        unit: width of a period.
        cohorts: the cohorts by date.
    """

    born_event: str
    return_event: str
    from_date: str
    to_date: str
    unit: CalendarUnit
    cohorts: list[CohortInfo] = field(default_factory=list)

    def _frame(self) -> pd.DataFrame:
        import pandas as pd

        width = max((len(cohort.retention) for cohort in self.cohorts), default=0)
        rows = [
            [cohort.date, cohort.size, *cohort.retention, *[None] * (width - len(cohort.retention))]
            for cohort in self.cohorts
        ]
        periods = [f"period_{number}" for number in range(width)]
        return pd.DataFrame(rows, columns=["cohort_date", "cohort_size", *periods])


@reading("funnel")
def read_funnel(
    raw: Mapping[str, Any], *, funnel_id: int, from_date: str, to_date: str
) -> FunnelResult:
    """Add up the steps of all dates; the rate of a step is its share of the step before."""
    data = raw.get("data")
    names: list[str] = []
    totals: list[int] = []
    for date in data.values() if isinstance(data, Mapping) else []:
        for index, step in enumerate(_steps(date)):
            if index == len(names):
                names.append(step.get("event") or step.get("goal") or f"Step {index + 1}")
                totals.append(0)
            totals[index] += step.get("count") or 0
    before = [None, *totals]
    steps = [
        FunnelResultStep(name, total, _share(total, last))
        for name, total, last in zip(names, totals, before, strict=False)
    ]
    rate = _share(totals[-1], totals[0]) if totals and totals[0] else 0.0
    return FunnelResult(funnel_id, "", from_date, to_date, rate, steps, raw=raw)


def _steps(date: Any) -> list[Mapping[str, Any]]:
    """The steps of one date: plain, or the overall line of a segmented funnel."""
    if isinstance(date, Mapping):
        found = date.get("steps", date.get(OVERALL, []))
        return list(found) if isinstance(found, list) else []
    return []


def _share(count: int, before: int | None) -> float:
    """Share of the step before; the first step is whole, a step after nobody is 0."""
    if before is None:
        return 1.0
    return count / before if before else 0.0


@reading("retention")
def read_retention(
    raw: Mapping[str, Any],
    *,
    born_event: str,
    return_event: str,
    from_date: str,
    to_date: str,
    unit: CalendarUnit = "day",
) -> RetentionResult:
    """Turn counts per cohort into shares of its size; an empty cohort has shares of 0."""
    cohorts = []
    for date in sorted(raw):
        cohort = raw[date] if isinstance(raw[date], Mapping) else {}
        size = cohort.get("first") or 0
        shares = [count / size if size else 0.0 for count in cohort.get("counts") or []]
        cohorts.append(CohortInfo(date, size, shares))
    return RetentionResult(born_event, return_event, from_date, to_date, unit, cohorts, raw=raw)
