"""Casts of single values (D-8) and labels (appendix B)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mpnb.engine.duckdb import values

NEW_YORK = ZoneInfo("America/New_York")
INSTANT = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)

NUMBERS = [
    ("12", 12),
    (" -1.5e2 ", -150),
    ("+.5", 0.5),
    ("5.", 5),
    ("", None),
    ("1,000", None),
    ("0x10", None),
    ("1e999", None),
    ("nan", None),
    ("١٢", None),
    (True, 1),
    (False, 0),
    (3, 3),
    (None, None),
    ([1], None),
    ({}, None),
    (INSTANT, 1735787045),
    (date(2025, 1, 2), 1735794000),
]


@pytest.mark.parametrize(("value", "number"), NUMBERS)
def test_to_number(value: Any, number: float | None) -> None:
    assert values.to_number(value, NEW_YORK) == number


TEXTS = [
    (5.0, "5"),
    (0.1, "0.1"),
    (-0.0, "0"),
    (1e21, "1000000000000000000000"),
    (1e-7, "0.0000001"),
    (123456789012345678, "123456789012345678"),
    (True, "true"),
    (None, None),
    ("x", "x"),
    (["a", 1.0, None, {"b": 2.5}], '["a",1,null,{"b":2.5}]'),
    ({"é": True}, '{"é":true}'),
    (INSTANT, "2025-01-01T22:04:05"),
    (date(2025, 1, 2), "2025-01-02"),
]


@pytest.mark.parametrize(("value", "text"), TEXTS)
def test_to_text(value: Any, text: str | None) -> None:
    assert values.to_text(value, NEW_YORK) == text


BOOLEANS = [
    ("", False),
    ("False", False),
    ("0", True),
    ("no", True),
    (0, False),
    (-1, True),
    ([], True),
    ({}, True),
    (None, False),
    (INSTANT, True),
]


@pytest.mark.parametrize(("value", "boolean"), BOOLEANS)
def test_to_boolean(value: Any, boolean: bool) -> None:
    assert values.to_boolean(value) is boolean


MOMENTS = [
    ("2025-01-02", date(2025, 1, 2)),
    ("2025-01-02T03:04", datetime(2025, 1, 2, 3, 4, tzinfo=UTC)),
    ("2025-01-02 03:04:05", INSTANT),
    ("2025-01-02T03:04:05Z", INSTANT),
    ("2025-01-02T03:04:05.250+02:00", datetime(2025, 1, 2, 1, 4, 5, 250000, tzinfo=UTC)),
    ("2025-01-01T22:04:05-05:00", INSTANT),
    ("2025-02-30", None),
    ("2025-1-2", None),
    (" 2025-01-02", None),
    ("2025-01-02T25:00", None),
    (1735787045, INSTANT),
    (1735787045000, INSTANT),
    (True, None),
    (1e300, None),
    (None, None),
    ([1], None),
]


@pytest.mark.parametrize(("value", "moment"), MOMENTS)
def test_to_moment(value: Any, moment: Any) -> None:
    assert values.to_moment(value) == moment


def test_a_bare_date_is_the_same_day_everywhere() -> None:
    day = values.to_moment("2025-01-02")
    assert day is not None
    assert values.local_day(day, NEW_YORK) == date(2025, 1, 2)
    assert values.to_ms(day, NEW_YORK) == 1735794000000


@pytest.mark.parametrize(
    ("value", "label"),
    [(None, "(not set)"), ("", "(empty string)"), (5.0, "5"), (False, "false"), ("Ab", "Ab")],
)
def test_label(value: Any, label: str) -> None:
    assert values.label(value, NEW_YORK) == label
