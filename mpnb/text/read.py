"""Cell text → question: a body and its kind enter, a validated question leaves.

The surprise: findings of validation come back with places. Every error that leaves `parse` is one
that `explain_error` can show under the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from lark import Tree
from lark.exceptions import UnexpectedInput

from mpnb.errors import BookmarkValidationError, ValidationError
from mpnb.query import forms
from mpnb.query.question import Question
from mpnb.query.words import Kind
from mpnb.text import read_cohort, read_metric, read_value  # noqa: F401  (they register their rules)
from mpnb.text.grammar import parser
from mpnb.text.make import MAKERS
from mpnb.text.read_clause import settle_bucket_unit, settle_user_mode
from mpnb.text.reading import Node, Reading, Span, locate_path, paths, span_of
from mpnb.text.slips import syntax_error

METRICS = (
    *("event_metric", "property_metric", "percentile_metric", "metric_ref", "cohort_metric"),
    *("funnel_metric", "retention_metric", "formula"),
)
"""Rules that are one metric of an insights question each."""

_LEAVE = "Leave one of them out."
_TWICE = {
    "where": "Join the conditions with and.",
    "group_by": "Separate breakdowns with commas in one clause.",
    "segments": "Separate breakdowns with commas in one clause.",
    "steps": 'Join steps with arrows: "A" -> "B".',
}
_RANGE = {"last", "from_date", "to_date"}


@dataclass(frozen=True)
class Draft:
    """A cell that is read but not yet validated: arguments, extras, and where each stands."""

    values: Mapping[str, Any]
    extras: tuple[Any, ...]
    spans: Mapping[str, Span]


def parse(body: str, kind: Kind = "insights") -> Question:
    """Read a cell's text as a question.

    Args:
        body: the text below the `%%mpquery` line.
        kind: insights, funnel, retention, flow or users.

    Raises:
        QuerySyntaxError: the text cannot be read; has line, column, length and hint.
        BookmarkValidationError: the question breaks rules; `explain_error` shows each finding
            under its place, `spans` maps paths to places.
        ParamValidationError: one part of it is not allowed; `span` is its place.
    """
    draft = read(body, kind)
    try:
        if "params" in draft.values:
            return cast(Question, forms.load("read")(draft.values["params"], kind))
        question = MAKERS[kind](dict(draft.values))
    except BookmarkValidationError as error:
        error.spans = draft.spans  # type: ignore[attr-defined]  # where in the text, for explain_error
        raise
    return replace(question, extras=draft.extras) if draft.extras else question


def locate(
    findings: Iterable[ValidationError], source: str, kind: Kind = "insights"
) -> list[tuple[ValidationError, Span | None]]:
    """Return each finding with the stretch of the text that it is about, None if unknown."""
    spans = read(source, kind).spans
    return [(finding, locate_path(finding.path, spans)) for finding in findings]


def read(body: str, kind: Kind) -> Draft:
    """Read a cell's text into the arguments of the factory of its kind."""
    try:
        tree = parser(kind).parse(body)
    except UnexpectedInput as error:
        raise syntax_error(error, body, kind) from None
    reading = Reading(body, kind)
    clauses = [child for child in tree.children if isinstance(child, Tree)]
    if clauses and clauses[0].data == "params":
        span = span_of(clauses[0])
        return Draft({"params": reading.read(clauses[0])}, (), {"": span, "params": span})
    values, extras, spans = _collect(reading, clauses)
    if kind == "retention":
        settle_bucket_unit(reading, values)
    if kind == "users":
        settle_user_mode(values)
    spans |= paths(values, reading.parts)
    for name in ("where", "group_by", "segments"):
        if len(values.get(name) or ()) == 1 and f"{name}[0]" in spans:
            spans[name] = spans[f"{name}[0]"]  # findings about the only one give no index
    return Draft(values, tuple(extras), spans)


def _collect(
    reading: Reading, clauses: list[Node]
) -> tuple[dict[str, Any], list[Any], dict[str, Span]]:
    values: dict[str, Any] = {}
    extras: list[Any] = []
    spans: dict[str, Span] = {}
    formulas = 0
    for clause in clauses:
        found, span = reading.read(clause), span_of(clause)
        if clause.data in METRICS:
            values.setdefault("events", []).append(found)
            spans[f"events[{len(values['events']) - 1}]"] = span
            if clause.data == "formula":
                spans.setdefault("formula", span)
                spans[f"formula[{formulas}]"] = span
                formulas += 1
        elif clause.data == "extra":
            extras.append(found)
        else:
            _add(reading, clause, values, found)
            spans.update(dict.fromkeys(found, span))
    return values, extras, spans


def _add(reading: Reading, clause: Node, values: dict[str, Any], found: Mapping[str, Any]) -> None:
    taken = set(values) | (_RANGE if _RANGE & values.keys() else set())
    for name in found:
        if name in taken:
            raise reading.error(clause, "This is said twice.", _TWICE.get(name, _LEAVE))
    values.update(found)
