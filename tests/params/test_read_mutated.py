"""Params that somebody broke: they come back as they are, or an error with a code says why."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from mpnb import params
from mpnb.errors import MixpanelHeadlessError
from mpnb.text.python import to_python
from tests.params.test_read import CASES, as_text, cases

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2.5, 10**20, "", "x", "day", "all", "$cohorts", "is set"),
    *([], {}, [1], ["a"], [None], [[]], {"a": 1}, {"type": "event"}, {"id": 5}),
)
KEYS = ("sampling", "id", "behavior", "cohorts", "customProperty", "listItemFilters")

Path = tuple[Any, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, held in inner:
        yield (*path, key)
        if isinstance(held, dict | list):
            yield from places(held, (*path, key))


def broken(body: dict[str, Any], chance: Random) -> dict[str, Any]:
    """Params with one to three values replaced, added or taken away."""
    body = copy.deepcopy(body)
    for _ in range(chance.randint(1, 3)):
        where = list(places(body))
        if not where:
            break
        *path, last = chance.choice(where)
        holder: Any = body
        for key in path:
            holder = holder[key]
        how = chance.random()
        if how < 0.25:
            del holder[last]
        elif how < 0.75:
            holder[last] = copy.deepcopy(chance.choice(VALUES))
        elif isinstance(holder, dict):
            holder[chance.choice(KEYS)] = copy.deepcopy(chance.choice(VALUES))
        else:
            holder.insert(chance.randint(0, len(holder)), copy.deepcopy(chance.choice(VALUES)))
    return body


@pytest.mark.skipif(not CASES.exists(), reason="the parity cases are not here")
@pytest.mark.parametrize("seed", range(8))
def test_broken_params_come_back_or_are_refused(seed: int) -> None:
    chance = Random(seed)
    known, came_back = cases(), 0
    for _ in range(250):
        case = chance.choice(known)
        body = broken(case["params"], chance)
        try:
            question = params.read(body, case["kind"])
        except MixpanelHeadlessError:
            continue
        assert as_text(question.to_params()) == as_text(body), json.dumps(body)
        assert len(params.unknown(question)) == len(question.extras)
        assert to_python(question)
        came_back += 1
    assert came_back > 150
