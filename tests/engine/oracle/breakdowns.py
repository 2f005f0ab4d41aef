"""Breakdowns of section 6.2: the segments that a row, or a user, is in."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from tests.engine.oracle.data import Row, cohort_of
from tests.engine.oracle.filters import Filters, resource
from tests.engine.oracle.values import NOT_SET, day, elements, label, number, short, truth
from tests.engine.oracle.words import Part, many, part_of

Labels = Callable[[Any], list[str]]
OTHER_VALUES = "(non-numeric values)"


def listed(group_by: Any) -> list[Part]:
    """The breakdowns of a question; plain names are properties."""
    return [part_of(one, "GroupBy", "property") for one in many(group_by)]


def cohort_name(filters: Filters, given: Part) -> str:
    if given.get("name"):
        return str(given["name"])
    if isinstance(given["cohort"], Part):
        return "Cohort"
    return str(cohort_of(filters.here, given["cohort"])[0])


def cohort_labels(filters: Filters, parts: list[Part], user: str | None) -> list[str]:
    """C-8, C-9: one flat dimension of all cohort breakdowns."""
    found = []
    for part in parts:
        name = cohort_name(filters, part)
        if user is not None and user in filters.members(part["cohort"]):
            found.append(name)
        elif part.get("include_negated", True):
            found.append(f"Not In {name}")
    return list(dict.fromkeys(found))


def cut(at: int, part: Part) -> str:
    """I-29: the label of a number of times."""
    size, low = part.get("bucket_size", 1), part.get("bucket_min", 0)
    high = part.get("bucket_max", 10)
    return _bucket(float(at), size, low, high, bare=size == 1)


def _bucket(value: float, size: float, low: float, high: float, bare: bool = False) -> str:
    if value < low:
        return f"< {short(low)}"
    if value >= high:
        return f"≥ {short(high)}"
    if bare:
        return short(value)
    start = low + math.floor((value - low) / size) * size
    return f"{short(start)} - {short(min(start + size, high))}"


def automatic(values: Iterable[float]) -> Callable[[float], str]:
    """I-24 without a size: own segments for ten values, else round widths."""
    seen = sorted(set(values))
    return short if len(seen) <= 10 else round_widths(seen)


def round_widths(seen: list[float]) -> Callable[[float], str]:
    """The smallest of 1, 2 or 5 times a power of ten that makes at most ten steps."""
    needed = (seen[-1] - seen[0]) / 10
    power = math.floor(math.log10(needed)) - 1
    width = next(
        one for exp in itertools.count(power) for k in (1, 2, 5) if (one := _ten(k, exp)) >= needed
    )
    first = math.floor(seen[0] / width) * width

    def name(value: float) -> str:
        start = first + math.floor((value - first) / width) * width
        return f"{short(round(start, 12))} - {short(round(start + width, 12))}"

    return name


def _ten(k: int, power: int) -> float:
    return float(f"{k}e{power}")


def of_value(part: Part, filters: Filters, seen: Iterable[Any]) -> Labels:
    """How a property breakdown labels a value; `seen` are the values of the whole range."""
    zone = filters.here.zone
    if part.kind == "GroupBy.list_item":
        return lambda value: _items(value, part["sub"], lambda one: label(one, zone))
    kind = part.get("property_type", "string")
    if isinstance(part["property"], Part):
        kind = part["property"].property_type or kind
    if kind == "number":
        return _numbers(part, seen)
    if kind == "boolean":
        return _each(lambda one: NOT_SET if one is None else str(truth(one)).lower())
    if kind == "datetime":
        return _each(lambda one: ((found := day(one, zone)) and found.isoformat()) or NOT_SET)
    return _each(lambda one: label(one, zone))


def _each(name: Callable[[Any], str]) -> Labels:
    def labels(value: Any) -> list[str]:
        return list(dict.fromkeys(name(one) for one in elements(value))) or [NOT_SET]

    return labels


def _items(value: Any, sub: str, name: Callable[[Any], str]) -> list[str]:
    if not isinstance(value, list) or not value:
        return [NOT_SET]
    found = [one.get(sub) if isinstance(one, dict) else None for one in value]
    return list(dict.fromkeys(map(name, found)))


def _numbers(part: Part, seen: Iterable[Any]) -> Labels:
    name: Callable[[float], str]
    if part.bucket_size is not None:
        size, low, high = part["bucket_size"], part["bucket_min"], part["bucket_max"]
        name = partial(_bucket, size=size, low=low, high=high)
    else:
        numbers = [number(one) for value in seen for one in elements(value)]
        name = automatic([n for n in numbers if n is not None])

    def one_label(value: Any) -> str:
        if value is None:
            return NOT_SET
        found = number(value)
        return OTHER_VALUES if found is None else name(found)

    return _each(one_label)


class Breakdowns:
    """All breakdowns of a question over rows; numeric ones look at `rows` of the whole range."""

    def __init__(self, filters: Filters, group_by: Any, rows: Iterable[Row]) -> None:
        self.filters, self.parts = filters, listed(group_by)
        self.cohorts = [p for p in self.parts if p.kind == "CohortBreakdown"]
        held = list(rows)
        self.labels: dict[int, Labels] = {}
        for at, part in enumerate(self.parts):
            if part.kind.startswith("GroupBy"):
                seen = [self.value(row, part) for row in held]
                self.labels[at] = of_value(part, filters, seen)

    def value(self, row: Row, part: Part) -> Any:
        if resource(part) == "people":
            user = row.users[0] if row.users else None
            return self.filters.here.profile(user, part["property"])
        return self.filters.value(row, part["property"])

    def dimensions(self, row: Row, times: Callable[[Part], int]) -> list[list[str]]:
        """Labels of a row per breakdown; `times` counts for frequency breakdowns."""
        found, seen_cohort = [], False
        for at, part in enumerate(self.parts):
            if part.kind == "CohortBreakdown":
                if not seen_cohort:
                    user = row.users[0] if row.users else None
                    found.append(cohort_labels(self.filters, self.cohorts, user))
                seen_cohort = True
            elif part.kind == "FrequencyBreakdown":
                found.append([cut(times(part), part)])
            else:
                found.append(self.labels[at](self.value(row, part)))
        return found

    def segments(self, row: Row, times: Callable[[Part], int]) -> list[tuple[str, ...]]:
        return list(itertools.product(*self.dimensions(row, times)))
