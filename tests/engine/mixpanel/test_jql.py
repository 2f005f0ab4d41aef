"""JQL scripts: what is sent, what comes back in every shape, and how a script fails."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

import mpnb
from mpnb.errors import JQLSyntaxError, NotSupportedError, QueryError
from mpnb.result import JQLResult
from tests.entity.remote import Server, answering, workspace

SCRIPT = "function main() { return Events(params).groupBy(['name'], mixpanel.reducer.count()); }"
FAILED = (
    "UserVisiblePreconditionFailedError: Uncaught exception TypeError: Events(...).limit is not "
    "a function\n  .limit(10);\n   ^\n\nStack trace:\nTypeError: Events(...).limit\n    at main"
)


def test_a_script_goes_as_a_form_and_its_list_comes_back() -> None:
    ws, server = answering([{"name": "Login", "value": 5}])
    found = ws.jql(SCRIPT, {"from_date": "2024-01-01"})
    request = server.asked[0]
    assert (request.method, request.url.path) == ("POST", "/api/query/jql")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    form = parse_qs(request.content.decode())
    assert form["script"] == [SCRIPT]
    assert json.loads(form["params"][0]) == {"from_date": "2024-01-01"}
    assert found.raw == [{"name": "Login", "value": 5}]
    assert found.to_dict() == {"raw": found.raw, "row_count": 1}
    assert list(found.df.columns) == ["name", "value"]


def test_without_values_none_are_sent() -> None:
    ws, server = answering([])
    assert ws.jql(SCRIPT).raw == []
    assert "params" not in parse_qs(server.asked[0].content.decode())


@pytest.mark.parametrize(
    ("raw", "rows"),
    [
        ([], []),
        ([{"key": ["US"], "value": 2}], [{"key_0": "US", "value": 2}]),
        (
            [{"key": ["US", 1], "value": [2, 3], "name": "x"}],
            [{"key_0": "US", "key_1": 1, "value_0": 2, "value_1": 3, "name": "x"}],
        ),
        ([[{"percentile": 50, "value": 7}]], [{"percentile": 50, "value": 7}]),
        ([1, "two", None], [{"value": 1.0}, {"value": "two"}, {"value": None}]),
        ([[1, 2]], [{"value": [1, 2]}]),
    ],
    ids=str,
)
def test_every_shape_becomes_a_table(raw: list[Any], rows: list[dict[str, Any]]) -> None:
    assert JQLResult(raw).to_table_dict() == rows


def test_groups_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(QueryError, match="one value and some several"):
        JQLResult([{"key": ["a"], "value": 1}, {"key": ["b"], "value": [1]}]).df  # noqa: B018


def test_a_script_that_fails_says_where() -> None:
    ws = workspace(Server([(412, {"error": FAILED, "request": "/api/query/jql"})]))
    with pytest.raises(JQLSyntaxError) as caught:
        ws.jql(SCRIPT)
    error = caught.value
    assert (error.error_type, error.status_code, error.code) == (
        "TypeError",
        412,
        "JQL_SYNTAX_ERROR",
    )
    assert error.error_message == "Events(...).limit is not a function"
    assert error.line_info == "  .limit(10);\n   ^"
    assert error.stack_trace is not None
    assert "at main" in error.stack_trace
    assert error.script == SCRIPT


def test_words_without_a_known_form_stand_whole() -> None:
    error = JQLSyntaxError("it broke")
    assert (error.error_type, error.error_message, error.line_info) == (
        "UnknownError",
        "it broke",
        None,
    )
    assert error.raw_error == "it broke"


def test_a_local_store_runs_no_scripts() -> None:
    with pytest.raises(NotSupportedError, match="jql"):
        mpnb.local([{"event": "A", "properties": {"time": 1, "distinct_id": "u"}}]).jql(SCRIPT)
