"""Which user an event belongs to, by the three rules."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from mpnb.engine.duckdb.store import Store

A = "11111111-1111-4111-8111-111111111111"
B = "22222222-2222-4222-9222-222222222222"


def row(time: float, event: str = "a", **properties: Any) -> dict[str, Any]:
    named = {("$" + key[1:] if key.startswith("_") else key): v for key, v in properties.items()}
    return {"event": event, "properties": {"time": time, **named}}


def users(rows: list[dict[str, Any]], identity: str) -> list[list[float]]:
    """Times of each user's events; which id stands for a user does not matter."""
    store = Store.from_rows(rows, settings={"identity": identity})
    bounds = store.offsets.tolist()
    return sorted((store.time[a:b] // 1000).tolist() for a, b in pairwise(bounds))


SIMPLIFIED = [
    ("a device joins its user, earlier events included",
     [row(1, distinct_id="$device:D", _device_id="D"), row(2, distinct_id="U", _user_id="U", _device_id="D")],
     [[1, 2]]),
    ("the earliest link wins, whatever the order of loading",
     [row(9, distinct_id="V", _user_id="V", _device_id="D"), row(2, distinct_id="U", _user_id="U", _device_id="D"),
      row(10, distinct_id="$device:D", _device_id="D")],
     [[2, 10], [9]]),
    ("a device nobody used is itself, also when only the id says so",
     [row(1, distinct_id="$device:D", _device_id="D"), row(2, distinct_id="$device:D")],
     [[1, 2]]),
    ("plain ids are themselves", [row(1, distinct_id="U"), row(2, distinct_id="V")], [[1], [2]]),
    ("a user id alone is enough", [row(1, _user_id="U"), row(2, distinct_id="U")], [[1, 2]]),
    ("empty ids are none", [row(1, distinct_id="x", _user_id="", _device_id="")], [[1]]),
]  # fmt: skip


@pytest.mark.parametrize(("why", "rows", "expected"), SIMPLIFIED)
def test_simplified(why: str, rows: list[dict[str, Any]], expected: list[list[float]]) -> None:
    assert users(rows, "simplified") == expected, why


def test_a_profile_of_a_device_belongs_to_its_user() -> None:
    rows = [row(2, distinct_id="U", _user_id="U", _device_id="D")]
    profile = {"$distinct_id": "$device:D", "$properties": {"plan": "pro"}}
    store = Store.from_rows(rows, [profile], settings={"identity": "simplified"})
    assert store.users[:] == ["U"]
    assert store.profile_json(0) == {"plan": "pro"}


ORIGINAL = [
    ("identify joins", [row(1, distinct_id=A), row(2, "$identify", distinct_id="U", _anon_id=A, _identified_id="U")],
     [[1, 2]]),
    ("only anonymous ids of the right form", [row(1, distinct_id="x"), row(2, "$identify", distinct_id="U", _anon_id="x", _identified_id="U")],
     [[1], [2]]),
    ("an anonymous id has one owner, the earlier",
     [row(3, "$identify", distinct_id="V", _anon_id=A, _identified_id="V"), row(1, distinct_id=A),
      row(2, "$identify", distinct_id="U", _anon_id=A, _identified_id="U")],
     [[1, 2], [3]]),
    ("aliases join", [row(1, distinct_id="p"), row(2, "$create_alias", distinct_id="q", alias="p")], [[1, 2]]),
    ("merges join", [row(1, distinct_id=A), row(2, distinct_id=B), row(3, "$merge", distinct_id=A, _distinct_ids=[A, B])],
     [[1, 2, 3]]),
    ("failed ones do not", [row(1, distinct_id="p"), row(2, "$create_alias", distinct_id="q", alias="p", _failure_reason="no")],
     [[1], [2]]),
]  # fmt: skip


@pytest.mark.parametrize(("why", "rows", "expected"), ORIGINAL)
def test_original(why: str, rows: list[dict[str, Any]], expected: list[list[float]]) -> None:
    assert users(rows, "original") == expected, why


def test_a_cluster_has_at_most_500_ids() -> None:
    chain = [row(i, "$create_alias", distinct_id="id0", alias=f"id{i}") for i in range(1, 510)]
    late = [row(1000, distinct_id="id499"), row(1001, distinct_id="id500")]
    assert users([*chain, *late], "original") == [[*range(1, 510), 1000], [1001]]


@pytest.mark.parametrize("identity", ["simplified", "original"])
def test_canonical_ids_stay(identity: str) -> None:
    rows = [row(1, distinct_id="U", _insert_id="x"), row(2, distinct_id="V"), row(3)]
    assert users(rows, identity) == [[1], [2]]
    assert Store.from_rows(rows, settings={"identity": identity}).n_rows == 3
