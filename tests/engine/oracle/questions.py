"""Random parts of questions as text, over the names of `worlds`."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tests.engine.oracle.worlds import EVENTS

TEXT_VALUES = ("a", "A", "ä", "äß", "b", "5", "", "true", "false", "x", "k", "5.5", "[", " ")
AMOUNTS = (0, 1, 2, 3, 4.5, 5, 7.5, 10, 100, -2)
PROPS = ("p", "s", "v", "n", "xs", "ns", "d", "b", "utm_source", "nope", "$event_name", "$time")
PEOPLE = ("plan", "age", "tags", "born", "nope")


FORMULAS: tuple[tuple[str, dict[str, tuple[str, str, str]], str], ...] = (
    ("A * B", {"A": ("v", "number", "event"), "B": ("n", "number", "event")}, "number"),
    ("A / B", {"A": ("n", "number", "event"), "B": ("v", "number", "event")}, "number"),
    ('IF(A > 5, "big", "small")', {"A": ("n", "number", "event")}, "string"),
    ('IF(DEFINED(A), A, "none")', {"A": ("p", "string", "event")}, "string"),
    ("UPPER(A) + B", {"A": ("s", "string", "event"), "B": ("plan", "string", "user")}, "string"),
    ("LEN(A)", {"A": ("xs", "list", "event")}, "number"),
    (
        'A == "a" or B > 2',
        {"A": ("s", "string", "event"), "B": ("v", "number", "event")},
        "boolean",
    ),
    (
        "A % 3 + MAX(A, B)",
        {"A": ("n", "number", "event"), "B": ("age", "number", "user")},
        "number",
    ),
)


def maybe(rng: random.Random, share: float, text: Callable[[], str]) -> list[str]:
    return [text()] if rng.random() < share else []


def call(name: str, *arguments: str) -> str:
    return f"{name}({', '.join(arguments)})"


def property_(rng: random.Random) -> str:
    """A property's name, sometimes a formula."""
    if rng.random() > 0.12:
        return repr(rng.choice(PROPS))
    formula, letters, typed = rng.choice(FORMULAS)
    inputs = ", ".join(
        f"{letter!r}: PropertyInput({name!r}, type={kind!r}, resource_type={of!r})"
        for letter, (name, kind, of) in letters.items()
    )
    return f"InlineCustomProperty({formula!r}, {{{inputs}}}, {typed!r})"


def day(rng: random.Random, first: str, low: int = -2, high: int = 9) -> date:
    return date.fromisoformat(first) + timedelta(days=rng.randint(low, high))


def event(rng: random.Random) -> str:
    roll = rng.random()
    if roll < 0.06:
        return repr("$all_events")
    if roll < 0.1:
        return repr("$custom_event:9")
    return repr(rng.choice(EVENTS))


def filter_(rng: random.Random, first: str, people: bool | None = None) -> str:
    """A property or cohort filter."""
    on_people = rng.random() < 0.2 if people is None else people
    if rng.random() < 0.1 and people is None:
        return call(
            f"Filter.{rng.choice(['in_cohort', 'not_in_cohort'])}", cohort(rng, first), "'c'"
        )
    if rng.random() < 0.1 and not on_people:
        return list_filter(rng)
    name = repr(rng.choice(PEOPLE)) if on_people else property_(rng)
    rest = ["resource_type='people'"] if on_people and people is None else []
    return _property_filter(rng, first, name, rest)


def _property_filter(rng: random.Random, first: str, name: str, rest: list[str]) -> str:
    kind = rng.choice(["text", "text", "number", "range", "plain", "day", "days", "relative"])
    if kind == "text":
        operator = rng.choice(
            ["equals", "not_equals", "contains", "not_contains", "starts_with", "ends_with"]
        )
        value: Any = rng.choice(TEXT_VALUES)
        if operator.endswith("equals") and rng.random() < 0.4:
            value = rng.sample(TEXT_VALUES, 2)
        return call(f"Filter.{operator}", name, repr(value), *rest)
    if kind == "number":
        operator = rng.choice(["greater_than", "less_than", "at_least", "at_most"])
        return call(f"Filter.{operator}", name, repr(rng.choice(AMOUNTS)), *rest)
    if kind == "range":
        low, high = sorted(rng.sample(AMOUNTS, 2))
        return call(
            f"Filter.{rng.choice(['between', 'not_between'])}", name, repr(low), repr(high), *rest
        )
    if kind == "plain":
        operator = rng.choice(["is_set", "is_not_set", "is_true", "is_false"])
        return call(f"Filter.{operator}", name, *rest)
    return _date_filter(rng, first, name if rng.random() < 0.4 else _dated(rest), kind, rest)


