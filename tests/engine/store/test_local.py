"""Opening events with `mpnb.local`: what decides which store, and what is refused at once."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mpnb as mp
from mpnb.engine.duckdb.load import LoadError
from mpnb.errors import ParamValidationError

LINE = json.dumps({"event": "a", "properties": {"time": 1735689600, "distinct_id": "u"}}) + "\n"


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPNB_HOME", str(tmp_path / "home"))


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "e.jsonl"
    path.write_text(LINE)
    return path


def test_a_store_made_before_does_not_hide_bad_lines_from_strict(events: Path) -> None:
    events.write_text(LINE + "{bad\n")
    with pytest.warns(UserWarning, match="line 2"):
        mp.local(events)
    with pytest.raises(LoadError, match="line 2"):
        mp.local(events, strict=True)


def test_a_store_made_before_does_not_hide_profiles(events: Path) -> None:
    mp.local(events)
    frame = pd.DataFrame({"$distinct_id": ["u"], "age": [3]})
    found = mp.local(events, profiles=frame).query_user(mode="profiles").profiles
    assert [profile["properties"]["age"] for profile in found] == [3]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"timezone": "Europe/Rom"}, "did you mean 'Europe/Rome'"),
        ({"timezone": "../etc"}, "no time zone"),
        ({"now": "yesterday"}, "now is 'yesterday'"),
    ],
)
def test_a_zone_or_moment_that_is_none(events: Path, given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ParamValidationError, match=reason):
        mp.local(events, **given)


def test_no_source() -> None:
    with pytest.raises(LoadError, match="no source"):
        mp.local(None)


@pytest.mark.parametrize("now", ["2025-01-02T20:00:00", datetime(2025, 1, 2, 20)])
def test_a_moment_without_an_offset_is_the_zones(events: Path, now: Any) -> None:
    for _ in ("loaded", "opened again"):
        ws = mp.local(events, timezone="America/New_York", now=now)
        assert ws.engine.now().isoformat() == "2025-01-02T20:00:00-05:00"
        assert int(ws.query("a", last=3, mode="total").df["count"].sum()) == 1


def test_files_of_a_folder_that_are_left_out_are_told(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "e.jsonl").write_text(LINE)
    (tmp_path / "data" / "broken.jsonl").write_bytes(b"\x00\x01")
    with pytest.warns(UserWarning, match="broken.jsonl"):
        mp.local(tmp_path / "data")
