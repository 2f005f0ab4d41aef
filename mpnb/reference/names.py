"""Which thing a word of the help means.

Enters what was asked for: a public name, a dotted path from one, or an object. Leaves the object
with its path. The surprise: a bare method such as ``query_funnel`` means that of the workspace.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from functools import lru_cache
from importlib import import_module
from typing import Any, Literal, get_origin

from mpnb.errors import HelpLookupError
from mpnb.reference.models import MemberKind

MODULES = ("accounts", "session", "targets", "reference")
WORKSPACE = "Workspace"


@dataclass(frozen=True)
class Thing:
    """A live object, its path from the package, and the class or module that holds it."""

    path: str
    value: Any
    holder: Any = None

    @property
    def name(self) -> str:
        """The last word of the path."""
        return self.path.rpartition(".")[2]


@lru_cache(maxsize=1)
def public() -> dict[str, Thing]:
    """Every public name with what it stands for, by name."""
    package = import_module("mpnb")
    names = sorted({*package.__all__, *MODULES})
    return {name: Thing(name, getattr(package, name), package) for name in names}


def find(query: str | object) -> Thing:
    """Return the thing that a path, a name or an object means.

    Raises:
        HelpLookupError: there is no such thing; `suggestions` come near.
    """
    if not isinstance(query, str):
        return _of_object(query)
    first, *rest = query.strip().removeprefix("mp.").removeprefix("mpnb.").split(".")
    found = public().get(first)
    if found is None:
        found = members(public()[WORKSPACE]).get(first)
    for word in rest:
        found = members(found).get(word) if found else None
    if found is None:
        raise HelpLookupError(query, suggestions=near(query))
    return found


def _of_object(value: object) -> Thing:
    if callable(value) or isinstance(value, property | types.ModuleType):
        for thing in public().values():
            if thing.value is value:
                return thing
        for holder in public().values():
            for thing in members(holder).values():
                if _plain(thing.value) is _plain(value):
                    return thing
    kind: type = value if isinstance(value, type) else type(value)
    for base in kind.__mro__[:-1]:
        for thing in public().values():
            if thing.value is base:
                return thing
    raise HelpLookupError(repr(value)[:80])


def _plain(value: Any) -> Any:
    return getattr(value, "__func__", value)


def members(thing: Thing) -> dict[str, Thing]:
    """The public members of a class or a module, by name; nothing else has any."""
    value = thing.value
    if isinstance(value, types.ModuleType):
        names = getattr(value, "__all__", None) or [
            name for name, item in vars(value).items() if _is_own(value, item)
        ]
    elif isinstance(value, type):
        names = [name for base in value.__mro__[:-1] if _is_ours(base) for name in vars(base)]
    else:
        return {}
    return {
        name: Thing(f"{thing.path}.{name}", inspect.getattr_static(value, name), value)
        for name in sorted(set(names))
        if not name.startswith("_") and hasattr(value, name)
    }


def _is_own(module: types.ModuleType, item: Any) -> bool:
    return callable(item) and getattr(item, "__module__", None) == module.__name__


def _is_ours(base: type) -> bool:
    return base.__module__.partition(".")[0] == "mpnb"


def callables(thing: Thing) -> Iterator[tuple[Thing, MemberKind]]:
    """The methods and properties of a class, or the functions of a module."""
    for member in members(thing).values():
        found = kind(member)
        if found in ("method", "property", "function"):
            yield member, found


def kind(thing: Thing) -> MemberKind:
    """What sort of thing it is."""
    value = thing.value
    if isinstance(value, types.ModuleType):
        return "module"
    if isinstance(value, type):
        return next(word for word, test in _CLASSES if test(value))
    if isinstance(value, property) or type(value).__name__ in ("cached_property", "getset"):
        return "property"
    if callable(_plain(value)) and not _is_alias(value):
        return "method" if isinstance(thing.holder, type) else "function"
    if get_origin(value) is Literal:
        return "literal"
    return "alias" if _is_alias(value) else "constant"


def _is_alias(value: Any) -> bool:
    return get_origin(value) is not None or isinstance(value, types.UnionType)


_CLASSES: tuple[tuple[MemberKind, Callable[[type], bool]], ...] = (
    ("exception", lambda value: issubclass(value, BaseException)),
    ("enum", lambda value: issubclass(value, Enum)),
    ("model", lambda value: hasattr(value, "model_fields")),
    ("dataclass", lambda value: hasattr(value, "__dataclass_fields__")),
    ("class", lambda value: True),
)


def near(word: str, most: int = 5) -> list[str]:
    """Public names and methods of the workspace that look like the word, the nearest first."""
    known = [*public(), *members(public()[WORKSPACE])]
    folded: dict[str, str] = {}
    for name in known:
        folded.setdefault(name.casefold(), name)
    last = word.rpartition(".")[2].casefold()
    return [folded[name] for name in get_close_matches(last, folded, n=most, cutoff=0.6)]
