"""The known traps of other clients: each has a test named after it, here or beside its subject.

The fact sheet of the reference numbers what goes wrong elsewhere; `test_trap_NN_…` holds it here.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import mpnb
from mpnb.errors import MixpanelHeadlessError
from mpnb.result.base import segment_columns
from mpnb.result.read import read
from mpnb.result.saved import read_insights
from tests.entity.remote import VIEW, Server, answering, sent, workspace
from tests.parity.shared import SHARED, needs_shared

HERE = Path(__file__).parent
NAMED = re.compile(r"test_trap_((?:\d\d_)(?:and_\d\d_)?)")
INSIGHTS = {
    "computed_at": "2024-01-15T10:30:00",
    "date_range": {"from_date": "2024-01-01", "to_date": "2024-01-02"},
    "headers": ["$metric", "plan"],
    "series": {
        "Login": {
            "$overall": {"2024-01-01": 3, "2024-01-02": 4},
            "pro": {"2024-01-01": 1, "2024-01-02": 4},
            "free": {"2024-01-01": 2, "2024-01-02": 0},
        }
    },
    "meta": {},
}


def named_tests() -> dict[int, list[str]]:
    """Number of a trap → the tests that are named after it and are run."""
    found: dict[int, list[str]] = {}
    for file in sorted(HERE.rglob("test_*.py")):
        if ".data" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match = NAMED.match(node.name) if isinstance(node, ast.FunctionDef) else None
            for number in re.findall(r"\d\d", match[1]) if match else ():
                found.setdefault(int(number), []).append(f"{file.relative_to(HERE)}::{node.name}")
    return found


def numbered() -> list[int]:
    """The numbers of the fact sheet's list."""
    sheet = SHARED / "reference" / "SUMMARY.md"
    if not sheet.exists():
        return []
    _, _, rest = sheet.read_text("utf-8").partition("## Bugs and traps")
    listed = rest.partition("\n## ")[0]
    return [int(number) for number in re.findall(r"(?m)^(\d+)\. ", listed)]


@needs_shared
def test_the_list_is_read() -> None:
    assert numbered() == list(range(1, 33))


@needs_shared
@pytest.mark.parametrize("trap", numbered())
def test_each_trap_has_a_test(trap: int) -> None:
    found = named_tests().get(trap, [])
    assert found, f"no test is named after trap {trap}"


def test_trap_02_everything_shows_itself() -> None:
    ws, _ = answering()
    assert re.match(r"<Workspace: project 12345", repr(ws))
    assert " at 0x" not in repr(ws)
    answer: Any = read("insights", INSIGHTS, {})
    assert {"text/html", "text/plain"} <= set(answer._repr_mimebundle_())
    table = read_insights(INSIGHTS, 7)
    assert {"text/html", "text/plain"} <= set(table._repr_mimebundle_())


def test_trap_15_properties_are_asked_for_with_a_limit() -> None:
    ws, server = answering({"a": {"count": 1}})
    assert ws.properties("Login") == ["a"]
    assert int(sent(server.asked[0])["query"]["limit"]) > 10


def test_trap_18_a_saved_report_with_segments_is_a_clean_frame() -> None:
    frame = read_insights(INSIGHTS, 7).df
    assert not any(isinstance(value, dict) for value in frame.to_numpy().ravel())
    dates = {str(day)[:10] for day in frame["date"]}
    assert dates == {"2024-01-01", "2024-01-02"}
    assert {"pro", "free"} <= set(frame["segment"])


@pytest.mark.parametrize(
    "ask",
    [
        lambda ws: ws.query("A", limit=0),
        lambda ws: ws.query("A", limit=50_001),
        lambda ws: mpnb.Filter("p", "no such operator", 1, "string"),
    ],
)
def test_trap_20_bad_values_have_a_coded_error(ask: Any) -> None:
    with pytest.raises(MixpanelHeadlessError) as problem:
        ask(answering()[0])
    assert problem.value.code
    assert isinstance(problem.value, ValueError)


def test_trap_24_columns_of_breakdowns_have_one_rule() -> None:
    assert segment_columns(["plan"], 1, {"count"}) == ["segment"]
    assert segment_columns(["plan", "os"], 2, {"count"}) == ["plan", "os"]
    assert segment_columns(["plan", "plan"], 2, {"count"}) == ["segment_1", "segment_2"]


@pytest.mark.parametrize("pinned", [True, False])
def test_trap_25_a_data_view_is_named_where_one_is_pinned(pinned: bool) -> None:
    ws, server = answering(INSIGHTS, pinned=pinned)
    ws.query("Login")
    assert sent(server.asked[0])["query"].get("workspace_id") == (str(VIEW) if pinned else None)


def test_trap_26_an_activity_feed_needs_no_pinned_view() -> None:
    views = {"status": "ok", "results": [{"id": VIEW, "is_global": True}]}
    server = Server([(200, views), (200, {"status": "ok", "results": {"events": []}})])
    found = workspace(server).activity_feed(["u1"], from_date="2024-01-01", to_date="2024-01-02")
    assert found.events == []
    asked = sent(server.asked[1])
    assert (asked["method"], asked["body"]["workspace_id"]) == ("POST", VIEW)
