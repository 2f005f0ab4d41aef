"""The functions and operators of the expression language, on single values (X-2 to X-13).

Native values enter and leave; None is undefined, and every function gives it for arguments of a
wrong type. The surprise: text is compared without regard to case everywhere, and a regular
expression that takes too long is an error, not a wait.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final

import regex

from mpnb.engine.duckdb import axis, urls, values

REGEX_SECONDS: Final = 1.0
"""How long one regular expression may work on one value."""

MAX_TEXT: Final = 16_000_000
"""The longest text, in characters, that a formula may make."""


class Failure(Exception):
    """A formula cannot go on: a code and a message; the evaluator adds where."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


Function = Callable[..., Any]
"""Takes the clock, then the arguments."""


def equal(clock: values.Clock, left: Any, right: Any) -> bool:
    """Equality: of one type, text ignoring case; undefined equals undefined (X-2)."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if values.is_number(left) and values.is_number(right):
        return bool(left == right)
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    if isinstance(left, date) and isinstance(right, date):
        return values.to_ms(left, clock.zone) == values.to_ms(right, clock.zone)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(
            equal(clock, a, b) for a, b in zip(left, right, strict=True)
        )
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(clock, left[k], right[k]) for k in left)
    return left is None and right is None


def unequal(clock: values.Clock, left: Any, right: Any) -> bool:
    """The exact negation of equality."""
    return not equal(clock, left, right)


def contained(clock: values.Clock, item: Any, whole: Any) -> bool | None:
    """`item in whole`: a part of a text, or equal to an element of a list (X-3)."""
    if isinstance(whole, str):
        return item.lower() in whole.lower() if isinstance(item, str) else None
    if isinstance(whole, list):
        return any(equal(clock, item, element) for element in whole)
    return None


def _ordered(compare: Callable[[float, float], bool]) -> Function:
    def function(clock: values.Clock, left: Any, right: Any) -> bool | None:
        if values.is_number(left) and values.is_number(right):
            return compare(left, right)
        if isinstance(left, date) and isinstance(right, date):
            return compare(values.to_ms(left, clock.zone), values.to_ms(right, clock.zone))
        return None

    return function


def _arithmetic(compute: Callable[[float, float], float]) -> Function:
    def function(clock: values.Clock, left: Any, right: Any) -> float | None:
        if not (values.is_number(left) and values.is_number(right)):
            return None
        try:
            result = compute(float(left), float(right))
        except (ZeroDivisionError, OverflowError, ValueError):
            return None
        return result if math.isfinite(result) else None

    return function


_sum_of_two = _arithmetic(lambda a, b: a + b)


def _add(clock: values.Clock, left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return checked_text(left + right)
    return _sum_of_two(clock, left, right)


def checked_text(text: str) -> str:
    """The text, unless a formula has made it grow beyond all measure."""
    if len(text) > MAX_TEXT:
        raise Failure("FORMULA_TOO_LARGE", f"A text grows beyond {MAX_TEXT:,} characters.")
    return text


def joined(texts: Sequence[str]) -> str:
    """Texts one after the other, measured before they are put together."""
    if sum(map(len, texts)) > MAX_TEXT:
        raise Failure("FORMULA_TOO_LARGE", f"A text grows beyond {MAX_TEXT:,} characters.")
    return "".join(texts)


OPERATORS: Final[dict[str, Function]] = {
    "==": equal,
    "!=": unequal,
    "<": _ordered(lambda a, b: a < b),
    "<=": _ordered(lambda a, b: a <= b),
    ">": _ordered(lambda a, b: a > b),
    ">=": _ordered(lambda a, b: a >= b),
    "in": contained,
    "+": _add,
    "-": _arithmetic(lambda a, b: a - b),
    "*": _arithmetic(lambda a, b: a * b),
    "/": _arithmetic(lambda a, b: a / b),
    "%": _arithmetic(math.fmod),
}
"""What the binary operators do, but for `and` and `or`, which may skip their right side."""


def minus(value: Any) -> float | None:
    """`-x`; undefined unless a number."""
    return -value if values.is_number(value) else None


def negated(value: Any) -> bool | None:
    """`not x`: true for undefined, undefined for anything that is no boolean (X-8)."""
    if value is None:
        return True
    return not value if isinstance(value, bool) else None


def element(base: Any, key: Any) -> Any:
    """`x["key"]` of an object, `x[i]` of a list counted from 0 (X-13)."""
    if isinstance(base, dict) and isinstance(key, str):
        return base.get(key)
    if isinstance(base, list) and values.is_number(key) and 0 <= key < len(base):
        return base[int(key)] if key == int(key) else None
    return None


# --- functions ----------------------------------------------------------------------------------


def _extreme(choose: Callable[[Any], float]) -> Function:
    def function(clock: values.Clock, *items: Any) -> float | None:
        return choose(items) if all(map(values.is_number, items)) else None

    return function


def _of_number(compute: Callable[[float], float]) -> Function:
    def function(clock: values.Clock, value: Any) -> float | None:
        return float(compute(value)) if values.is_number(value) else None

    return function


def rounded(number: float) -> float:
    """The nearest whole number, halves away from zero (X-9)."""
    whole = math.floor(abs(number))
    return math.copysign(whole + (abs(number) - whole >= 0.5), number)


def _of_text(compute: Callable[[str], Any]) -> Function:
    def function(clock: values.Clock, text: Any) -> Any:
        return compute(text) if isinstance(text, str) else None

    return function


def _of_two_texts(compute: Callable[[str, str], Any]) -> Function:
    def function(clock: values.Clock, text: Any, other: Any) -> Any:
        if isinstance(text, str) and isinstance(other, str):
            return compute(text.lower(), other.lower())
        return None

    return function


def _part(cut: Callable[..., str | None]) -> Function:
    """left, right and mid: a text or a date-time, then whole numbers."""

    def function(clock: values.Clock, text: Any, *numbers: Any) -> str | None:
        if isinstance(text, date):
            text = values.to_text(text, clock.zone)
        if not isinstance(text, str) or not all(map(values.is_number, numbers)):
            return None
        return cut(text, *(int(max(-MAX_TEXT, min(MAX_TEXT, number))) for number in numbers))

    return function


def _left(text: str, count: int) -> str:
    return text[: max(count, 0)]


def _right(text: str, count: int) -> str:
    return text[len(text) - count :] if 0 < count < len(text) else text if count > 0 else ""


def _mid(text: str, first: int, count: int) -> str | None:
    return text[first - 1 : first - 1 + max(count, 0)] if first >= 1 else None


def _len(clock: values.Clock, value: Any) -> float | None:
    return float(len(value)) if isinstance(value, str | list) else None


def _split(clock: values.Clock, text: Any, delimiter: Any, place: Any = ...) -> Any:
    if not isinstance(text, str) or not isinstance(delimiter, str) or not delimiter:
        return None
    parts = text.split(delimiter)
    if place is ...:
        return parts
    return element(parts, place - 1) if values.is_number(place) else None


def _parse_url(clock: values.Clock, text: Any, part: Any) -> str | None:
    return urls.parse_url(text, part)


def _sum(clock: values.Clock, items: Any) -> float | None:
    if not isinstance(items, list):
        return None
    total = math.fsum(float(item) for item in items if values.is_number(item))
    return total if math.isfinite(total) else None


@functools.lru_cache(maxsize=256)
def _pattern(pattern: str) -> Any:
    """A compiled pattern; case does not count unless the pattern says ``(?-i)`` (X-11)."""
    try:
        return regex.compile(pattern, regex.IGNORECASE)
    except regex.error as error:
        raise Failure("FORMULA_REGEX", f"This is no regular expression: {error}.") from None


def _timed(run: Callable[[], Any]) -> Any:
    try:
        return run()
    except TimeoutError:
        raise Failure(
            "FORMULA_TIMEOUT",
            f"This regular expression took longer than {REGEX_SECONDS:g} s on one value; "
            "nested repetition such as (a+)+ is the usual cause.",
        ) from None


def _search(text: str, pattern: str) -> Any:
    compiled = _pattern(pattern)
    return _timed(lambda: compiled.search(text, timeout=REGEX_SECONDS))


def _regex_match(clock: values.Clock, text: Any, pattern: Any) -> bool | None:
    if not isinstance(text, str) or not isinstance(pattern, str):
        return None
    return _search(text, pattern) is not None


def _regex_extract(clock: values.Clock, text: Any, pattern: Any, group: Any = 0) -> str | None:
    if not isinstance(text, str) or not isinstance(pattern, str) or not values.is_number(group):
        return None
    found = _search(text, pattern)
    if found is None or not 0 <= group <= len(found.groups()):
        return None
    matched: str | None = found.group(int(group))
    return matched


_REFERENCE = regex.compile(r"\$(?:(\d{1,2})|\{(\d{1,2})\}|(\$))")


def _regex_replace(clock: values.Clock, text: Any, pattern: Any, new: Any) -> str | None:
    if not all(isinstance(item, str) for item in (text, pattern, new)):
        return None
    compiled = _pattern(pattern)

    def expand(match: Any) -> str:
        return str(_REFERENCE.sub(lambda reference: _group(match, reference), new))

    return checked_text(str(_timed(lambda: compiled.sub(expand, text, timeout=REGEX_SECONDS))))


def _group(match: Any, reference: Any) -> str:
    """What `$1`, `${1}` or `$$` stands for; a group that is not there is empty."""
    if reference[3]:
        return "$"
    number = int(reference[1] or reference[2])
    return (match.group(number) or "") if number <= len(match.groups()) else ""


def _today(clock: values.Clock) -> date:
    return clock.today


def _datedif(clock: values.Clock, start: Any, end: Any, unit: Any) -> float | None:
    """Whole days, months or years between two local dates (X-12)."""
    count = DATE_PARTS.get(unit.upper()) if isinstance(unit, str) else None
    if isinstance(unit, str) and count is None:
        raise Failure(
            "FORMULA_ARGUMENTS", f"datedif() knows no unit {unit!r}: {', '.join(DATE_PARTS)}."
        )
    if count is None or not isinstance(start, date) or not isinstance(end, date):
        return None
    first, last = values.local_day(start, clock.zone), values.local_day(end, clock.zone)
    return None if first > last else float(count(first, last))


def _months(first: date, last: date) -> int:
    """Complete months: one is complete when its day of month is reached."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months - (last.day < first.day)


