"""Every math of the vocabulary is answered by the local engine, in every kind of question that has it."""

from __future__ import annotations

from typing import Any

import pytest

import mpnb
from mpnb.engine.duckdb import maths
from mpnb.errors import QueryError
from mpnb.query.math import FUNNEL_MATHS, INSIGHTS_MATHS, RETENTION_MATHS

DAYS: dict[str, Any] = {"from_date": "2025-01-01", "to_date": "2025-01-10"}
SETTINGS = {
    "percentile": {"percentile_value": 90},
    "histogram": {"per_user": "total"},
}
ELSEWHERE = {"sessions": "counted in measure.py"}


@pytest.fixture(scope="module")
def ws() -> mpnb.Workspace:
    made = [
        {
            "event": "AB"[number % 2],
            "properties": {
                "time": 1735689600 + number * 7200,
                "distinct_id": f"u{number % 5}",
                "v": number % 7,
            },
        }
        for number in range(100)
    ]
    return mpnb.local(made, now="2025-01-31T00:00:00+00:00")


def test_the_engine_has_a_row_for_every_math() -> None:
    assert maths.MATHS.keys() | ELSEWHERE == INSIGHTS_MATHS.keys()


@pytest.mark.parametrize("math", INSIGHTS_MATHS)
def test_insights(math: Any, ws: mpnb.Workspace) -> None:
    given = {"math_property": "v"} if INSIGHTS_MATHS[math].needs == "required" else {}
    assert ws.query("A", math=math, **given, **SETTINGS.get(math, {}), **DAYS).series["A"]


@pytest.mark.parametrize("math", FUNNEL_MATHS)
def test_funnels(math: Any, ws: mpnb.Workspace) -> None:
    given: dict[str, Any] = {}
    if FUNNEL_MATHS[math].needs == "required":
        given = {"math_property": "v"}
    if math == "conversion_rate_session":
        given = {"conversion_window": 1, "conversion_window_unit": "session"}
    assert len(ws.query_funnel(["A", "B"], math=math, **given, **DAYS).df) >= 2


@pytest.mark.parametrize("math", RETENTION_MATHS)
def test_retention(math: Any, ws: mpnb.Workspace) -> None:
    if RETENTION_MATHS[math].needs == "required":
        behavior = mpnb.RetentionBehavior(mpnb.RetentionEvent("A"), mpnb.RetentionEvent("B"))
        metric = mpnb.RetentionMetric(behavior, math=math, property="v", bucket_index=0)
        assert list(ws.query(metric, **DAYS).series.values())
        return
    assert len(ws.query_retention("A", "B", math=math, retention_unit="day", **DAYS).df)


@pytest.mark.parametrize("beyond", [-5, 100.1, 150])
def test_a_percentile_beyond_all_values_is_refused(beyond: float, ws: mpnb.Workspace) -> None:
    """It read the numbers of the cell beside."""
    with pytest.raises(QueryError, match="between 0 and 100"):
        ws.query("A", math="percentile", math_property="v", percentile_value=beyond, **DAYS)
