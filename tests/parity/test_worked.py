"""The worked cases and the reference numbers hold; the comparison itself finds what differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.parity import reference, semantics
from tests.parity.shared import SHARED, needs_shared

CASES = SHARED / "semantics" / "cases.jsonl"
OWN_CASES = Path(__file__).with_name("own_cases.jsonl")


@needs_shared
def test_worked_cases(capsys):
    assert semantics.main([str(CASES)]) == 0, capsys.readouterr().out


def test_own_cases(capsys):
    """Rules at their edges, with values worked out by hand: none is refused, none is wrong."""
    code = semantics.main([str(OWN_CASES)])
    said = capsys.readouterr().out
    assert code == 0, said
    assert "0 not supported, 0 wrong" in said.splitlines()[-1]


@needs_shared
def test_reference_numbers(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("MPNB_HOME", str(tmp_path))
    folder = SHARED / "data" / "retentioneering_ecom"
    assert reference.main([str(folder)]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ({"rows": [{"event": "A", "count": 1}]}, {"rows": [{"event": "A", "count": 2}]}),
        ({"rows": [{"event": "A", "count": None}]}, {"rows": [{"event": "A", "count": 0}]}),
        ({"rows": []}, {"rows": [{"event": "A", "count": 0}]}),
        ({"counts": [1, 2]}, {"counts": [1]}),
        ({"values": {"a": 1}}, {"values": {"a": 1, "b": 2}}),
        ({"nodes": [[0, "A", 1]]}, {"nodes": [[0, "A", 1], [1, "B", 1]]}),
        ({"overall": 0.5}, {}),
        ({"rows": [{"event": "A", "count": 1}]}, {"rows": [{"event": "A", "count": True}]}),
    ],
)
def test_differences_are_found(expected, found):
    assert list(semantics.compare(expected, found))


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ({"counts": [1, 2]}, {"counts": [1, 2.0000001, 3], "more": 1}),
        ({"nodes": [[0, "A", 1], [1, "B", 1]]}, {"nodes": [[1, "B", 1], [0, "A", 1]]}),
        ({"data": {"d": [1, 0]}}, {"data": {"d": [1, 0, 0, 0]}}),
        (
            {"segments": {"s": {"cohorts": {}}}},
            {"segments": {"s": {"cohorts": {"d": {"first": 0}}}}},
        ),
    ],
)
def test_what_may_differ_passes(expected, found):
    assert not list(semantics.compare(expected, found))


def test_a_wrong_case_fails_the_run(tmp_path, capsys):
    case = {
        "id": "made-up",
        "area": "insights",
        "events": [{"event": "A", "properties": {"time": 1735725600, "distinct_id": "u"}}],
        "timezone": "UTC",
        "now": "2026-01-01T00:00:00+00:00",
        "call": 'ws.query("A", mode="total", from_date="2025-01-01", to_date="2025-01-01")',
        "expect": {"rows": [{"event": "A", "count": 2}]},
    }
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps(case) + "\n", encoding="utf-8")
    assert semantics.main([str(file)]) == 1
    assert "wrong: made-up" in capsys.readouterr().out
