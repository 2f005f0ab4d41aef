"""Published samples of exports and profiles, with the traps of the format: every line of them loads."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

import mpnb
from tests.parity.shared import SHARED

FOLDER = SHARED / "data" / "mixpanel_samples"
ABOUT: dict[str, Any] = (
    json.loads((FOLDER / "ABOUT.json").read_text("utf-8"))["files"] if FOLDER.is_dir() else {}
)
EXPORTS = [name for name in ABOUT if name.startswith("export_")]
ENGAGE = [name for name in ABOUT if name.startswith("engage_")]

pytestmark = pytest.mark.skipif(
    not ABOUT, reason="the folder of recorded cases is absent (set MPNB_SHARED)"
)


@pytest.fixture(autouse=True)
def _own_state(state: Path) -> None:
    """Stores go into a folder of the tests."""


def lines(name: str) -> list[dict[str, Any]]:
    text = (FOLDER / name).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def total(ws: Any, math: str = "total", **more: Any) -> Any:
    whole = {"from_date": "2000-01-01", "to_date": "2030-12-31", "mode": "total"}
    result = ws.query("$all_events", math=math, **whole, **more)
    return next(iter(result.raw["series"].values()))


@pytest.mark.parametrize("name", EXPORTS)
def test_every_line_loads(name: str) -> None:
    expect = ABOUT[name]["expect"]
    ws = mpnb.local(FOLDER / name, strict=True)
    assert total(ws)["all"] == expect["distinct_by_event_time_distinct_id_insert_id"]
    assert len(lines(name)) == expect["lines"]


@pytest.mark.parametrize("name", EXPORTS)
def test_rows_without_a_user_are_in_no_unique_count(name: str) -> None:
    users = {row["properties"].get("distinct_id") for row in lines(name)} - {None, ""}
    assert total(mpnb.local(FOLDER / name), "unique")["all"] == len(users)


@pytest.mark.parametrize("name", EXPORTS)
def test_events_and_their_counts(name: str) -> None:
    found = total(mpnb.local(FOLDER / name), group_by="$event_name")
    names = [row["event"] for row in lines(name)]
    assert {key: value["all"] for key, value in found.items()} == {
        event: names.count(event) for event in names
    }


@pytest.mark.parametrize("source", [FOLDER, [FOLDER / name for name in EXPORTS]])
def test_all_files_together(source: Any, tmp_path: Path) -> None:
    told = pytest.warns(UserWarning, match="ABOUT.json") if source is FOLDER else nullcontext()
    with told:
        ws = mpnb.local(source, store=tmp_path / "store")
    rows = {
        (row["event"], p["time"], p.get("distinct_id"), p.get("$insert_id"))
        for name in EXPORTS
        for row in lines(name)
        for p in [row["properties"]]
    }
    streamed = json.loads((FOLDER / "stream_mixpanel_docs.json").read_text("utf-8"))
    answered = len(streamed["results"]["events"]) if source is FOLDER else 0
    assert total(ws)["all"] == len(rows) + answered
    assert ws.loaded is not None
    assert ws.loaded.bad_lines == 0


def test_numbers_as_text_and_fractions_of_seconds() -> None:
    adobe = mpnb.local(FOLDER / "export_adobe_docs.jsonl")
    assert adobe.properties("Item Purchased")
    appsmith = "export_appsmith_docs.jsonl"
    ws = mpnb.local(FOLDER / appsmith)
    times = sorted(round(row["properties"]["time"] * 1000) for row in lines(appsmith))
    assert sorted(ws.engine.store.time.tolist()) == times  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ENGAGE)
def test_profiles_load(name: str) -> None:
    answer = json.loads((FOLDER / name).read_text("utf-8"))
    people = answer["results"] if isinstance(answer, dict) else answer
    ws = mpnb.local(FOLDER / EXPORTS[0], profiles=FOLDER / name)
    shown = ws.query_user(mode="profiles", limit=None)
    ids = {str(person["$distinct_id"]) for person in people}
    assert set(shown.distinct_ids) >= ids
