"""Other clients of Mixpanel: the same story told by another package and by mpnb is the same.

The other package is a process of its own, with the Python of the environment that has it
(`MPNB_PEER_PYTHON`, by default the one that the benchmarks made); without it these tests skip.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import mpnb
from mpnb import emulator
from mpnb.emulator import Running
from tests.emulator.conftest import START, TOKEN

HERE = Path(__file__).parent
PEER = Path(
    os.environ.get("MPNB_PEER_PYTHON", HERE.parent / "benchmarks" / ".data" / "peer" / "bin/python")
)
NAME = "mixpanel_headless"
NAMES = (
    *("events", "properties", "values", "top", "insights", "formula", "filter", "funnel"),
    *("retention", "flow", "people", "profiles", "segmentation", "numeric", "sum", "average"),
    *("counts", "property counts", "older retention", "frequency", "streams", "saved"),
    "governance",
)
OFFICIAL = os.environ.get("MPNB_MIXPANEL_PYTHON", "")
"""A Python that has Mixpanel's own library, `mixpanel`."""


def told(python: Path, package: str, home: Path) -> dict[str, Any]:
    """The story, told by a package over an emulator of its own."""
    with emulator.serve("demo", token=TOKEN, limits=False) as running:
        env = {
            **{key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ},
            "HOME": str(home),
            "MPNB_HOME": str(home / "state"),
            "PYTHONPATH": str(HERE.parents[1]) if package == "mpnb" else "",
            "MP_API_BASE_URL": running.url,
            "MP_USERNAME": "anybody",
            "MP_SECRET": TOKEN,
            "MP_REGION": "us",
            "MP_PROJECT_ID": str(running.identity.project_id),
            "MPNB_ON_LIMIT": "ignore",
        }
        done = subprocess.run(
            [str(python), str(HERE / "client_story.py"), package],
            capture_output=True,
            text=True,
            env=env,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return told(Path(sys.executable), "mpnb", tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if not PEER.exists():
        pytest.skip(f"{NAME} is not here: set MPNB_PEER_PYTHON to a Python that has it")
    return told(PEER, NAME, tmp_path_factory.mktemp("theirs"))


def test_the_story_is_whole(ours: dict[str, Any]) -> None:
    assert tuple(ours) == NAMES
    assert all(value not in (None, [], {}, 0) for value in ours.values())


@pytest.mark.parametrize("step", NAMES)
def test_both_clients_read_the_same(
    step: str, ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    assert theirs[step] == ours[step]


@pytest.mark.skipif(not OFFICIAL, reason="set MPNB_MIXPANEL_PYTHON to a Python that has mixpanel")
def test_mixpanels_own_library_sends(running: Running, remote: mpnb.Workspace) -> None:
    words = [OFFICIAL, str(HERE / "official_story.py"), running.url, TOKEN, str(START)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "refused\n"), done.stderr[-3000:]
    rows = list(remote.stream_events(from_date="2025-01-01", to_date="2025-01-01", raw=True))
    sent = {row["event"]: row["properties"] for row in rows if row["event"] not in ("Buy", "View")}
    assert set(sent) == {"Track", "Import", "Batch"}
    assert (sent["Track"]["plan"], sent["Track"]["distinct_id"]) == ("pro", "new é")
    assert (sent["Import"]["n"], sent["Import"]["time"]) == (1, START + 60)
    assert sum(row["event"] == "Batch" for row in rows) == 25
    people = {row["distinct_id"]: row["properties"] for row in remote.stream_profiles()}
    assert "gone" not in people
    known = {key: people["new é"][key] for key in ("$name", "visits", "tags")}
    assert known == {"$name": "É", "visits": 3, "tags": ["b", "c"]}
    assert "first" not in people["new é"]
