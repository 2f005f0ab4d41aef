"""How the frozen parts of questions are made quickly.

Enters a frozen dataclass, leaves the same class with a quicker constructor. The surprise: a frozen
dataclass of Python sets each field by a call of its own, and a question has dozens; here all fields
are set by one. Signature, annotations, `__post_init__` and immutability stay as they were.
"""

from __future__ import annotations

import sys
from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

from mpnb.errors import ParamTypeError

T = TypeVar("T")

UNREADABLE = (RecursionError, OverflowError)
"""What Python says where a message would show a value nested too deep, or a number too large."""


def unreadable(error: Exception) -> ParamTypeError:
    """The coded error in place of one of `UNREADABLE`."""
    what = "is nested too deep" if isinstance(error, RecursionError) else "is too large a number"
    return ParamTypeError(f"An argument {what}; give a plain value.", "AR1_UNREADABLE")


def quick(cls: type[T]) -> type[T]:
    """Give a frozen dataclass a constructor that sets all fields at once.

    Raises:
        TypeError: a field has a default factory, which such a constructor does not call.
    """
    made: Any = cls
    own = [field for field in fields(made) if field.init]
    if any(field.default_factory is not MISSING for field in own):
        raise TypeError(f"{cls.__qualname__} has a default factory; leave it a plain dataclass.")
    space: dict[str, Any] = {}
    exec(_source(own, hasattr(cls, "__post_init__")), vars(sys.modules[cls.__module__]), space)
    defaults = {field.name: field.default for field in own}
    init = space["make"](object.__setattr__, defaults, UNREADABLE, unreadable)
    init.__annotations__ = made.__init__.__annotations__
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__init__ = init
    return cls


def _source(own: list[Field[Any]], checked: bool) -> str:
    """The text of the constructor; names are those of fields, so nothing foreign gets in."""
    values = ", ".join(f"{field.name!r}: {field.name}" for field in own)
    lines = [
        "def make(_set, _defaults, _unreadable, _coded):",
        f"    def __init__(self, {', '.join(_parameters(own))}):",
        f"        _set(self, '__dict__', {{{values}}})",
    ]
    if checked:
        lines += [
            "        try:",
            "            self.__post_init__()",
            "        except _unreadable as error:",
            "            raise _coded(error) from None",
        ]
    return "\n".join([*lines, "    return __init__"])


def _parameters(own: list[Field[Any]]) -> list[str]:
    found = [_parameter(field) for field in own if not field.kw_only]
    named = [_parameter(field) for field in own if field.kw_only]
    return [*found, "*", *named] if named else found


def _parameter(field: Field[Any]) -> str:
    if field.default is MISSING:
        return field.name
    return f"{field.name}=_defaults[{field.name!r}]"
