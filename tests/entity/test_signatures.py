"""Shift-Tab shows the fields of a model although it is built at its first use only."""

from __future__ import annotations

import inspect

import mpnb as mp
from mpnb.entity.model import Params, Record


class Given(Params):
    """Made here, so that no other test has built it."""

    name: str
    tags: list[str] | None = None


class Answered(Record):
    """Likewise; unknown fields are kept."""

    id: int


class Inherited(Answered):
    """One more field than the class that was built before it."""

    name: str = ""


def test_a_signature_lists_the_fields() -> None:
    assert str(inspect.signature(Given)) == "(*, name: str, tags: list[str] | None = None) -> None"
    assert [*inspect.signature(Answered).parameters] == ["id", "extra_data"]
    assert [*inspect.signature(Inherited).parameters] == ["id", "name", "extra_data"]


def test_a_public_model_has_one() -> None:
    assert [*inspect.signature(mp.CreateTagParams).parameters] == ["name"]
