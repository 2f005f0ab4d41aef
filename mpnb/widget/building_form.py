"""Draft → form: the tree of controls that a page draws, with each finding at its field.

Enters: a draft and findings. Leaves: plain records. The surprise: a finding about something that
has no field of its own stands at the nearest one around it, and never nowhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any, cast

from mpnb.errors import MixpanelHeadlessError
from mpnb.query.math import FUNNEL_MATHS, INSIGHTS_MATHS
from mpnb.query.metric import CohortMetric, FunnelMetric, Metric, RetentionMetric
from mpnb.query.operators import OPERATORS
from mpnb.query.words import Kind
from mpnb.text.print_filter import breakdown_text, filter_text
from mpnb.text.print_metric import metric_text
from mpnb.widget.building_draft import Draft, Finding, Path, encode
from mpnb.widget.building_shape import (
    QUESTIONS,
    Member,
    Shape,
    members,
    parts,
    value_shape,
    variant,
)
from mpnb.widget.building_words import IN_VIEW, ONE, VARIANTS, WORDS, helps, label, picks

Node = dict[str, Any]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def form(draft: Draft, findings: Iterable[Finding]) -> Node:
    """The controls of a draft.

    Returns:
        ``fields`` in view, ``more`` behind a button, and ``findings`` about the question as a
        whole. Each control has its ``path``, ``label``, ``control``, and what that needs.
    """
    found = list(findings)
    cls = QUESTIONS[cast(Kind, draft["kind"])]
    root: Node = {"path": [], **sections(draft, cls, (), found), "findings": []}
    for finding in found:
        nearest(root, finding.path)["findings"].append(finding.message)
    return root


def nearest(node: Node, path: Path) -> Node:
    """The deepest control on the way to a path."""
    inner = [*node.get("fields", ()), *node.get("more", ()), *node.get("items", ())]
    for one in inner:
        own = tuple(one["path"])
        if path[: len(own)] == own and len(own) > len(node["path"]):
            return nearest(one, path)
    return node


def sections(made: Draft, cls: type, path: Path, found: Sequence[Finding]) -> Node:
    """The fields of a part, those in view apart from the rest."""
    rows = [row for row in members(cls) if not _out_of_place(made, cls, row)]
    found_in: Node = {"fields": [], "more": []}
    for row in rows:
        own = (*path, row.name)
        blamed = any(one.path[: len(own)] == own for one in found)
        place = "fields" if blamed or _in_view(made, cls, row) else "more"
        found_in[place].append(_field(made, cls, row, own, found))
    return found_in


def _in_view(made: Draft, cls: type, row: Member) -> bool:
    listed = IN_VIEW.get(cls.__name__)
    if listed is None or row.name in listed or row.default is dataclasses.MISSING:
        return True
    if made[row.name] != encode(row.default):
        return not (cls.__name__ == "Filter" and row.name == "property_type" and _implied(made))
    return row.name.endswith("property") and needs_property(cls.__name__, made.get("math"))


def needs_property(part: str, math: Any) -> bool:
    """Whether a way to count is over a property."""
    table = INSIGHTS_MATHS if part == "Metric" else FUNNEL_MATHS
    return part in ("Metric", "FunnelQuery", "FunnelMetric") and (
        math in table and table[math].needs == "required"
    )


def _implied(made: Draft) -> bool:
    row = OPERATORS.get(made["operator"])
    return row is not None and made["property_type"] == row.property_type


def _out_of_place(made: Draft, cls: type, row: Member) -> bool:
    """Whether the operator of a filter has no use for a field, which then holds nothing."""
    if cls.__name__ != "Filter" or made[row.name] is not None:
        return False
    operator = OPERATORS.get(made["operator"])
    takes = operator.value if operator else "text"
    if row.name == "value":
        return value_shape(made["operator"]) is None
    uses = {"date_unit": "relative", "list_item_filters": "items", "list_item_quantifier": "items"}
    return row.name in uses and uses[row.name] != takes


def _field(made: Draft, cls: type, row: Member, path: Path, found: Sequence[Finding]) -> Node:
    shape = row.shape
    if cls.__name__ == "Filter" and row.name == "value":
        shape = value_shape(made["operator"]) or Shape("json", optional=True)
    if cls.__name__ == "Filter" and row.name == "operator":
        shape = Shape("choice", options=tuple(OPERATORS))
    node = _view(made[row.name], shape, path, picks(cls.__name__, row.name), found)
    known = WORDS.get((cls.__name__, row.name), {})
    if shape.control == "choice":
        node["options"] = [[word, known.get(word, word)] for word in shape.options]
    help = helps(cls.__name__).get(row.name, "")
    return {**node, "label": label(row.name), "help": help}


def _view(node: Any, shape: Shape, path: Path, pick: str, found: Sequence[Finding]) -> Node:
    """One control, and those inside it."""
    base: Node = {"path": list(path), "optional": shape.optional, "findings": []}
    if _is_kept(node):
        return {**base, "control": "kept", "value": written(node)}
    choices = _choices(shape)
    chosen = variant(node, shape) if node is not None or shape.control == "many" else None
    if choices:
        base |= {"variants": choices, "variant": chosen.key if chosen else "none"}
    if chosen is None and not choices:
        chosen = shape
    if isinstance(node, dict) and node["is"] in ("json", "piece"):
        return {**base, "control": node["is"], "value": node["text"], "rule": node.get("rule", "")}
    if chosen is None:
        return {**base, "control": "none", "value": node}
    if chosen.control == "many":
        return {**base, "control": "many", **_items(list(node or ()), chosen, path, pick, found)}
    if chosen.control == "part" and isinstance(node, dict):
        inner = sections(node, parts()[node["is"]], path, found)
        return {**base, "control": "part", "part": node["is"], **inner}
    options = [[word, word] for word in chosen.options]
    kind = {"part": chosen.part} if chosen.control == "value" else {}
    return {
        **base,
        "control": chosen.control,
        "value": node,
        "picks": pick,
        "options": options,
        **kind,
    }


def _choices(shape: Shape) -> list[list[str]]:
    """The variants to choose from; a part that may be left out has two."""
    single = shape.optional and shape.control in ("part", "piece")
    shapes = (shape,) if single else shape.variants
    none = [["none", VARIANTS["none"]]] if shape.optional else []
    return [*none, *([one.key, VARIANTS.get(one.key, one.key)] for one in shapes)] if shapes else []


def _items(rows: list[Any], shape: Shape, path: Path, pick: str, found: Sequence[Finding]) -> Node:
    item = shape.item or Shape("json")
    names = _names(rows, path)
    drawn = [
        {**_view(row, item, (*path, at), pick, found), "label": names[at], "help": ""}
        for at, row in enumerate(rows)
    ]
    add = _choices(item) or [[item.key, ONE.get(str(path[-1]), "one more")]]
    return {"items": drawn, "add": add, "fixed": shape.size is not None}


def _names(rows: list[Any], path: Path) -> list[str]:
    """How the items are called: metrics by the letters of formulas, the others by number."""
    if path[-1:] != ("metrics",):
        return [str(at + 1) for at in range(len(rows))]
    names, used = [], 0
    for row in rows:
        formula = isinstance(row, dict) and row.get("is") == "Formula"
        names.append("=" if formula else LETTERS[used % 26])
        used += not formula
    return names


def _is_kept(node: Any) -> bool:
    return node is not None and not isinstance(node, str | int | float | dict | list)


def written(part: Any) -> str:
    """A part that is kept as it is, in words."""
    metrics = Metric | CohortMetric | FunnelMetric | RetentionMetric
    for write in (metric_text if isinstance(part, metrics) else filter_text, breakdown_text):
        try:
            return write(part)
        except (MixpanelHeadlessError, AttributeError, TypeError, KeyError):
            continue
    return repr(part)
