"""The edits of a builder: each takes a draft and returns another one; the first is never changed.

Enters: a draft, the path of a field, and what to do there. Leaves: a draft. The surprise: an edit
that makes no sense yet is done all the same; the findings say what is missing.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Sequence
from typing import Any, Final, cast

from mpnb.errors import ParamValidationError
from mpnb.query.operators import OPERATORS
from mpnb.query.words import Kind
from mpnb.widget.building_draft import Draft, encode
from mpnb.widget.building_shape import (
    QUESTIONS,
    VALUES,
    Shape,
    members,
    parts,
    shape_of,
    value_shape,
)

Where = Sequence[str | int]
_EXAMPLES: Final = {
    "cohort": '(did "" at least 1 times within 30 days)',
    "property": 'custom property ("A" as number, A = "" as number)',
}
"""What a piece of cell text starts with."""
_STARTS: Final = {
    ("FrequencyFilter", "value"): 1,
    ("Filter", "operator"): "equals",
    ("Filter", "value"): [],
    ("TimeComparison", "unit"): "month",
}
"""Where a new part starts, when that is no default of its class."""


def change(draft: Draft, path: Where, value: Any) -> Draft:
    """Give a field another value; what depends on it follows."""
    made = copy.deepcopy(draft)
    holder, name = _holder(made, path)
    if isinstance(holder, dict) and holder.get("is") == "Filter" and name == "operator":
        _change_operator(holder, value)
        return made
    node = holder[name]
    if isinstance(node, dict) and "text" in node and isinstance(value, str):
        node["text"] = value
    else:
        holder[name] = value
    _follow(holder, name, value)
    return made


def choose(draft: Draft, path: Where, key: str) -> Draft:
    """Make a field another of the things that it may be; ``"none"`` leaves it out."""
    made = copy.deepcopy(draft)
    holder, name = _holder(made, path)
    holder[name] = None if key == "none" else _blank_of(_shape(draft, path), key, draft["kind"])
    if draft["kind"] == "retention" and name == "born_event":
        event = _blank_of(shape_of(parts()["RetentionEvent"]), "RetentionEvent", "retention")
        made["return_event"] = None if key == "BehaviorRef" else made["return_event"] or event
    return made


def add(draft: Draft, path: Where, key: str, value: Any = None) -> Draft:
    """Add an item to a list, a blank one or one with a value."""
    made = copy.deepcopy(draft)
    holder, name = _holder(made, path)
    item = _many(draft, path).item or Shape("json")
    new = value if value is not None else _blank_of(item, key, draft["kind"])
    holder[name] = [*(holder[name] or []), new]
    return made


def remove(draft: Draft, path: Where) -> Draft:
    """Take an item out of a list; a list that may be left out is, when it was the last one."""
    made = copy.deepcopy(draft)
    rows, at = _holder(made, path)
    del rows[at]
    if not rows and _shape(draft, path[:-1]).optional:
        holder, name = _holder(made, path[:-1])
        holder[name] = None
    return made


def move(draft: Draft, path: Where, to: int) -> Draft:
    """Put an item of a list elsewhere in it."""
    made = copy.deepcopy(draft)
    rows, at = _holder(made, path)
    rows.insert(max(0, to), rows.pop(at))
    return made


# --- inside -------------------------------------------------------------------------------------


def _holder(made: Draft, path: Where) -> tuple[Any, Any]:
    node: Any = made
    try:
        for step in path[:-1]:
            node = node[step]
        node[path[-1]]
    except (KeyError, IndexError, TypeError) as problem:
        raise ParamValidationError(
            "This field is not there any more; the form has changed meanwhile."
        ) from problem
    return node, path[-1]


def _shape(draft: Draft, path: Where) -> Shape:
    """The shape of a field."""
    holder, name = _holder(draft, path)
    if isinstance(name, int):
        return _many(draft, path[:-1]).item or Shape("json")
    is_question = len(path) == 1
    cls = QUESTIONS[cast(Kind, draft["kind"])] if is_question else parts()[holder["is"]]
    if cls.__name__ == "Filter" and name == "value":
        return value_shape(holder["operator"]) or Shape("json")
    return next(row.shape for row in members(cls) if row.name == name)


def _many(draft: Draft, path: Where) -> Shape:
    """The shape of a field that is a list, also where it may be something else."""
    shape = _shape(draft, path)
    options = (shape, *shape.variants)
    return next((one for one in options if one.control == "many"), Shape("many"))


def _blank_of(shape: Shape, key: str, kind: str) -> Any:
    options = shape.variants or (shape,)
    made = blank(next((one for one in options if one.key == key), options[0]), kind)
    return "" if made is None else made  # None would leave it out


def blank(shape: Shape, kind: str) -> Any:
    """What a new field holds."""
    match shape.control:
        case "oneof":
            return _blank_of(shape, shape.variants[0].key, kind)
        case "part":
            return _blank_part(shape.part, kind)
        case "many":
            return [blank(shape.item or Shape("json"), kind) for _ in range(shape.size or 1)]
        case "piece":
            return {"is": "piece", "rule": shape.part, "text": _EXAMPLES[shape.part]}
        case "json":
            return {"is": "json", "text": "null"}
        case "flag":
            return False
        case "choice":
            return shape.options[0]
    return "" if shape.control in ("text", "value") and shape.part != "number" else None


def _blank_part(name: str, kind: str) -> Draft:
    cls = parts()[name]
    made: Draft = {"is": name}
    for row in members(cls):
        start = _STARTS.get((name, row.name), dataclasses.MISSING)
        if start is dataclasses.MISSING:
            start = row.default
        known = start is not dataclasses.MISSING
        made[row.name] = copy.deepcopy(encode(start)) if known else blank(row.shape, kind)
    if name == "BehaviorRef":
        made["type"] = kind if kind in ("funnel", "retention") else "simple"
    if name in ("FunnelMetric", "RetentionMetric"):
        made["behavior"] = _blank_part(name.replace("Metric", "Behavior"), kind)
    return made


def _change_operator(row: Draft, operator: str) -> None:
    """Another operator: the value and the type follow as far as they were the operator's own."""
    old, new = OPERATORS.get(row["operator"]), OPERATORS[operator]
    if old is None or row["property_type"] == old.property_type:
        row["property_type"] = new.property_type
    row["operator"] = operator
    row["value"] = _fitting(row["value"], new.value)
    row["date_unit"] = (row["date_unit"] or "day") if new.value == "relative" else None
    listed = new.value == "items"
    inner = _blank_part("Filter", "insights")
    row["list_item_filters"] = (row["list_item_filters"] or [inner]) if listed else None
    row["list_item_quantifier"] = (row["list_item_quantifier"] or "any") if listed else None


