"""What type checkers must find: each line is wrong, and says so; checked by mypy and pyright.

Both warn about an ``ignore`` that is not needed, so a check that is lost shows up here.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import mpnb as mp
from mpnb import Filter, FlowStep, FunnelStep, GroupBy, Metric, RetentionEvent


def insights(ws: mp.Workspace) -> None:
    ws.query("A", math="uniqe")  # type: ignore[arg-type]
    ws.query("A", unit="fortnight")  # type: ignore[arg-type]
    ws.query("A", mode="pie")  # type: ignore[arg-type]
    ws.query("A", last="30")  # type: ignore[arg-type]
    ws.query(7)  # type: ignore[arg-type]
    ws.query("A", "B")  # type: ignore[call-arg]
    ws.query("A", time_comparison="previous_period")  # type: ignore[arg-type]
    ws.query("A", colour="red")  # type: ignore[call-arg]
    print(ws.query("A").cohorts)  # type: ignore[attr-defined]
    ws.build_params("A", math="uniqe")  # type: ignore[arg-type]


def parts() -> None:
    Metric("A", math="uniqe")  # type: ignore[arg-type]
    Metric()  # type: ignore[call-arg]
    Filter.greater_than("amount", "many")  # type: ignore[arg-type]
    Filter.equals("plan", "pro", "people")  # type: ignore[call-arg]
    GroupBy("amount", property_type="money")  # type: ignore[arg-type]
    Metric("A").math = "total"  # type: ignore[misc]


def others(ws: mp.Workspace) -> None:
    ws.query_funnel(["A", "B"], order="strict")  # type: ignore[arg-type]
    ws.query_funnel([FunnelStep("A"), FlowStep("B")])  # type: ignore[list-item]
    ws.query_retention("A", "B", retention_unit="year")  # type: ignore[arg-type]
    ws.query_retention(RetentionEvent("A"), 7)  # type: ignore[arg-type]
    ws.query_flow("A", mode="pie")  # type: ignore[arg-type]
    ws.query_flow(forward=3)  # type: ignore[call-arg]
    ws.query_user(mode="list")  # type: ignore[arg-type]
