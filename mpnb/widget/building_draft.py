"""Question → draft → question: a draft is plain data that may be unfinished or wrong.

Enters: a question, or a draft. Leaves: a draft, or the question with findings. The surprise: a part
that plain data cannot hold without loss stays in the draft as the part itself, untouched.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from mpnb.errors import BookmarkValidationError, MixpanelHeadlessError, QuerySyntaxError
from mpnb.query.breakdown import GroupBy
from mpnb.query.filter import Filter
from mpnb.query.operators import COHORTS
from mpnb.query.question import Question
from mpnb.query.words import Kind
from mpnb.text.make import MAKERS
from mpnb.text.print_filter import definition_text, property_text
from mpnb.text.read import read
from mpnb.widget.building_said import said
from mpnb.widget.building_shape import (
    PIECES,
    QUESTIONS,
    Membership,
    Shape,
    members,
    parts,
    shape_of,
    value_shape,
    variant,
)

Draft = dict[str, Any]
Path = tuple[str | int, ...]
BAD: Final = object()
"""What stands for a value that could not be made; there is a finding about it."""


@dataclass(frozen=True)
class Finding:
    """What is wrong with a field of the form, and which one it is."""

    path: Path
    message: str
    code: str


# --- question → draft ---------------------------------------------------------------------------


def draft(question: Question) -> Draft:
    """A question as plain data; its extras stay beside it."""
    return {
        "kind": question.kind,
        **{row.name: encode(getattr(question, row.argument)) for row in members(type(question))},
    }


def encode(value: Any) -> Any:
    """A value as plain data, or itself when that would lose something."""
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {"is": "json", "text": json.dumps(value, ensure_ascii=False)}
    if not dataclasses.is_dataclass(value):
        return value
    try:
        made = _encoded(value)
        found: list[Finding] = []
        shape = shape_of(type(value))
        same = decode(made, shape, (), found) == value and not found
    except (MixpanelHeadlessError, TypeError, ValueError):
        return value
    return made if same else value


def _encoded(value: Any) -> Any:
    rule = PIECES.get(type(value))
    if rule is not None:
        text = definition_text(value) if rule == "cohort" else property_text(value)
        return {"is": "piece", "rule": rule, "text": text}
    member = _membership(value) if isinstance(value, Filter) else None
    part = member or value
    rows = {row.name: encode(getattr(part, row.argument)) for row in members(type(part))}
    return {"is": type(part).__name__, **rows}


def _membership(item: Filter) -> Membership | None:
    value = item._value
    if item._property != COHORTS or not isinstance(value, list) or len(value) != 1:
        return None
    said = value[0].get("cohort") if isinstance(value[0], dict) else None
    if not isinstance(said, dict):
        return None
    cohort = said.get("id", said.get("raw_cohort"))
    negated = item._operator == "does not contain"
    return None if cohort is None else Membership(cohort, said.get("name") or None, negated)


# --- draft → question ---------------------------------------------------------------------------


def question(made: Draft, extras: tuple[Any, ...]) -> tuple[Question | None, list[Finding]]:
    """The question of a draft, or what is wrong with it."""
    kind = cast(Kind, made["kind"])
    found: list[Finding] = []
    values: dict[str, Any] = {}
    for row in members(QUESTIONS[kind]):
        value = decode(made[row.name], row.shape, (row.name,), found)
        if value != row.default or value != ():  # factories take no empty list for no list
            values[row.name] = list(value) if isinstance(value, tuple) else value
    if found:
        return None, found
    try:
        return replace(MAKERS[kind](_arguments(kind, values)), extras=extras), []
    except BookmarkValidationError as problem:
        errors = [one for one in problem.errors if one.severity == "error"]
        return None, [
            Finding(_alone(_where(one.path, one.message), values), said(one.message), one.code)
            for one in errors
        ]
    except (MixpanelHeadlessError, TypeError, ValueError) as problem:
        message = message_of(problem)
        return None, [Finding(_where("", message), said(message), code_of(problem))]


def _arguments(kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
    """The arguments of the kind's factory, as a cell gives them."""
    when = values.pop("range", None)
    if when is not None:
        values |= {"last": when.last, "from_date": when.from_date, "to_date": when.to_date}
    if kind == "insights":
        values["events"] = list(values.pop("metrics", ()))
    return values


def decode(node: Any, shape: Shape, path: Path, found: list[Finding]) -> Any:
    """The value of a piece of a draft; `BAD` with a finding when there is none."""
    if node is None:
        return None if shape.optional else _bad(path, "This is needed.", found)
    if isinstance(node, list):
        many = variant(node, shape)
        item = (many.item if many else None) or Shape("json")
        items = [decode(one, item, (*path, at), found) for at, one in enumerate(node)]
        return BAD if any(one is BAD for one in items) else tuple(items)
    if isinstance(node, dict):
        return _decode_part(node, path, found)
    if isinstance(node, str | int | float | bool):
        return _decode_scalar(node, shape, path, found)
    return node  # kept as it is


def _decode_scalar(node: Any, shape: Shape, path: Path, found: list[Finding]) -> Any:
    number = isinstance(node, int | float) and not isinstance(node, bool)
    mine = variant(node, shape)
    wanted = None if mine is None else mine.part if mine.control == "value" else mine.control
    if wanted == "whole" and not (number and isinstance(node, int)):
        return _bad(path, "Write a whole number.", found)
    if wanted == "number" and not number:
        return _bad(path, "Write a number.", found)
    return node


