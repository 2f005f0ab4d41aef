"""Params from text, strictly: one JSON object, no key twice, finite numbers, bounded nesting.

In: text of a params object, or a value that claims to be one. Out: a dict of plain JSON values.
The surprise: nesting is measured on the text before the parser sees it, because the parser
itself recurses.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from mpnb.errors import BookmarkValidationError, ValidationError

MAX_DEPTH = 100
"""Deepest nesting that is read; reports that people make stay below 30."""

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""Texts and brackets; a text that never ends is one token too, or time would be quadratic."""


def refuse(code: str, message: str, path: str = "") -> BookmarkValidationError:
    """Return the error with one finding about a params object."""
    return BookmarkValidationError([ValidationError(path=path, message=message, code=code)])


def loads(text: str | bytes) -> dict[str, Any]:
    """Parse the text of a params object.

    Raises:
        BookmarkValidationError: ``PJ1_NOT_JSON``, ``PJ2_DUPLICATE_KEY``, ``PJ3_TOO_DEEP``,
            ``PJ4_NOT_FINITE`` or ``PJ5_NOT_AN_OBJECT``; the message names the place.
    """
    try:
        text = text.decode() if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        raise refuse("PJ1_NOT_JSON", f"The params are not UTF-8 text: {error}.") from None
    _check_nesting(text)
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise refuse("PJ1_NOT_JSON", f"The params are not JSON: {error.msg} ({where}).") from None
    except ValueError as error:  # an integer of more digits than Python converts
        raise refuse("PJ1_NOT_JSON", f"The params are not JSON: {error}.") from None
    return check(value)


def _check_nesting(text: str) -> None:
    depth = 0
    for token in _TOKENS.finditer(text):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            raise _too_deep()


def _too_deep() -> BookmarkValidationError:
    return refuse("PJ3_TOO_DEEP", f"The params nest more than {MAX_DEPTH} levels deep.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise refuse("PJ2_DUPLICATE_KEY", f"The key {key!r} stands twice in one object.", key)
        result[key] = value
    return result


def _no_constant(name: str) -> Any:
    raise refuse("PJ4_NOT_FINITE", f"{name} is not a number that JSON knows.")


def check(params: Any) -> dict[str, Any]:
    """Return ``params`` as plain dicts and lists, or say what about it is not JSON.

    Raises:
        BookmarkValidationError: not an object, nested too deeply, a number that is not finite, a
            key that is not text, or a value that JSON does not have.
    """
    if not isinstance(params, Mapping):
        kind = type(params).__name__
        raise refuse("PJ5_NOT_AN_OBJECT", f"Params are a JSON object; this is a {kind}.")
    plain = _plain(params, "", 0)
    assert isinstance(plain, dict)
    return plain


def _plain(value: Any, path: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise _too_deep()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise refuse("PJ4_NOT_FINITE", f"{value} is not a number that JSON knows.", path)
        return value
    if isinstance(value, Mapping):
        return {_key(k, path): _plain(v, f"{path}.{k}", depth + 1) for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(v, f"{path}[{i}]", depth + 1) for i, v in enumerate(value)]
    raise refuse("PJ1_NOT_JSON", f"JSON has no value of type {type(value).__name__}.", path)


def _key(key: Any, path: str) -> str:
    if not isinstance(key, str):
        raise refuse("PJ1_NOT_JSON", f"Keys of params are text; {key!r} is not.", path)
    return key
