"""Questions → params JSON.

Enters a question of any kind, leaves fresh JSON that the caller may change. The surprise: `compose`
writes whatever a question holds, `build` also holds the result to the rules of bookmarks, except
where the question came with extras: then it was saved by others and is given back as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from mpnb.errors import BookmarkValidationError, ParamTypeError
from mpnb.params import build_flow, build_funnel, build_insights, build_retention, build_users
from mpnb.params.extras import overlay
from mpnb.params.validate import bookmark_findings
from mpnb.query import sound
from mpnb.query.check import is_word
from mpnb.query.funnel import FunnelQuery
from mpnb.query.insights import InsightsQuery
from mpnb.query.math import FUNNEL_MATHS
from mpnb.query.question import Question
from mpnb.query.retention import RetentionQuery
from mpnb.query.window import TIME_UNITS
from mpnb.query.words import Kind

_BUILDERS: dict[Kind, Callable[..., dict[str, Any]]] = {
    "insights": build_insights.build,
    "funnel": build_funnel.build,
    "retention": build_retention.build,
    "flow": build_flow.build,
    "users": build_users.build,
}

BOOKMARK_TYPES: dict[Kind, str] = {
    "insights": "insights",
    "funnel": "funnels",
    "retention": "retention",
}
"""Kinds whose params are bookmarks with sections → the name of the bookmark type."""


def build(question: Question, *, today: date | None = None) -> dict[str, Any]:
    """Return the params JSON of a question.

    Args:
        question: any of the five kinds.
        today: fills an open end of the range; by default the system's date.

    Raises:
        BookmarkValidationError: the params break rules of bookmarks; all findings at once.
        ParamTypeError, ParamValidationError: a filter has no form in this kind of question.
    """
    params = compose(question, today=today)
    if question.extras:
        return dict(overlay(params, question.extras))
    bookmark_type = BOOKMARK_TYPES.get(question.kind)
    if bookmark_type is not None and not _is_sound(question):
        _require_bookmark(params, bookmark_type)
    return params


def needs_today(question: Question) -> bool:
    """Whether the range of a question has an open end, which the day it is asked fills."""
    window = getattr(question, "range", None)
    return window is not None and window.from_date is not None and window.to_date is None


def compose(question: Question, *, today: date | None = None) -> dict[str, Any]:
    """Return the params JSON of a question without its extras and without the rules."""
    if not isinstance(question, Question):
        raise ParamTypeError(f"A question stands here, not {question!r}.")
    return _BUILDERS[question.kind](question, today)


def _is_sound(question: Any) -> bool:
    """Whether the rules of bookmarks have nothing to say, as a look at the parts tells at once."""
    return (
        _SUBJECTS[question.kind](question)
        and sound.filters(question.where)
        and all(map(sound.breakdown, question.group_by))
        and question.unit in TIME_UNITS
    )


def _sound_insights(question: InsightsQuery) -> bool:
    return all(map(sound.shown, question.metrics))


def _sound_funnel(question: FunnelQuery) -> bool:
    return (
        isinstance(question.steps, tuple)
        and all(map(sound.step, question.steps))
        and question.math_property is None
        and is_word(question.math, FUNNEL_MATHS)
    )


def _sound_retention(question: RetentionQuery) -> bool:
    return sound.step(question.born_event) and sound.step(question.return_event)


_SUBJECTS: dict[Kind, Callable[..., bool]] = {
    "insights": _sound_insights,
    "funnel": _sound_funnel,
    "retention": _sound_retention,
}


def _require_bookmark(params: dict[str, Any], bookmark_type: str) -> None:
    findings = [
        finding
        for finding in bookmark_findings(params, bookmark_type)
        if finding.severity == "error"
    ]
    if findings:
        raise BookmarkValidationError(findings)