def _decode_part(node: dict[str, Any], path: Path, found: list[Finding]) -> Any:
    if node["is"] == "json":
        return _guarded(lambda: json.loads(node["text"]), path, found, "No JSON: ")
    if node["is"] == "piece":
        return _guarded(lambda: read_piece(node["rule"], node["text"]), path, found)
    cls, before = parts()[node["is"]], len(found)
    values: dict[str, Any] = {}
    for row in members(cls):
        shape = row.shape
        if cls is Filter and row.name == "value":
            shape = value_shape(node["operator"]) or Shape("json", optional=True)
        values[row.argument] = decode(node[row.name], shape, (*path, row.name), found)
    if cls is Filter:
        _unnamed(node, path, found)
    if any(value is BAD for value in values.values()) or len(found) > before:
        return BAD
    made = _guarded(lambda: cls(**values), path, found, fields=tuple(node))
    return made.filter() if isinstance(made, Membership) else made


def _unnamed(node: Draft, path: Path, found: list[Finding]) -> None:
    """Say what a filter still needs, which its class does not ask for."""
    if node["property"] == "":
        _bad((*path, "property"), "Name a property.", found)
    if node["value"] in ("", []) and value_shape(node["operator"]):
        _bad((*path, "value"), "Give a value.", found)


def _guarded(
    make: Callable[[], Any],
    path: Path,
    found: list[Finding],
    lead: str = "",
    fields: tuple[str, ...] = (),
) -> Any:
    try:
        return make()
    except (MixpanelHeadlessError, TypeError, ValueError, AttributeError) as problem:
        message, code = message_of(problem), code_of(problem)
        about = _field(message, code, fields)
        return _bad((*path, about) if about else path, lead + message, found, code)


def _bad(path: Path, message: str, found: list[Finding], code: str = "FORM") -> Any:
    found.append(Finding(path, said(message), code))
    return BAD


_ABOUT: Final = {
    code: name
    for name, codes in {
        "event": "EV FF1 FB1 BH2",
        "id": "CE1 BR1 MR4",
        "sub": "LG1",
        "property": "V13 F10 F11 BH3",
        "expression": "FM1 FM2 V16",
        "cohort": "CF1 CM1 CB1",
        "percentile_value": "V26",
    }.items()
    for code in codes.split()
}
"""The beginning of a finding's code → the field that it is about."""


def _field(message: str, code: str, fields: tuple[str, ...]) -> str:
    """The field that an error of a part is about, "" when it is about all of it."""
    known = next((name for start, name in _ABOUT.items() if code.startswith(start)), "")
    named = message.split(" ", 1)[0].split("=", 1)[0]
    return next((name for name in (known, named) if name in fields), "")


# --- pieces of cell text ------------------------------------------------------------------------


def read_piece(rule: str, text: str) -> Any:
    """A part from its piece of cell text.

    Raises:
        QuerySyntaxError: the text is no such piece.
        ParamValidationError: the piece says something that is not allowed.
    """
    if rule == "cohort":
        return read(f"cohort {text}", "users").values["cohort"]
    groups = read(f'"x"\nby {text}', "insights").values.get("group_by")
    (group,) = groups if isinstance(groups, list | tuple) else (groups,)
    if isinstance(group, str):
        return group
    if not isinstance(group, GroupBy) or group != GroupBy(group.property):
        raise ValueError("Write one property, and nothing else.")
    return group.property


# --- findings -----------------------------------------------------------------------------------


def message_of(problem: BaseException) -> str:
    """What an error says, with its hint, for people."""
    if isinstance(problem, QuerySyntaxError):
        return f"{problem.reason} {problem.hint}".strip()
    return str(getattr(problem, "message", problem))


def code_of(problem: BaseException) -> str:
    """The code of an error."""
    return str(getattr(problem, "code", "FORM"))


_LISTED: Final = (("where",), ("group_by",), ("segments",))
_RENAMED: Final[Mapping[str, Path]] = {
    "events": ("metrics",),
    "event": ("steps", 0),
    "formula": ("metrics",),
    "last": ("range", "last"),
    "from_date": ("range", "from_date"),
    "to_date": ("range", "to_date"),
}
"""An argument of a factory → the field of the question that it becomes."""


def _where(path: str, message: str) -> Path:
    """The field that a finding is about; one without a path begins with the field's name."""
    return place(path) or place(message.split(" ", 1)[0].rstrip("."))


def _alone(path: Path, values: Mapping[str, Any]) -> Path:
    """The path with the index that findings leave out when there is only one of several."""
    listed = values.get(str(path[0])) if path in _LISTED else None
    return (*path, 0) if isinstance(listed, list) and len(listed) == 1 else path


def place(path: str) -> Path:
    """The field that the path of a finding means: `events[1].math` → metrics, 1, math."""
    steps: list[str | int] = []
    # The number of a formula counts formulas only, and the field lists all metrics.
    path = re.sub(r"^formula\[\d+\]", "formula", path)
    for word in path.replace("]", "").replace("[", ".").split("."):
        steps.append(int(word) if word.isdigit() else word.lstrip("_"))
    first = steps[0] if steps else ""
    return (*_RENAMED.get(str(first), (first,)), *steps[1:]) if first else ()
