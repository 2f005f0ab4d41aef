"""Requests fit the documents: the recorded ones here, those that mpnb makes after every test.

The fixture `sent` (conftest.py) looks at each request that mpnb makes to an emulator during a test of
this folder; tests/entity shows that its other requests are the recorded ones.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

import mpnb
from tests.emulator.recorded import Recorded, recorded
from tests.emulator.requests_of import (
    ALLOWED,
    OPERATIONS,
    RECORDED_ONLY,
    Sent,
    differences,
    is_documented,
)

CALLS = list(recorded())
needs_documents = pytest.mark.skipif(
    not (CALLS and OPERATIONS), reason="the documents are not here: set MPNB_SHARED"
)


def as_sent(call: Recorded) -> Sent:
    """A recorded request as it would arrive."""
    content, media = b"", ""
    if call.body is not None:
        media = "application/x-www-form-urlencoded" if call.form else "application/json"
        content = (urlencode(call.body) if call.form else json.dumps(call.body)).encode()
    query = {name: [value] for name, value in call.query.items()}
    return Sent(call.method, call.path, query, media, content)


@needs_documents
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_recorded_request_fits_its_document(call: Recorded) -> None:
    assert set(differences(as_sent(call))) <= {*ALLOWED, *RECORDED_ONLY}


@needs_documents
def test_the_differences_are_exact() -> None:
    """Each row of the tables is a difference that there is."""
    found = {difference for call in CALLS for difference in differences(as_sent(call))}
    assert found == {*ALLOWED, *RECORDED_ONLY}
    assert sum(is_documented(as_sent(call)) for call in CALLS) >= 54


@needs_documents
@pytest.mark.parametrize(
    ("method", "path", "query", "body", "said"),
    [
        ("GET", "/api/query/segmentation", {"event": ["e"]}, None, "from_date is missing"),
        ("GET", "/api/query/events/top", {"x": ["1"], "type": ["general"]}, None, "x is not doc"),
        ("GET", "/api/query/events/top", {"type": ["all"]}, None, "enum"),
        ("POST", "/api/app/projects/1/annotations", {}, {"date": 5}, "the body"),
        ("GET", "/api/2.0/export", {"from_date": ["2025-01-01"]}, None, "to_date is missing"),
    ],
)
def test_what_does_not_fit_is_found(
    method: str, path: str, query: dict[str, list[str]], body: object, said: str
) -> None:
    content = b"" if body is None else json.dumps(body).encode()
    found = differences(Sent(method, path, query, "application/json", content))
    assert any(said in difference for difference in found), found


def test_what_mpnb_sends_is_looked_at(remote: mpnb.Workspace, sent: list[Sent]) -> None:
    remote.segmentation("Buy", from_date="2025-01-01", to_date="2025-01-10")
    remote.segmentation_sum("Buy", on="amount", from_date="2025-01-01", to_date="2025-01-10")
    remote.frequency(from_date="2025-01-01", to_date="2025-01-10")
    remote.event_counts(["Buy"], from_date="2025-01-01", to_date="2025-01-10")
    remote.property_counts("Buy", "plan", from_date="2025-01-01", to_date="2025-01-10")
    remote.cohorts()
    assert len(list(remote.stream_events(from_date="2025-01-01", to_date="2025-01-02"))) > 5
    remote.import_events(
        [{"event": "E", "properties": {"time": 1735689600, "distinct_id": "x", "$insert_id": "1"}}]
    )
    looked_at = {each.path for each in sent if is_documented(each)} if OPERATIONS else set()
    assert len(sent) >= 8
    assert not OPERATIONS or {"/api/2.0/export", "/import"} <= looked_at
