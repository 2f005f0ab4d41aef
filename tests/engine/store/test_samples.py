"""Real export files: what they hold must come out as their descriptions say."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mpnb.engine.duckdb.load import load
from mpnb.engine.duckdb.store import Store

SHARED = Path(os.environ.get("MPNB_SHARED", Path(__file__).parents[4] / "shared"))
SAMPLES = SHARED / "data" / "mixpanel_samples"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared data is not here")


def about(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        return {}
    return dict(json.loads((folder / "ABOUT.json").read_text()))


EXPORTS = [
    (name, facts["expect"])
    for name, facts in about(SAMPLES).get("files", {}).items()
    if "expect" in facts
]


@pytest.mark.parametrize(("name", "expected"), EXPORTS)
def test_samples(name: str, expected: dict[str, int]) -> None:
    report, arrays = load(SAMPLES / name, None, strict=True)
    store = Store(arrays)
    assert report.lines == expected["lines"]
    assert store.n_rows == expected["distinct_by_event_time_distinct_id_insert_id"]
    assert int(np.sum(store.user == store.n_users)) == expected["without_distinct_id"]
    assert int(np.sum(store.time % 1000 != 0)) == expected["fractional_times"]
    ids = store.column("$insert_id")
    assert ids is not None
    assert len(ids.values) - 1 == expected["distinct_insert_ids"]


def test_all_samples_at_once() -> None:
    report, arrays = load(SAMPLES, None, strict=False)
    assert (report.lines, report.profiles, report.bad_lines) == (21, 3, 0)
    store = Store(arrays)
    assert "4" in store.users[:]  # its profile's id is a number
    assert (
        store.user_code("12a34aa567eb8d-9ab1c26f345b67-89123c45-6aeaa7-89f12af345f678") is not None
    )


@pytest.mark.parametrize("name", ["crossvalidated", "retentioneering_ecom"])
def test_large_sets(name: str, tmp_path: Path) -> None:
    folder = SHARED / "data" / name
    facts = about(folder)
    report, _ = load(folder / "events.jsonl.gz", tmp_path / "store", strict=True)
    store = Store.open(tmp_path / "store")
    assert (report.lines, store.n_rows, store.n_users) == (
        facts["rows"],
        facts["rows"],
        facts["users"],
    )
    assert int(np.sum(store.user == store.n_users)) == facts["rows_without_distinct_id"]
    counts = np.bincount(store.event, minlength=len(store.events)).tolist()
    assert dict(zip(store.events, counts, strict=True)) == facts["event_names"]
    assert (
        np.datetime_as_string(store.time.min().astype("datetime64[ms]"), "s") + "Z"
        == facts["first_event"]
    )
    assert (
        np.datetime_as_string(store.time.max().astype("datetime64[ms]"), "s") + "Z"
        == facts["last_event"]
    )
