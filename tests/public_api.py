"""How a public name differs from its recorded description, one sentence per difference.

Enters: an object of mpnb and its entry of the recorded API. Leaves: the differences. The surprise:
more than is recorded is fine where callers cannot trip over it: optional fields and keywords.
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Entry = Mapping[str, Any]
Differences = Iterator[str]
NOTHING = object()
COLLECTING = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def differences(found: Any, entry: Entry) -> Differences:
    """Compare by the kind of the entry; a kind without a comparison is compared by name only."""
    compare = COMPARE.get(entry["kind"])
    if compare is not None:
        yield from compare(found, entry)
    for name, method in entry.get("methods", {}).items():
        if not name.startswith("_"):
            yield from _member(found, name, method)
    for name in entry.get("properties", {}):
        if not hasattr(found, name) and name not in _annotations(found):
            yield f"has no property {name}"


def _annotations(found: Any) -> set[str]:
    return {name for part in found.__mro__ for name in vars(part).get("__annotations__", {})}


def _member(found: Any, name: str, entry: Entry) -> Differences:
    if not hasattr(found, name):
        yield f"has no method {name}"
    elif "params" in entry:
        yield from _signature(getattr(found, name), entry["params"], name)


def _signature(function: Any, recorded: list[Entry], name: str) -> Differences:
    own = [p for p in inspect.signature(function).parameters.values() if p.name != "self"]
    yield from compare_parameters(own, recorded, f"{name}()")


def compare_parameters(
    own: list[inspect.Parameter], recorded: list[Entry], where: str
) -> Differences:
    """Names, order of positions, keyword-only, and defaults."""
    by_name = {p.name: p for p in own}
    for wanted in recorded:
        mine = by_name.pop(wanted["name"].lstrip("*"), None)
        if mine is not None and wanted["name"][0] == "*":
            if str(mine).partition(":")[0] != wanted["name"]:
                yield f"{where} {mine.name} does not collect like {wanted['name']}"
        elif mine is None:
            yield f"{where} has no parameter {wanted['name']}"
        else:
            yield from _parameter(mine, wanted, f"{where} {wanted['name']}")
    positions = [p.name for p in own if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    expected = [p["name"] for p in recorded if not p.get("kw") and p["name"][0] != "*"]
    if positions[: len(expected)] != expected:
        yield f"{where} takes {positions} by position instead of {expected}"
    for extra in by_name.values():
        if extra.default is extra.empty and extra.kind not in COLLECTING:
            yield f"{where} also demands {extra.name}"


def _parameter(mine: inspect.Parameter, wanted: Entry, where: str) -> Differences:
    if bool(wanted.get("kw")) != (mine.kind is mine.KEYWORD_ONLY):
        yield f"{where} is {'not ' if wanted.get('kw') else ''}keyword-only"
    if bool(wanted.get("pos_only")) != (mine.kind is mine.POSITIONAL_ONLY):
        yield f"{where} is {'not ' if wanted.get('pos_only') else ''}positional-only"
    yield from _default(mine.default, mine.empty, wanted, where)


def _default(mine: Any, none: Any, wanted: Entry, where: str) -> Differences:
    if "default_factory" in wanted:
        return
    recorded = wanted.get("default", NOTHING)
    required = mine is none
    if required != (recorded is NOTHING):
        yield f"{where} is {'required' if required else 'optional'}"
    elif not required and plain(mine) != plain(recorded):
        yield f"{where} is {mine!r} by default instead of {recorded!r}"


def plain(value: Any) -> Any:
    """A default as JSON has it."""
    if isinstance(value, enum.Enum):
        return "<UNSET>" if value.name == "UNSET" else f"{type(value).__name__}.{value.name}"
    return list(value) if isinstance(value, tuple) else value


def _class(found: Any, entry: Entry) -> Differences:
    own = {f.name: f for f in dataclasses.fields(found)}
    if found.__dataclass_params__.frozen is not entry.get("frozen", False):
        yield "is not frozen alike"
    for name, wanted in entry["fields"].items():
        if name.endswith("_cache"):
            continue  # how a result keeps its frames is its own affair
        field = own.pop(name, None)
        if field is None:
            yield f"has no field {name}"
            continue
        factory = field.default_factory is not dataclasses.MISSING
        if factory != ("default_factory" in wanted):
            yield f"{name} is not made alike"
        elif not factory:
            yield from _default(field.default, dataclasses.MISSING, wanted, name)
    mine = [f.name for f in dataclasses.fields(found) if not f.kw_only]
    expected = [n for n, f in entry["fields"].items() if not f.get("kw_only")]
    if not entry.get("custom_init") and mine[: len(expected)] != expected:
        yield f"takes {mine} by position instead of {expected}"


def _exception(found: Any, entry: Entry) -> Differences:
    mine = {base.__name__ for base in found.__mro__}
    for base in entry["bases"]:
        if base not in mine:
            yield f"is no {base}"
    if "init" in entry and "init_from" not in entry:
        own = [p for p in inspect.signature(found).parameters.values() if p.name != "self"]
        yield from compare_parameters(own, entry["init"], "init")


def _model(found: Any, entry: Entry) -> Differences:
    own = found.model_fields
    for name, wanted in entry["fields"].items():
        field = own.get(name)
        if field is None:
            yield f"has no field {name}"
        elif field.is_required() != bool(wanted.get("required")):
            yield f"{name} is {'required' if field.is_required() else 'optional'}"
        elif "default" in wanted and plain(field.default) != wanted["default"]:
            yield f"{name} is {field.default!r} by default instead of {wanted['default']!r}"
        elif "alias" in wanted and field.serialization_alias != wanted["alias"]:
            yield f"{name} is called {field.serialization_alias!r} outside instead of {wanted['alias']!r}"


def _literal(found: Any, entry: Entry) -> Differences:
    if set(typing.get_args(found)) != set(entry["values"]):
        yield f"allows {typing.get_args(found)} instead of {entry['values']}"


def _enum(found: Any, entry: Entry) -> Differences:
    members = {name: member.value for name, member in found.__members__.items()}
    if members != entry["members"]:
        yield f"has the members {members} instead of {entry['members']}"


def _typed_dict(found: Any, entry: Entry) -> Differences:
    if set(found.__annotations__) != set(entry["fields"]):
        yield f"has the keys {sorted(found.__annotations__)} instead of {sorted(entry['fields'])}"


def _function(found: Any, entry: Entry) -> Differences:
    yield from _signature(found, entry["params"], "")


def _alias(found: Any, entry: Entry) -> Differences:
    mine = {part.__name__ for part in typing.get_args(found)}
    if mine != set(entry["members"]):
        yield f"is {sorted(mine)} instead of {sorted(entry['members'])}"


def _constant(found: Any, entry: Entry) -> Differences:
    if found != entry["value"]:
        yield f"is {found!r} instead of {entry['value']!r}"


COMPARE: dict[str, Callable[[Any, Entry], Differences]] = {
    "dataclass": _class,
    "exception": _exception,
    "pydantic model": _model,
    "Literal": _literal,
    "enum": _enum,
    "TypedDict": _typed_dict,
    "function": _function,
    "Union alias": _alias,
    "constant": _constant,
}