def _fitting(value: Any, kind: str) -> Any:
    """A filter's value in the form that another operator takes."""
    shape = VALUES[kind]
    if shape is None:
        return None
    items = value if isinstance(value, list) else [] if value in (None, "") else [value]
    if shape.control == "many":
        size = shape.size
        empty = blank(shape.item or Shape("value"), "insights")
        return items if size is None else [*items, *[empty] * size][:size]
    if shape.control == "whole":
        whole = items and isinstance(items[0], int) and not isinstance(items[0], bool)
        return items[0] if whole else 30
    return items[0] if items else blank(shape, "insights")


def _follow(holder: Any, name: Any, value: Any) -> None:
    """What changes with a field, because the two are said together."""
    kind = holder.get("is") if isinstance(holder, dict) else ""
    if kind == "TimeRange" and name == "from_date" and value:
        holder["last"] = 30
    if kind == "TimeRange" and name == "last":
        holder |= {"from_date": None, "to_date": None}
    if kind == "GroupBy" and name == "bucket_size" and value is not None:
        holder["property_type"] = "number"
    if kind == "TimeComparison" and name == "type":
        relative = value == "relative"
        holder |= {"unit": holder["unit"] or "month" if relative else None}
        holder |= {"date": None if relative else holder["date"] or ""}
    if kind == "FlowStep" and name == "session_event" and value:
        holder["event"] = f"$session_{value}"
