"""What filters compare with: operands checked and brought into the form that tests take.

A `Filter` and the clock enter; a text, numbers, `Texts` or a `Span` of instants leave. The
surprise: days and "the last 7 days" alike become spans of instants, because a local day is one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import values
from mpnb.errors import NotSupportedError, QueryError
from mpnb.query.filter import Filter

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
Prepare = Callable[[Filter, values.Clock], Any]


@dataclass(frozen=True)
class Texts:
    """What `equals` compares with: lower-case texts, numbers, booleans (F-1, F-2)."""

    texts: frozenset[str]
    numbers: frozenset[float]
    booleans: frozenset[bool]


@dataclass(frozen=True)
class Span:
    """Instants from `start` to `end`, in ms; `inside` False asks for those outside of it."""

    start: float
    end: float
    inside: bool = True
    after_start: bool = False
    until_end: bool = False

    def has(self, ms: float) -> bool:
        """Whether one instant passes."""
        begun = ms > self.start if self.after_start else ms >= self.start
        open_ = ms <= self.end if self.until_end else ms < self.end
        return (begun and open_) == self.inside

    def over(self, ms: Array) -> Mask:
        """Which instants of an array pass; NaN never does."""
        begun = ms > self.start if self.after_start else ms >= self.start
        found: Mask = begun & (ms <= self.end if self.until_end else ms < self.end)
        return found if self.inside else ~found & ~np.isnan(ms)


def nothing(filter_: Filter, clock: values.Clock) -> None:
    """The operand of an operator that takes none."""


def to_texts(filter_: Filter, clock: values.Clock) -> Texts:
    """One value or a list of values to be equal to."""
    value = filter_._value
    listed = list(value) if isinstance(value, list | tuple) else [value]
    if not all(isinstance(item, str | bool | int | float) for item in listed):
        raise QueryError(f"{said(filter_)} needs texts, numbers or booleans to compare with.")
    return Texts(
        frozenset(item.lower() for item in listed if isinstance(item, str)),
        frozenset(float(item) for item in listed if values.is_number(item)),
        frozenset(item for item in listed if isinstance(item, bool)),
    )


def one_text(filter_: Filter, clock: values.Clock) -> str:
    """One text, in lower case."""
    value = filter_._value
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        raise QueryError(f"{said(filter_)} needs a text, not {value!r}.")
    return value.lower()


def one_number(filter_: Filter, clock: values.Clock | None) -> float:
    """One number."""
    if not values.is_number(filter_._value):
        raise QueryError(f"{said(filter_)} needs a number, not {filter_._value!r}.")
    return float(filter_._value)


def two_numbers(filter_: Filter, clock: values.Clock) -> tuple[float, float]:
    """Two numbers."""
    value = filter_._value
    if (
        not isinstance(value, list | tuple)
        or len(value) != 2
        or not all(map(values.is_number, value))
    ):
        raise QueryError(f"{said(filter_)} needs two numbers, not {value!r}.")
    return float(value[0]), float(value[1])


def said(filter_: Filter) -> str:
    """How a message names a filter."""
    return f"The filter {str(filter_._operator)!r} on {_named(filter_._property)}"


def _named(spec: Any) -> str:
    return repr(spec) if isinstance(spec, str) else "a custom property"


def _day(text: Any, filter_: Filter) -> date:
    moment = values.to_moment(text) if isinstance(text, str) else None
    if moment is None:
        raise QueryError(f"{said(filter_)} needs a date like 2025-01-31, not {text!r}.")
    if isinstance(moment, datetime):
        raise QueryError(f"{said(filter_)} compares whole days; give a date without a time.")
    return moment


def days(first: bool, last: bool, inside: bool = True) -> Callable[[Filter, values.Clock], Span]:
    """A span of local days: from the operand on (`first`), up to and with it (`last`)."""

    def prepare(filter_: Filter, clock: values.Clock) -> Span:
        given = filter_._value
        pair = list(given) if isinstance(given, list | tuple) else [given]
        days = [_day(item, filter_) for item in pair]
        start = values.day_start_ms(days[0], clock.zone) if first else -np.inf
        if (first and not last) or (last and days[-1] == date.max):
            return Span(start, np.inf, inside)
        following = values.add_days(days[-1], 1) if last else days[-1]
        return Span(start, values.day_start_ms(following, clock.zone), inside)

    return prepare


def two_days(inside: bool) -> Callable[[Filter, values.Clock], Span]:
    """A span of local days that needs both ends."""
    single = days(first=True, last=True, inside=inside)

    def prepare(filter_: Filter, clock: values.Clock) -> Span:
        if not isinstance(filter_._value, list | tuple) or len(filter_._value) != 2:
            raise QueryError(f"{said(filter_)} needs two dates, not {filter_._value!r}.")
        return single(filter_, clock)

    return prepare


def _duration(filter_: Filter) -> float:
    unit = filter_._date_unit or "day"
    if unit not in values.DURATIONS_MS:
        raise NotSupportedError(
            f"{said(filter_)} has the unit {unit!r}, whose length is not defined; "
            f"use {', '.join(values.DURATIONS_MS)}."
        )
    return one_number(filter_, None) * values.DURATIONS_MS[unit]


def last_span(inside: bool) -> Callable[[Filter, values.Clock], Span]:
    """The duration up to now, both ends included (F-10)."""

    def prepare(filter_: Filter, clock: values.Clock) -> Span:
        now = clock.now_ms
        return Span(now - _duration(filter_), now, inside, until_end=True)

    return prepare


def next_span(filter_: Filter, clock: values.Clock) -> Span:
    """The duration from now on, now left out (F-10)."""
    now = clock.now_ms
    return Span(now, now + _duration(filter_), after_start=True, until_end=True)
