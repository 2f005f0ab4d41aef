"""What Mixpanel's way around gives and what the local engine gives are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

import mpnb
from mpnb import Filter, emulator
from mpnb.query.insights import insights
from tests.emulator.conftest import connected

Ask = Callable[[mpnb.Workspace], Any]
MAY = {"from_date": "2025-05-01", "to_date": "2025-05-31"}

QUESTIONS: dict[str, Ask] = {
    "events over time": lambda ws: ws.query("Purchase"),
    "several, broken down": lambda ws: ws.query(
        ["Purchase", "Sign Up"], math="unique", group_by="platform", unit="week", last=90
    ),
    "a formula, compared": lambda ws: ws.query(
        ["Purchase", "Sign Up"], formula="A / B", rolling=7, last=60
    ),
    "totals of a property": lambda ws: ws.query(
        "Purchase", math="average", math_property="amount", mode="total", group_by="country"
    ),
    "funnel": lambda ws: ws.query_funnel(
        ["Sign Up", "View Item", "Purchase"], group_by="platform", conversion_window=7
    ),
    "funnel by week": lambda ws: ws.query_funnel(
        ["Start Checkout", "Purchase"], mode="trends", unit="week", last=60
    ),
    "retention": lambda ws: ws.query_retention("Sign Up", "Purchase", last=60),
    "flow": lambda ws: ws.query_flow("Start Checkout", forward=3, reverse=1),
    "paths": lambda ws: ws.query_flow("Sign Up", forward=2, mode="paths"),
    "tree": lambda ws: ws.query_flow("Sign Up", forward=2, mode="tree"),
    "people": lambda ws: ws.query_user(
        mode="profiles",
        where=[Filter.equals("plan", "pro"), Filter.greater_than("orders", 5)],
        sort_by="lifetime_value",
        limit=1500,
    ),
    "people side by side": lambda ws: ws.query_user(
        mode="profiles", where=[Filter.equals("plan", "pro")], limit=2500, parallel=True
    ),
    "number of people": lambda ws: ws.query_user(where=[Filter.equals("plan", "pro")]),
    "percentile of people": lambda ws: ws.query_user(
        aggregate="percentile", aggregate_property="lifetime_value", percentile=90
    ),
    "segmentation": lambda ws: ws.segmentation(
        "Purchase", on="platform", where='properties["amount"] > 50', **MAY
    ),
    "numeric segmentation": lambda ws: ws.segmentation_numeric("Purchase", on="amount", **MAY),
    "sum": lambda ws: ws.segmentation_sum("Purchase", on="amount", **MAY),
    "average": lambda ws: ws.segmentation_average("Purchase", on="amount", **MAY),
    "event counts": lambda ws: ws.event_counts(["Purchase", "Sign Up"], type="unique", **MAY),
    "property counts": lambda ws: ws.property_counts("Purchase", "platform", **MAY),
    "older retention": lambda ws: ws.retention(
        born_event="Sign Up", return_event="Purchase", unit="week", **MAY
    ),
    "frequency": lambda ws: ws.frequency(event="Open App", unit="week", **MAY),
    "activity feed": lambda ws: ws.activity_feed(
        ["u00001", "u00002"], from_date="2025-06-01", to_date="2025-06-30"
    ),
}

LISTS: dict[str, Ask] = {
    "events": lambda ws: ws.events(),
    "properties": lambda ws: ws.properties("Purchase"),
    "values": lambda ws: ws.property_values("plan", event="Purchase"),
    "top events": lambda ws: ws.top_events(),
    "cohorts": lambda ws: ws.cohorts(),
    "profiles": lambda ws: list(ws.stream_profiles(where='properties["orders"] > 11')),
    "profiles by behaviour": lambda ws: list(
        ws.stream_profiles(
            where='behaviors["bought"] > 2',
            behaviors=[
                {"name": "bought", "window": "30d", "event_selectors": [{"event": "Purchase"}]}
            ],
        )
    ),
}


@pytest.fixture(scope="module")
def both(demo: mpnb.Workspace) -> Iterator[tuple[mpnb.Workspace, mpnb.Workspace]]:
    """The shop, asked directly and through the emulator."""
    with (
        pytest.MonkeyPatch.context() as patch,
        emulator.serve(demo, limits=False) as running,
        connected(running, patch) as remote,
    ):
        yield demo, remote


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions(name: str, both: tuple[mpnb.Workspace, mpnb.Workspace]) -> None:
    local, remote = (QUESTIONS[name](ws).df for ws in both)
    assert len(local) > 0
    assert remote.equals(local)


@pytest.mark.parametrize("name", LISTS)
def test_lists(name: str, both: tuple[mpnb.Workspace, mpnb.Workspace]) -> None:
    local, remote = (LISTS[name](ws) for ws in both)
    assert remote == local


def test_answers_are_the_same_bytes_each_time(client: httpx.Client) -> None:
    asked = {"bookmark": insights("Buy").to_params(), "project_id": 12345}
    first, second = (client.post("/api/query/insights", json=asked) for _ in range(2))
    assert first.status_code == 200
    assert first.content == second.content
