"""Changes of profiles, as ``/engage`` and ``/groups`` take them.

Enters: stored profiles and changes. Leaves: the profiles afterwards. The surprise: the changes of
one person are applied in the order in which they came, so setting and then unsetting leaves
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mpnb.engine.duckdb.load.profiles import Profile, Profiles

Values = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One operation on one profile."""

    id: str
    group_key: str | None
    operation: str
    """``$set``, ``$set_once``, ``$add``, ``$union``, ``$append``, ``$remove``, ``$unset``,
    ``$delete``."""
    argument: Any


def _set(held: Values, argument: Mapping[str, Any]) -> None:
    held.update(argument)


def _set_once(held: Values, argument: Mapping[str, Any]) -> None:
    for name, value in argument.items():
        held.setdefault(name, value)


def _add(held: Values, argument: Mapping[str, Any]) -> None:
    for name, value in argument.items():
        before = held.get(name, 0)
        held[name] = (before if isinstance(before, int | float) else 0) + value


def _union(held: Values, argument: Mapping[str, Any]) -> None:
    for name, values in argument.items():
        before = _list(held.get(name))
        held[name] = before + [value for value in _list(values) if value not in before]


def _append(held: Values, argument: Mapping[str, Any]) -> None:
    for name, value in argument.items():
        held[name] = [*_list(held.get(name)), value]


def _remove(held: Values, argument: Mapping[str, Any]) -> None:
    for name, value in argument.items():
        if isinstance(held.get(name), list):
            held[name] = [item for item in held[name] if item != value]


def _unset(held: Values, argument: Iterable[str]) -> None:
    for name in argument:
        held.pop(name, None)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


OPERATIONS: dict[str, Callable[[Values, Any], None]] = {
    "$set": _set,
    "$set_once": _set_once,
    "$add": _add,
    "$union": _union,
    "$append": _append,
    "$remove": _remove,
    "$unset": _unset,
}
"""What changes the values of a profile; ``$delete`` takes the profile away."""


def changed(profiles: Profiles, changes: list[Change]) -> Profiles:
    """The profiles after some changes."""
    touched = {(change.group_key, change.id) for change in changes}
    held: dict[tuple[str | None, str], Values] = {}
    kept = []
    for record in profiles.records:
        key = (record.group_key, record.id)
        if key in touched:
            held.setdefault(key, {}).update(record.properties)
        else:
            kept.append(record)
    for change in changes:
        key = (change.group_key, change.id)
        if change.operation == "$delete":
            held.pop(key, None)
        else:
            OPERATIONS[change.operation](held.setdefault(key, {}), change.argument)
    return Profiles([*kept, *(Profile(key[1], key[0], values) for key, values in held.items())])
