"""Every recorded call has a route: whatever a client asks, nobody hears that there is none."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from mpnb import emulator
from tests.emulator.conftest import TOKEN, client_of, project
from tests.emulator.recorded import Recorded, recorded

CALLS = list(recorded())
PAGES = "it goes on with a session that was never begun; test_data reads all pages"
EMPTY = "the recorded params have no question in them"
UPLOAD = "nothing was uploaded under the recorded key; test_entities uploads"
REFUSED = {
    "stream_profiles..1": PAGES,
    "stream_profiles..2": PAGES,
    "query_user.profiles_sequential.1": PAGES,
    "query_user.profiles_parallel.1": PAGES,
    "query_user.profiles_parallel.2": PAGES,
    "run_params..0": EMPTY,
    "run_funnel_params..0": EMPTY,
    "run_retention_params..0": EMPTY,
    "query_report_link..1": EMPTY,
    "run_flow_params..0": "the recorded params are of an older form, without steps",
    "stream_profiles.cohort.0": "the recorded data group is none of the settings",
    "query_user.aggregate_percentile_segmented.0": "the recorded data group is none",
    "run_user_params..0": "the recorded cohort is none of the settings",
    "activity_feed..0": "paging by windows of days has no meaning over a store",
    "upload_lookup_table..2": UPLOAD,
    "mark_lookup_table_ready..0": UPLOAD,
}
"""Recorded call that is refused (400) → why."""


@pytest.fixture(scope="module")
def asked() -> Iterator[httpx.Client]:
    with emulator.serve(project(), token=TOKEN, limits=False) as running, client_of(running) as c:
        yield c


@pytest.mark.skipif(not CALLS, reason="the recorded calls are not here: set MPNB_SHARED")
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_recorded_call_has_a_route(call: Recorded, asked: httpx.Client) -> None:
    answer = call.send(asked)
    assert answer.status_code not in (500, 501), answer.text
    assert "There is no route" not in answer.text
    assert answer.status_code in (200, 201, 302, 400, 404), answer.text
    assert (answer.status_code == 400) == (call.name in REFUSED), answer.text


@pytest.mark.skipif(not CALLS, reason="the recorded calls are not here: set MPNB_SHARED")
def test_there_are_many() -> None:
    assert len({(call.method, call.path) for call in CALLS}) > 170
    assert set(REFUSED) <= {call.name for call in CALLS}
