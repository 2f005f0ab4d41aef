"""The comparison with numbers computed elsewhere, over a small folder whose numbers are counted here."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.parity import reference

DAY = 86_400
START = 1_709_251_200  # 2024-03-01, a Friday
ROWS = [  # user, event, seconds after the start
    ("u1", "In", 0),
    ("u1", "Out", 60),
    ("u1", "Out", 8 * DAY),
    ("u2", "In", 60),
    ("u2", "DROPOFF", 60),
    ("u2", "Out", 90),
    ("u3", "In", 4 * DAY),
    ("u3", "In", 11 * DAY),
    ("u3", "Out", 20 * DAY),
    (None, "In", DAY),
]


def written(folder: Path, facts: dict[str, Any]) -> Path:
    with gzip.open(folder / "events.jsonl.gz", "wt", encoding="utf-8") as file:
        for number, (user, event, after) in enumerate(ROWS):
            who = {"distinct_id": user} if user else {}
            properties = {"time": START + after, "$insert_id": f"row-{number}", **who}
            file.write(json.dumps({"event": event, "properties": properties}) + "\n")
    whole = {"range": {"from_date": "2024-03-01", "to_date": "2024-03-14"}, **facts}
    (folder / "reference.json").write_text(json.dumps(whole), encoding="utf-8")
    return folder


FUNNEL: dict[str, Any] = {
    "steps": ["In", "Out"],
    "window_seconds": 10 * DAY,
    "users_per_step": [3, 2],
    "median_seconds": {"step_1_to_2": 45},
    "mean_seconds": {"step_1_to_2": 45.0},
    "users_per_step_by_monday_week_of_step_1": {"2024-02-26": [2, 2], "2024-03-04": [1, 0]},
    "variants_users_per_step": {
        "later_steps_must_lie_inside_the_range_too": [3, 2],
        "later_step_may_share_the_second_of_the_step_before": [3, 2],
        "any_step_1_event_of_the_range_may_start_the_attempt_best_one_counts": [3, 3],
    },
}
FACTS: dict[str, Any] = {
    "events_inside_range": 9,
    "users_inside_range": 3,
    "weekly_uniques": {"event": "In", "weeks": {"2024-02-26": 2, "2024-03-04": 1}},
    "funnel": FUNNEL,
    "retention": [
        {
            "born_event": "In",
            "return_event": "Out",
            "born_users": 3,
            "returned_users_per_week_bucket": [2, 1, 1],
            "variant_return_events_inside_the_range_only": [2, 1, 0],
        }
    ],
    "next_events": {
        "anchor": "In",
        "anchors": 4,
        "end": 1,
        "top": [["DROPOFF", 1], ["In", 1], ["Out", 1]],
    },
}


@pytest.fixture(autouse=True)
def _own_state(state: Path) -> None:
    """Stores go into a folder of the tests."""


def test_numbers_that_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.main([str(written(tmp_path, FACTS))]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in printed[:-1] if "cannot be asked" not in line] == []
    assert printed[-1] == "19 agree, 0 disagree, 1 cannot be asked"


def test_numbers_that_disagree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {"events_inside_range": 8, "funnel": {**FUNNEL, "users_per_step": [3, 3]}, "new": 1}
    assert reference.main([str(written(tmp_path, wrong))]) == 1
    printed = capsys.readouterr().out
    assert "events_inside_range: the reference says 8, we say 9" in printed
    assert "funnel: the reference says [3, 3], we say [3, 2]" in printed
    assert "new cannot be asked" in printed


def test_a_folder_without_reference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.main([str(tmp_path)]) == 0
    assert "has no reference.json" in capsys.readouterr().out
