"""An error about a cell → one readable block: what is wrong, where, and what would have worked.

Enters the cell's text and any exception of ours; leaves plain text. The surprise: an event or
property that the data does not have is found in the text by its name, since the error that reports
it knows nothing of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mpnb.errors import (
    BookmarkValidationError,
    EventNotFoundError,
    MixpanelHeadlessError,
    QuerySyntaxError,
)
from mpnb.query.expression import FormulaError
from mpnb.text.reading import Span, locate_path
from mpnb.text.value import string

IN_A_CELL = {
    "V1_MATH_REQUIRES_PROPERTY": 'average amount of "Purchase"',
    "V13_METRIC_MATH_PROPERTY": 'average amount of "Purchase"',
    "V14_METRIC_REJECTS_PROPERTY": 'unique "Purchase"',
    "V3B_PER_USER_REQUIRES_PROPERTY": 'average amount of "Purchase" per user total',
    "V26_PERCENTILE_REQUIRES_VALUE": 'percentile 95 amount of "Purchase"',
    "V27_HISTOGRAM_REQUIRES_PER_USER": 'histogram amount of "Purchase" per user total',
    "V12B_BUCKET_REQUIRES_NUMBER": "by amount in buckets of 50 from 0 to 500",
    "V12C_BUCKET_REQUIRES_BOUNDS": "by amount in buckets of 50 from 0 to 500",
    "V4_FORMULA_MIN_EVENTS": 'formula A * 2 of (unique "Purchase")',
    "F9_SESSION_MATH_REQUIRES_SESSION_WINDOW": "within 1 session",
    "F10_MATH_MISSING_PROPERTY": "math p90 of amount",
    "F11_MATH_REJECTS_PROPERTY": "math conversion_rate_unique",
    "FL5_NO_DIRECTION": "forward 3, back 1",
    "FL9_SESSION_REQUIRES_SESSION_WINDOW": "count session, within 1 session",
    "U14": "extremes of ltv",
    "U26": "percentile 95 of ltv",
}
"""What a finding asks for, as a cell says it; its own message speaks Python."""


@dataclass(frozen=True)
class Remark:
    """One thing to say about a text, and the stretch that it is about."""

    text: str
    span: Span | None = None
    hint: str = ""


def explain_error(source: str, error: BaseException) -> str:
    """Return the block to show for an error that came of a cell.

    Args:
        source: the text of the cell, as it was given to `parse`.
        error: what was raised; any exception gives a block, ours give a place where they know one.
    """
    return "\n\n".join(shown(source, remark) for remark in remarks(source, error))


def remarks(source: str, error: BaseException) -> Iterator[Remark]:
    """Each thing to say of an error that came of a text, with its place where that is known."""
    if isinstance(error, QuerySyntaxError):
        yield Remark(error.reason, _span_at(source, error), error.hint)
    elif isinstance(error, BookmarkValidationError):
        spans: Mapping[str, Span] = getattr(error, "spans", {})
        for finding in error.errors:
            near = finding.suggestion or ()
            hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else ""
            yield Remark(
                finding.message, locate_path(finding.path, spans), hint or _in_a_cell(finding.code)
            )
    elif isinstance(error, FormulaError):
        yield Remark(error.reason, _in_formula(source, error))
    else:
        span = getattr(error, "span", None) or _mentioned(source, error)
        message = error.args[0] if error.args else type(error).__name__
        text = str(getattr(error, "message", message))
        yield Remark(text, span, _in_a_cell(str(getattr(error, "code", ""))))


def _in_a_cell(code: str) -> str:
    if code.startswith("F4_EXCLUSION"):
        return "In a cell steps count from 1; in Python, from 0."
    return f"In a cell: {IN_A_CELL[code]}" if code in IN_A_CELL else ""


def _in_formula(source: str, error: FormulaError) -> Span | None:
    """Return the character of a computed property's formula that is wrong."""
    written = string(error.text)
    at = source.find(written)
    if at < 0:
        return getattr(error, "span", None)
    start = at + len(string(error.text[: error.position])) - 1
    return Span(start, start + 1)


def _span_at(source: str, error: QuerySyntaxError) -> Span:
    lines = source.split("\n")
    start = sum(len(line) + 1 for line in lines[: error.line - 1]) + error.column - 1
    return Span(start, start + error.length)


def _mentioned(source: str, error: BaseException) -> Span | None:
    """Return where the text names what the error is about."""
    if isinstance(error, EventNotFoundError):
        return find_name(source, error.event_name)
    details = error.details if isinstance(error, MixpanelHeadlessError) else {}
    for key in ("event", "event_name", "property", "property_name", "name"):
        named = details.get(key)
        if isinstance(named, str) and find_name(source, named):
            return find_name(source, named)
    return None


def find_name(source: str, name: str) -> Span | None:
    """Return where a text first names an event or property, quoted or bare."""
    at = source.find(string(name))
    if at >= 0:
        return Span(at, at + len(string(name)))
    pattern = rf"(?<![\w$\"']){re.escape(name)}(?![\w$\"'])|'{re.escape(name)}'"
    match = re.search(pattern, source)
    return Span(*match.span()) if match else None


def shown(source: str, remark: Remark) -> str:
    """Return a remark as people read it: the text, the line with a caret, the hint."""
    lines = [remark.text]
    if remark.span is not None and source.strip():
        line, column, length = remark.span.place(source)
        text = source.split("\n")[line - 1]
        margin = f"{line:>4} │ "
        lead = "".join("\t" if char == "\t" else " " for char in text[: column - 1])
        lines += [f"{margin}{text}", f"{' ' * 4} │ {lead}{'^' * length}"]
    return "\n".join([*lines, *([remark.hint] if remark.hint else [])])
