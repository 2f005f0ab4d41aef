"""Random calls of the older kind as text."""

from __future__ import annotations

import random

from tests.engine.oracle.questions import call, day, event, maybe
from tests.engine.oracle.worlds import EVENTS

ONS = ("p", "s", "v", "n", "xs", "b", "d", 'properties["n"] / 2', 'number(properties["v"]) + 1')
NUMERIC_ONS = ("n", "n", "v", "ns", 'properties["n"] * 3.5', 'number(properties["v"]) + 1')
WHERES = (
    'properties["v"] > 2',
    'properties["n"] <= 20 and defined(properties["s"])',
    'not (properties["v"] > 3)',
    'user["plan"] == "PRO" or user["age"] > 20',
    '"a" in properties["s"]',
    'number(properties["v"]) >= 4',
    'properties["p"] == "A"',
    'properties["p"] != properties["s"]',
    'not properties["b"]',
    'event["$event_name"] == "a"',
)


def legacy(rng: random.Random, first: str) -> str:
    """A call of one of the older methods."""
    days = sorted([day(rng, first), day(rng, first)])
    span = [f"from_date='{days[0]}'", f"to_date='{days[1]}'"]
    name = rng.choice(list(CALLS))
    return call(f"ws.{name}", *CALLS[name](rng), *span)


def _where(rng: random.Random, name: str = "where") -> list[str]:
    return maybe(rng, 0.5, lambda: f"{name}={rng.choice(WHERES)!r}")


def _unit(rng: random.Random) -> list[str]:
    return maybe(rng, 0.6, lambda: f"unit={rng.choice(['day', 'week', 'month'])!r}")


def _type(rng: random.Random) -> list[str]:
    return maybe(rng, 0.6, lambda: f"type={rng.choice(['general', 'unique', 'average'])!r}")


def _segmentation(rng: random.Random) -> list[str]:
    on = maybe(rng, 0.7, lambda: f"on={rng.choice(ONS)!r}")
    return [event(rng), *on, *_unit(rng), *_where(rng)]


def _numeric(rng: random.Random) -> list[str]:
    return [event(rng), f"on={rng.choice(NUMERIC_ONS)!r}", *_type(rng), *_where(rng)]


def _sums(rng: random.Random) -> list[str]:
    return [event(rng), f"on={rng.choice(NUMERIC_ONS)!r}", *_where(rng)]


def _events(rng: random.Random) -> list[str]:
    return [f"[{event(rng)}, {event(rng)}]", *_type(rng), *_unit(rng)]


def _properties(rng: random.Random) -> list[str]:
    more = maybe(rng, 0.3, lambda: "values=['a', 'k', '5', '2']")
    more += maybe(rng, 0.4, lambda: f"limit={rng.randint(1, 4)}")
    return [
        event(rng),
        repr(rng.choice(["p", "s", "v", "xs", "b"])),
        *more,
        *_type(rng),
        *_unit(rng),
    ]


def _frequency(rng: random.Random) -> list[str]:
    unit, inner = rng.choice(
        [("day", "hour"), ("week", "day"), ("week", "hour"), ("month", "day"), ("month", "hour")]
    )
    own = maybe(rng, 0.7, lambda: f"event={rng.choice(EVENTS)!r}")
    return [f"unit={unit!r}", f"addiction_unit={inner!r}", *own, *_where(rng)]


def _retention(rng: random.Random) -> list[str]:
    events = [f"born_event={rng.choice('ABC')!r}", f"return_event={rng.choice('ABC')!r}"]
    count = maybe(rng, 0.6, lambda: f"interval_count={rng.randint(1, 4)}")
    return [*events, *count, *_unit(rng), *_where(rng, "born_where"), *_where(rng, "return_where")]


CALLS = {
    "segmentation": _segmentation,
    "segmentation_numeric": _numeric,
    "segmentation_sum": _sums,
    "segmentation_average": _sums,
    "event_counts": _events,
    "property_counts": _properties,
    "frequency": _frequency,
    "retention": _retention,
}