def _dated(rest: list[str]) -> str:
    return "'born'" if rest else "'d'"


def _date_filter(rng: random.Random, first: str, name: str, kind: str, rest: list[str]) -> str:
    if kind == "day":
        operator = rng.choice(["on", "not_on", "before", "since"])
        when = rng.choice([str(day(rng, first)), "2025-03-09"])
        return call(f"Filter.{operator}", name, repr(when), *rest)
    if kind == "days":
        low, high = sorted([str(day(rng, first)), rng.choice([str(day(rng, first)), "2025-03-09"])])
        operator = rng.choice(["date_between", "date_not_between"])
        return call(f"Filter.{operator}", name, repr(low), repr(high), *rest)
    operator = rng.choice(["in_the_last", "not_in_the_last", "in_the_next"])
    unit = rng.choice(["hour", "day", "week", "month"])
    return call(f"Filter.{operator}", name, str(rng.randint(1, 5)), repr(unit), *rest)


def list_filter(rng: random.Random) -> str:
    inner = rng.choice(
        [
            "Filter.equals('brand', 'n')",
            "Filter.greater_than('price', 6)",
            "Filter.not_equals('brand', 'm')",
            "Filter.is_set('price')",
            "Filter.equals('brand', 'N'), Filter.at_least('price', 5)",
        ]
    )
    quantifier = maybe(rng, 0.5, lambda: "quantifier='all'")
    return call("Filter.list_contains", "'cart'", inner, *quantifier)


def cohort(rng: random.Random, first: str, deep: bool = True) -> str:
    if deep and rng.random() < 0.15:
        return "7"
    if deep and rng.random() < 0.4:
        how = rng.choice(["all_of", "any_of"])
        parts = [
            cohort(rng, first, False) if rng.random() < 0.3 else criterion(rng, first)
            for _ in range(rng.randint(1, 3))
        ]
        return call(f"CohortDefinition.{how}", *parts)
    return call("CohortDefinition", criterion(rng, first))


def criterion(rng: random.Random, first: str) -> str:
    kind = rng.choice(["did", "did", "did", "not", "has", "set", "saved"])
    if kind == "saved":
        return call(f"CohortCriteria.{rng.choice(['in_cohort', 'not_in_cohort'])}", "7")
    if kind == "set":
        operator = rng.choice(["property_is_set", "property_is_not_set"])
        return call(f"CohortCriteria.{operator}", repr(rng.choice(PEOPLE)))
    if kind == "has":
        return _has(rng)
    span = rng.choice(["within_days=3", "within_days=30", "within_weeks=1", "within_months=1"])
    if rng.random() < 0.3:
        low, high = sorted([str(day(rng, first)), str(day(rng, first))])
        span = f"from_date={low!r}, to_date={high!r}"
    if kind == "not":
        return call("CohortCriteria.did_not_do_event", event(rng), span)
    times = f"{rng.choice(['at_least', 'at_most', 'exactly'])}={rng.randint(0, 4)}"
    where = maybe(
        rng,
        0.2,
        lambda: (
            "where="
            + rng.choice(
                [
                    "Filter.equals('p', 'a')",
                    "Filter.greater_than('v', 1)",
                    "Filter.is_set('s')",
                    "Filter.not_equals('s', 'b')",
                ]
            )
        ),
    )
    measured = maybe(
        rng,
        0.3,
        lambda: (
            f"aggregation={rng.choice(['total', 'unique', 'average', 'min', 'max', 'median'])!r},"
            f" aggregation_property={rng.choice(['v', 'n', 'ns'])!r}"
        ),
    )
    return call("CohortCriteria.did_event", event(rng), times, span, *where, *measured)


