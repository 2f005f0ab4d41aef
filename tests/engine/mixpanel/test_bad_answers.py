"""An answer that is not one is an error of the tree: nothing is made of it, and nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mpnb import Workspace
from mpnb.errors import MixpanelHeadlessError
from tests.engine.mixpanel.conftest import session
from tests.engine.mixpanel.server import Give, serving

DAYS: dict[str, Any] = {"from_date": "2024-01-01", "to_date": "2024-01-02"}
EVENT = {"event": "A", "properties": {"time": 1700000000, "distinct_id": "u"}}

ASKS: dict[str, Callable[[Workspace], Any]] = {
    "insights": lambda ws: ws.query("A", **DAYS),
    "retention": lambda ws: ws.query_retention("A", "B", **DAYS),
    "flow": lambda ws: ws.query_flow("A", **DAYS),
    "users": lambda ws: ws.query_user(),
    "events": lambda ws: ws.events(),
    "top": lambda ws: ws.properties("A"),
    "values": lambda ws: ws.property_values("p"),
    "funnels": lambda ws: ws.funnels(),
    "segmentation": lambda ws: ws.segmentation("A", **DAYS),
    "legacy retention": lambda ws: ws.retention(born_event="A", return_event="B", **DAYS),
    "funnel": lambda ws: ws.funnel(1, **DAYS),
    "profiles": lambda ws: list(ws.stream_profiles()),
    "me": lambda ws: ws.me(),
    "dashboard": lambda ws: ws.get_dashboard(1),
    "import": lambda ws: ws.import_events([EVENT]),
}
REFUSALS = {
    "an error": {"error": "Project is on another cluster"},
    "a status": {"status": "error", "message": "Project is on another cluster"},
}
ODD: dict[str, Any] = {
    "nothing": b"",
    "null": None,
    "a number": 7,
    "a text": "hello",
    "a page": b"<!doctype html><html><title>Sign in</title></html>",
    "half of it": b'{"series": {',
    "an object": {"status": "ok"},
}


def answered(body: Any, ask: Callable[[Workspace], Any], at: Any) -> tuple[Exception, int]:
    """The error that a question ends with, and the requests that it took."""
    with serving(lambda got: Give(body)) as server:
        at(server)
        with (
            Workspace(session=session(), on_limit="ignore") as ws,
            pytest.raises(MixpanelHeadlessError) as caught,
        ):
            ask(ws)
        with Workspace(session=session(), on_limit="ignore") as again:
            assert again.cache.entries() == [], "what is no answer is not kept"
        return caught.value, len(server.got)


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("body", ODD)
def test_what_is_no_answer(body: str, ask: str, at: Any) -> None:
    if (body, ask) == ("an object", "import"):
        return  # that is what /import answers
    problem, requests = answered(ODD[body], ASKS[ask], at)
    assert str(problem)
    assert requests == 1, "asking again would not help"


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("body", REFUSALS)
def test_an_error_inside_of_a_good_status(body: str, ask: str, at: Any) -> None:
    problem, requests = answered(REFUSALS[body], ASKS[ask], at)
    assert "another cluster" in str(problem)
    assert requests == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("ask", ASKS)
def test_another_host_sees_nothing(ask: str, status: int, at: Any, home: Path) -> None:
    with serving(lambda got: Give({})) as other:
        there = {"Location": f"{other.url}/api/query/insights"}
        with serving(lambda got: Give({}, status, there)) as server:
            at(server)
            with (
                Workspace(session=session(), on_limit="ignore") as ws,
                pytest.raises(MixpanelHeadlessError, match="not followed"),
            ):
                ASKS[ask](ws)
        assert other.got == []


@pytest.mark.parametrize("body", ["a page", *REFUSALS])
def test_an_export_that_is_none(body: str, at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mpnb.engine.mixpanel.export_rows.BETWEEN_S", 0.0)
    problem, _ = answered({**ODD, **REFUSALS}[body], lambda ws: list(ws.stream_events(**DAYS)), at)
    assert ("a web page" if body == "a page" else "another cluster") in str(problem).casefold()


def test_unknown_keys_are_no_error(at: Any, home: Path) -> None:
    whole = {"series": {}, "headers": [], "computed_at": "", "date_range": {}, "new": {"x": 1}}
    with serving(lambda got: Give(whole)) as server:
        at(server)
        with Workspace(session=session(), on_limit="ignore") as ws:
            assert ws.query("A", **DAYS).raw["new"] == {"x": 1}


def test_a_batch_that_was_refused_in_part_is_reported(at: Any, home: Path) -> None:
    said = {
        "code": 400,
        "error": "some data points in the request failed validation",
        "failed_records": [{"index": 1, "field": "properties.time", "message": "too old"}],
        "num_records_imported": 1,
        "status": "Bad Request",
    }
    with serving(lambda got: Give(said, 400)) as server:
        at(server)
        with Workspace(session=session(), on_limit="ignore") as ws:
            report = ws.import_events([EVENT, EVENT])
    assert (report.accepted, report.refused) == (1, 1)