def _days_beyond(first: date, last: date, months: int) -> int:
    """Days from so many months after the first date to the last one."""
    try:
        start = axis.add_months(first, months)
    except ValueError:  # add_months looks at the month after, which the calendar's last lacks
        start = last.replace(day=first.day)
    return (last - start).days


def _days_after_months(first: date, last: date) -> int:
    return _days_beyond(first, last, _months(first, last))


def _days_after_years(first: date, last: date) -> int:
    return _days_beyond(first, last, _months(first, last) // 12 * 12)


DATE_PARTS: Final[dict[str, Callable[[date, date], int]]] = {
    "D": lambda first, last: (last - first).days,
    "M": _months,
    "Y": lambda first, last: _months(first, last) // 12,
    "YM": lambda first, last: _months(first, last) % 12,
    "MD": _days_after_months,
    "YD": _days_after_years,
}
"""The units of datedif()."""


def _now(clock: values.Clock) -> float:
    return clock.now_ms / 1000


def _datetime(clock: values.Clock, value: Any) -> datetime | date | None:
    return values.to_moment(value)


FUNCTIONS: Final[dict[str, Function]] = {
    "number": lambda clock, value: values.to_number(value, clock.zone),
    "string": lambda clock, value: values.to_text(value, clock.zone),
    "boolean": lambda clock, value: values.to_boolean(value),
    "datetime": _datetime,
    "defined": lambda clock, value: value is not None,
    "not": lambda clock, value: negated(value),
    "min": _extreme(min),
    "max": _extreme(max),
    "floor": _of_number(math.floor),
    "ceil": _of_number(math.ceil),
    "round": _of_number(rounded),
    "upper": _of_text(str.upper),
    "lower": _of_text(str.lower),
    "len": _len,
    "left": _part(_left),
    "right": _part(_right),
    "mid": _part(_mid),
    "split": _split,
    "has_prefix": _of_two_texts(str.startswith),
    "has_suffix": _of_two_texts(str.endswith),
    "parse_url": _parse_url,
    "regex_match": _regex_match,
    "regex_extract": _regex_extract,
    "regex_replace": _regex_replace,
    "datedif": _datedif,
    "today": _today,
    "now": _now,
    "sum": _sum,
}
"""What the functions do whose arguments are all evaluated first."""