def _has(rng: random.Random) -> str:
    name = repr(rng.choice(PEOPLE))
    if rng.random() < 0.4:
        operator = rng.choice(["greater_than", "less_than", "equals", "not_equals"])
        return call(
            "CohortCriteria.has_property",
            name,
            "18",
            f"operator={operator!r}",
            "property_type='number'",
        )
    operator = rng.choice(["equals", "not_equals", "contains", "not_contains"])
    return call(
        "CohortCriteria.has_property",
        name,
        repr(rng.choice(["pro", "a", "k", "18"])),
        f"operator={operator!r}",
    )


def frequency_filter(rng: random.Random) -> str:
    operator = rng.choice(
        ["is at least", "is at most", "is greater than", "is less than", "is equal to"]
    )
    window = maybe(
        rng,
        0.4,
        lambda: (
            f"date_range_value={rng.randint(1, 3)}, date_range_unit={rng.choice(['day', 'week', 'month'])!r}"
        ),
    )
    own = maybe(rng, 0.3, lambda: "event_filters=[Filter.is_set('s')]")
    return call(
        "FrequencyFilter",
        event(rng),
        str(rng.randint(0, 3)),
        f"operator={operator!r}",
        *window,
        *own,
    )


def where(rng: random.Random, first: str, often: bool = True) -> str:
    found = [filter_(rng, first) for _ in range(rng.choice([1, 1, 2]))]
    if often and rng.random() < 0.25:
        found.append(frequency_filter(rng))
    return f"where=[{', '.join(found)}]"


def breakdown(rng: random.Random, first: str, often: bool = True) -> str:
    kind = rng.choice(["plain", "plain", "typed", "buckets", "item", "people", "cohort", "often"])
    if kind == "typed":
        return call(
            "GroupBy",
            property_(rng),
            f"property_type={rng.choice(['number', 'boolean', 'datetime'])!r}",
        )
    if kind == "buckets":
        low = rng.choice([-5, 0, 2, 2.5])
        size = rng.choice([1, 2, 3, 0.5, 10])
        return call(
            "GroupBy",
            repr(rng.choice(["v", "n", "ns", "p"])),
            "property_type='number'",
            f"bucket_size={size}, bucket_min={low}, bucket_max={low + rng.choice([4, 7, 25])}",
        )
    if kind == "item":
        return call(
            "GroupBy.list_item",
            repr(rng.choice(["cart", "cart", "p", "xs"])),
            repr(rng.choice(["brand", "price"])),
        )
    if kind == "people":
        typed = rng.choice(
            [
                "",
                ", property_type='number'",
                ", property_type='boolean'",
                ", property_type='datetime'",
            ]
        )
        return call("GroupBy", f"{rng.choice(PEOPLE)!r}{typed}", "resource_type='people'")
    if kind == "cohort":
        return call(
            "CohortBreakdown",
            cohort(rng, first),
            f"'c{rng.randint(1, 9)}'",
            *maybe(rng, 0.3, lambda: "include_negated=False"),
        )
    if kind == "often" and often:
        return call(
            "FrequencyBreakdown",
            event(rng),
            *maybe(
                rng,
                0.6,
                lambda: (
                    f"bucket_size={rng.randint(1, 3)}, bucket_min={rng.randint(0, 2)}, bucket_max={rng.randint(3, 7)}"
                ),
            ),
        )
    return repr(rng.choice(PROPS))


def group_by(rng: random.Random, first: str, often: bool = True) -> str:
    found = [breakdown(rng, first, often) for _ in range(rng.choice([1, 1, 1, 2, 2, 3]))]
    return f"group_by=[{', '.join(found)}]"


def span(rng: random.Random, first: str, low: int = -2, high: int = 9) -> list[str]:
    if rng.random() < 0.1:
        return [f"last={rng.randint(1, 40)}"]
    days = sorted([day(rng, first, low, high), day(rng, first, low, high)])
    return [f"from_date='{days[0]}'", f"to_date='{days[1]}'"]


def comparison(rng: random.Random, first: str) -> str:
    kind = rng.choice(["relative", "relative", "absolute_start", "absolute_end"])
    if kind == "relative":
        unit = rng.choice(["day", "week", "month", "quarter", "year"])
        return f"time_comparison=TimeComparison.relative({unit!r})"
    return f"time_comparison=TimeComparison.{kind}('{day(rng, first, -5, 2)}')"
