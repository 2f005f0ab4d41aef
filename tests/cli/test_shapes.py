"""Shapes that scripts read: spelling of keys, moments, links, empty answers, empty lists."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest

from mpnb.cli import main, output
from tests.cli.test_requests import answering
from tests.entity.remote import Server
from tests.entity.test_recorded import LOOKUP

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch

SCHEMA = {
    "entityType": "event",
    "name": "A",
    "schemaJson": {"description": "d", "properties": {"x": {"type": "number"}}},
}
ANOMALY = {
    "id": 1,
    "actualCount": 5,
    "predictedUpper": 3,
    "predictedLower": 1,
    "percentVariance": "66.7%",
    "status": "open",
    "anomalyClass": "Event",
    "project": "12345",
}
VIOLATION = {"violation": "Unexpected Event", "name": "A", "count": 4, "propertyTypeError": None}
DAYS = ["--from", "2025-01-01", "--to", "2025-01-02"]
SEGMENTATION = {"data": {"series": ["2025-01-01"], "values": {"A": {"2025-01-01": 3}}}}


def printed(
    words: list[str], answers: list[Any], monkeypatch: Patch, capsys: Capture, code: int = 0
) -> str:
    server = Server([(200, answer) for answer in answers])
    answering(server, monkeypatch)
    assert main(words) == code, capsys.readouterr().err
    return capsys.readouterr().out


def ok(results: Any) -> dict[str, Any]:
    return {"status": "ok", "results": results}


@pytest.mark.parametrize(
    ("words", "answer", "keys"),
    [
        (["schemas", "list"], ok([SCHEMA]), {"entityType", "schemaJson"}),
        (["schemas", "delete", "--entity-type", "event"], ok({"deleteCount": 2}), {"deleteCount"}),
        (["lexicon", "anomalies", "list"], ok({"anomalies": [ANOMALY]}), {"actualCount"}),
        (["lexicon", "enforcement", "get"], ok({"ruleEvent": "x"}), {"ruleEvent", "lastModified"}),
        (["lexicon", "audit"], ok([[VIOLATION], {"computed_at": "x"}]), {"computed_at"}),
        (["drop-filters", "limits"], ok({"filterLimit": 3}), {"filter_limit"}),
        (["lookup-tables", "download-url", "--data-group-id", "3"], ok({"url": "u"}), {"url"}),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, list) else "",
)
def test_keys_are_spelled_as_scripts_know_them(
    words: list[str], answer: Any, keys: set[str], monkeypatch: Patch, capsys: Capture
) -> None:
    found = json.loads(printed(words, [answer], monkeypatch, capsys))
    assert keys <= set(found[0] if isinstance(found, list) else found)


def test_what_is_inside_an_audit_is_spelled_so_too(monkeypatch: Patch, capsys: Capture) -> None:
    answer = ok([[VIOLATION], {"computed_at": "x"}])
    found = json.loads(printed(["lexicon", "audit"], [answer], monkeypatch, capsys))
    assert "propertyTypeError" in found["violations"][0]


def test_schemas_of_the_lexicon_tell_their_size(monkeypatch: Patch, capsys: Capture) -> None:
    words = ["inspect", "lexicon-schemas"]
    row = json.loads(printed(words, [ok([SCHEMA])], monkeypatch, capsys))[0]
    assert list(row)[:4] == ["entity_type", "name", "property_count", "description"]
    assert (row["property_count"], row["description"]) == (1, "d")
    assert row["schema_json"]["properties"]
    text = printed([*words, "-f", "csv"], [ok([SCHEMA])], monkeypatch, capsys)
    assert text == "entity_type,name,property_count,description\nevent,A,1,d\n"


def test_moments_have_their_offset(monkeypatch: Patch, capsys: Capture) -> None:
    dashboard = {"id": 1, "title": "A", "created": "2025-06-30T23:59:59Z"}
    found = json.loads(printed(["dashboards", "get", "1"], [ok(dashboard)], monkeypatch, capsys))
    assert found["created"] == "2025-06-30T23:59:59+00:00"


def test_a_choice_is_its_word(monkeypatch: Patch, capsys: Capture) -> None:
    hook = {"id": "w", "name": "a", "url": "https://e.com", "is_enabled": True}
    answer = ok([hook | {"auth_type": "basic"}])
    text = printed(["webhooks", "list", "-f", "csv"], [answer], monkeypatch, capsys)
    assert ",basic," in text


def test_numbers_come_with_their_link(monkeypatch: Patch, capsys: Capture) -> None:
    words = ["query", "saved-report", "7", "--link"]
    report = {"series": {"A": {"2025-01-01": 3}}, "headers": ["$metric"]}
    saved = {"id": 7, "name": "r", "type": "insights", "params": {}, "project_id": 12345}
    found = json.loads(printed(words, [report, ok(saved)], monkeypatch, capsys))
    assert found["series"] == report["series"]
    assert found["report_url"].endswith("/12345/app/insights#report/7")
    lines = printed([*words, "-f", "table"], [report, ok(saved)], monkeypatch, capsys).splitlines()
    assert lines[0].startswith("DATE")
    assert lines[-1] == f"report_url: {found['report_url']}"
    head, row = printed([*words, "-f", "csv"], [report, ok(saved)], monkeypatch, capsys).split()
    assert (head.endswith(",report_url"), row.endswith(found["report_url"])) == (True, True)


def test_a_link_that_cannot_be_made_keeps_no_numbers_back(
    monkeypatch: Patch, capsys: Capture
) -> None:
    words = ["query", "segmentation", "-e", "A", *DAYS, "--link", "--where", "true"]
    server = Server([(200, SEGMENTATION)])
    answering(server, monkeypatch)
    assert main(words) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert (found["total"], found["report_url"]) == (3, None)
    assert "--where" in found["report_url_error"]
    assert "--where" in said.err


def test_params_for_a_link_come_from_standard_input(monkeypatch: Patch, capsys: Capture) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("{"))
    printed(["reports", "link", "-"], [], monkeypatch, capsys, 3)
    assert main(["reports", "link", "-", "--params", "{}"]) == 3
    assert "standard input" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["lexicon", "events", "get", "--names", " , "],
        ["dashboards", "bulk-delete", "--ids", ""],
        ["query", "event-counts", "-e", ",", *DAYS],
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_a_list_of_nothing_is_refused(
    words: list[str], monkeypatch: Patch, capsys: Capture
) -> None:
    printed(words, [], monkeypatch, capsys, 3)


def test_an_empty_frame_has_its_header(capsys: Capture) -> None:
    pandas = pytest.importorskip("pandas")

    class Empty:
        df = pandas.DataFrame(columns=["date", "count"])

    output.write(Empty(), "csv")
    output.write(Empty(), "table")
    assert capsys.readouterr().out == "date,count\n(none)\n"


def test_a_terminal_sees_short_cells(monkeypatch: Patch, capsys: Capture) -> None:
    rows = [{"id": 1, "text": "x" * 100, "none": None}]
    output.write(rows, "table")
    assert "x" * 100 in capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    output.write(rows, "table")
    shown = capsys.readouterr().out
    assert "NONE" not in shown
    assert "x" * 59 + "…" in shown
    output.write([{"id": None}], "table")
    assert "ID" in capsys.readouterr().out


def test_a_caret_keeps_its_place(monkeypatch: Patch, capsys: Capture) -> None:
    answering(Server([(400, {"error": "Unknown name.\n  bad[\n  ^"})]), monkeypatch)
    assert main(["query", "segmentation", "-e", "A", *DAYS, "--where", "bad["]) == 3
    assert "  ^\n(status 400). The request" in capsys.readouterr().err


def test_an_activity_feed_says_how_much_before_what(monkeypatch: Patch, capsys: Capture) -> None:
    answers = [LOOKUP["response_example"], {"results": {"events": []}}]
    text = printed(["query", "activity-feed", "-U", "a"], answers, monkeypatch, capsys)
    assert list(json.loads(text))[-3:] == ["event_count", "events", "sentinel_event"]


@pytest.mark.parametrize("more", [["--jq", ".["], ["--jq", ".", "-f", "csv"]], ids=" ".join)
def test_a_filter_that_cannot_be_costs_no_question(
    more: list[str], monkeypatch: Patch, capsys: Capture
) -> None:
    pytest.importorskip("jq")
    server = Server([])
    answering(server, monkeypatch)
    assert main(["dashboards", "list", *more]) == 3
    assert not server.asked
    assert "--jq" in capsys.readouterr().err
