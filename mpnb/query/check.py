"""Small checks on single values: text, dates, numbers, words of a table.

Enters any Python value, leaves a bool, a problem or a finding. The surprise: `True` is never a
number here, although Python says it is one.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date
from difflib import get_close_matches
from typing import Any, Literal, TypeGuard

from mpnb.errors import ParamTypeError, ParamValidationError, ValidationError

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Tabs and line breaks are none: names that were tracked with them are counted like others."""
_LARGEST = sys.float_info.max
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

MOST_SHOWN = 500

DateProblem = Literal["format", "invalid"]


def shown(value: Any) -> str:
    """Return a value as messages show it: cut when long, and told of when Python cannot show it."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deep; more digits than Python writes
        return f"a {type(value).__name__} too large to show"
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def is_whole(value: Any) -> bool:
    """Tell whether the value is an int, and not a bool."""
    return type(value) is int


def is_number(value: Any) -> TypeGuard[int | float]:
    """Tell whether the value is an int or a float, and not a bool."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_finite(value: Any) -> bool:
    """Tell whether the value is a number other than NaN and the infinities."""
    return is_number(value) and abs(value) <= _LARGEST


def is_blank(value: Any) -> bool:
    """Tell whether the value is no text, or text of spaces only."""
    return not isinstance(value, str) or not value or value.isspace()


def is_plain_name(value: Any) -> bool:
    """Tell whether the value is a name of seen ASCII characters, as nearly all names are."""
    return (
        type(value) is str
        and value.isascii()
        and value.isprintable()
        and value != ""
        and not value.isspace()
    )


def has_control(text: str) -> bool:
    """Tell whether the text holds control characters, or half a pair that no UTF-8 can say."""
    return CONTROL.search(text) is not None


def is_invisible(text: str) -> bool:
    """Tell whether the text has only characters that nobody can see, such as U+200B."""
    if text.isascii():
        return False
    return all(char.isspace() or unicodedata.category(char) == "Cf" for char in text)


def date_problem(value: Any) -> DateProblem | None:
    """Say what is wrong with a date, which should be text like 2025-01-31."""
    if not isinstance(value, str) or len(value) != 10 or not value[4] == value[7] == "-":
        return "format"
    try:
        date.fromisoformat(value)
    except ValueError:
        return "format" if _DATE.fullmatch(value) is None else "invalid"
    return None


def date_message(name: str, value: Any, problem: DateProblem) -> str:
    """Say how to mend a date."""
    if problem == "format":
        return f"{name} must be a date like '2025-01-31', not {shown(value)}."
    return f"{name} is {shown(value)}, a day that the calendar does not have."


def nearest(word: Any, legal: Iterable[str]) -> tuple[str, ...] | None:
    """Return the legal words that look most like the word, or None."""
    if not isinstance(word, str):
        return None
    return tuple(get_close_matches(word.lower(), list(legal), n=3)) or None


def legal_list(legal: Iterable[str]) -> str:
    """Return the legal words as text for a message."""
    return ", ".join(repr(word) for word in legal)


def word_message(name: str, value: Any, legal: Iterable[str]) -> str:
    """Say which words are legal."""
    return f"{name} must be one of {legal_list(legal)}, not {shown(value)}."


def is_word(value: Any, legal: Collection[str]) -> bool:
    """Tell whether the value is one of the legal words; values of any type may be asked."""
    return isinstance(value, str) and value in legal


def bad_word(code: str, path: str, value: Any, legal: Collection[str]) -> ValidationError:
    """Make the finding for a value that is none of the legal words."""
    name = "It" if path.startswith(("where", "group_by")) else path.rpartition(".")[2]
    return ValidationError(
        path, word_message(name, value, legal), code, suggestion=nearest(value, legal)
    )


def require_word(code: str, name: str, value: Any, legal: Collection[str]) -> None:
    """Raise unless the value is one of the legal words."""
    if not is_word(value, legal):
        near = nearest(value, legal)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        details = {"value": shown(value), "allowed": list(legal)}
        raise ParamValidationError(word_message(name, value, legal) + hint, code, details)


def require_event(name: Any, what: str, blank: str = "EV1_EMPTY_EVENT") -> None:
    """Raise unless the value can be the name of an event; what is neither text nor None passes."""
    if is_plain_name(name) or not isinstance(name, str | None):
        return
    if name is None or is_blank(name):
        raise ParamValidationError(f"{what} needs the name of an event; it is blank.", blank)
    if CONTROL.search(name) is not None:
        raise ParamValidationError(
            f"The event name {shown(name)} of {what} holds control characters; remove them.",
            "EV2_CONTROL_CHAR_EVENT",
        )


def require_label(label: Any, what: str = "label") -> None:
    """Raise LB1 unless the value is text or None."""
    if label is not None and not isinstance(label, str):
        raise ParamTypeError(f"{what} must be text, not {shown(label)}.", "LB1_LABEL_TYPE")


def require_date(name: str, value: Any, family: str = "V8") -> None:
    """Raise `<family>_DATE_FORMAT` or `<family>_DATE_INVALID` unless the value is a date."""
    problem = date_problem(value)
    if problem:
        code = f"{family}_DATE_{'FORMAT' if problem == 'format' else 'INVALID'}"
        raise ParamValidationError(date_message(name, value, problem), code)


def require_positive_id(value: Any, code: str, what: str) -> None:
    """Raise unless the value is a positive whole number."""
    if type(value) is not int or value <= 0:
        raise ParamValidationError(
            f"{what} must be a positive whole number, not {shown(value)}.",
            code,
            {"value": shown(value)},
        )


def as_tuple(value: Any) -> Any:
    """Return a list as a tuple and everything else as it is, for fields of frozen parts."""
    return tuple(value) if isinstance(value, list) else value


def one_or_more(value: Any) -> Any:
    """Return items as `items_of` does, but None as None, for optional fields of parts."""
    return None if value is None else items_of(value)


def items_of(value: Any) -> tuple[Any, ...]:
    """Return a list's items; None has none, and anything else (text too) is the only one."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


LIMIT_MAX = 50_000


def require_limit(limit: Any) -> None:
    """Raise unless the limit of an answer's segments is None or a whole number, 1 to 50,000."""
    if limit is not None and (type(limit) is not int or not 1 <= limit <= LIMIT_MAX):
        raise ParamValidationError(
            f"limit must be a whole number, 1 to {LIMIT_MAX:,}, not {shown(limit)}.",
            "QL1_INVALID_LIMIT",
        )
