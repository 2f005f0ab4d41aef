"""Arguments of public methods are what their signatures say, before anything is asked.

Enters: a method. Leaves: the same method, which refuses arguments of another type. The surprise:
signatures are read as text, so that nothing is loaded to say that an argument is wrong; words such
as a unit are any text here, because the one who answers knows them.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import date
from operator import index
from typing import Any, ParamSpec, SupportsIndex, TypeVar

from mpnb.errors import ParamTypeError
from mpnb.query.check import shown

P = ParamSpec("P")
R = TypeVar("R")

REFUSED: Any = object()
"""What a reader returns for a value that is not of its type."""

LISTED = re.compile(r"(?:list|Sequence)\[(.*)\]")
SPLIT = re.compile(r"\s*\|\s*(?![^\[]*\])")
"""The bars between alternatives, not those inside brackets."""


def checked(method: Callable[P, R]) -> Callable[P, R]:
    """Let a method refuse arguments that are not of the types in its signature.

    A day may be a `datetime.date`, an id a number or its digits, a list any sequence or set.
    """
    signature = inspect.signature(method)
    wanted = {
        name: SPLIT.split(one.annotation)
        for name, one in signature.parameters.items()
        if isinstance(one.annotation, str)
    }

    @functools.wraps(method)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            return method(*args, **kwargs)  # which says itself what is missing
        for name, value in bound.arguments.items():
            if name in wanted:
                bound.arguments[name] = _fitting(method.__name__, name, wanted[name], value)
        return method(*bound.args, **bound.kwargs)

    return asked


def _fitting(method: str, name: str, kinds: Sequence[str], value: Any) -> Any:
    """The value, as one of some types.

    Raises:
        ParamTypeError: it is of none of them.
    """
    for kind in kinds:
        found = _read(kind, name, value)
        if found is not REFUSED:
            return found
    words = " or ".join(_word(kind) for kind in kinds)
    raise ParamTypeError(f"{method}(): {name} is {words}, not {shown(value)}.")


def _read(kind: str, name: str, value: Any) -> Any:
    listed = LISTED.fullmatch(kind)
    if listed:
        return _list(listed[1], name, value)
    if kind.startswith(("dict[", "Mapping[")):
        return value if isinstance(value, Mapping) else REFUSED
    if kind in READERS:
        return READERS[kind](name, value)
    if kind.endswith(("Params", "Entry", "Report")):
        return value if kind in {one.__name__ for one in type(value).__mro__} else REFUSED
    return _text(name, value) if _is_word(kind) else value


def _is_word(kind: str) -> bool:
    return kind.startswith("Literal[") or kind in WORDS


WORDS = frozenset(
    {"BookmarkType", "CountType", "EntityType", "Env", "HourDayUnit", "ReportLinkType", "TimeUnit"}
)
"""Names of sets of words, in annotations."""


def _text(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, date) and name.endswith("_date"):
        return value.isoformat()[:10]
    is_id = name.endswith(("_id", "_ids"))
    return str(value) if is_id and type(value) is int else REFUSED


def _whole(name: str, value: Any) -> Any:
    if isinstance(value, str) and name.endswith(("_id", "_ids")) and value.isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        return REFUSED
    return index(value)


def _number(_: str, value: Any) -> Any:
    return value if isinstance(value, float) else _whole("", value)


def _list(kind: str, name: str, value: Any) -> Any:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Sequence | Set):
        return REFUSED
    found = [_read(kind, name, item) for item in value]
    return REFUSED if any(item is REFUSED for item in found) else found


READERS: dict[str, Callable[[str, Any], Any]] = {
    "str": _text,
    "int": _whole,
    "float": _number,
    "bool": lambda _, value: value if isinstance(value, bool) else REFUSED,
    "None": lambda _, value: value if value is None else REFUSED,
}


def _word(kind: str) -> str:
    """A type as messages say it."""
    listed = LISTED.fullmatch(kind)
    if listed:
        return f"a list of {PLURALS.get(listed[1], listed[1])}"
    if kind.startswith(("dict[", "Mapping[")):
        return "a dict"
    return "text" if _is_word(kind) else NAMES.get(kind, kind)


NAMES = {"str": "text", "int": "a whole number", "float": "a number", "bool": "True or False"}
PLURALS = {"str": "texts", "int": "whole numbers", "dict[str, Any]": "dicts"}
