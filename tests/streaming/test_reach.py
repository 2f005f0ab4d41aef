"""Which days an answer rests on, so that a copy answers only what it has."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mpnb.engine.reaching import reach
from mpnb.query import CohortBreakdown, Filter, FrequencyFilter, GroupBy, Metric, TimeComparison
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.retention import retention
from mpnb.query.users import users

TODAY = date(2025, 6, 30)
MARCH: dict[str, Any] = {"from_date": "2025-03-01", "to_date": "2025-03-31"}


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        (insights("A", **MARCH), "2025-03-01", "2025-03-31"),
        (insights("A", last=7), "2025-06-24", "2025-06-30"),
        (insights("A", **MARCH, rolling=7), "2025-02-22", "2025-03-31"),
        (insights("A", **MARCH, math="mau"), "2025-01-29", "2025-03-31"),
        (
            insights("A", **MARCH, time_comparison=TimeComparison.relative("month")),
            "2025-01-29",
            "2025-03-31",
        ),
        (funnel(["A", "B"], **MARCH), "2025-03-01", "2025-04-14"),
        (funnel(["A", "B"], **MARCH, conversion_window=6, conversion_window_unit="month"),
         "2025-03-01", "2025-06-30"),
        (flow("A", **MARCH), "2025-02-22", "2025-04-07"),
        (retention("A", "B", **MARCH, retention_unit="day"), "2025-03-01", "2025-05-04"),
    ],
)  # fmt: skip
def test_windows_reach_out_of_the_range(question: Any, first: str, last: str) -> None:
    assert reach(question, TODAY) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (users(), "profiles"),
        (insights("A", **MARCH, where=[Filter.in_cohort(5)]), "cohort"),
        (insights("A", **MARCH, group_by=CohortBreakdown(5)), "cohort"),
        (insights("A", **MARCH, group_by=GroupBy("plan", resource_type="people")), "people"),
        (insights("A", **MARCH, where=[FrequencyFilter("A", 3)]), "how often"),
        (insights("$session_start", **MARCH), "sessions"),
        (insights("A", **MARCH, data_group_id=7), "groups"),
        (insights(Metric("A", math="unique", segment_method="first"), **MARCH), "first time"),
    ],
)
def test_what_does_not_rest_on_days_alone_says_why(question: Any, why: str) -> None:
    said = reach(question, TODAY)
    assert isinstance(said, str)
    assert why in said
