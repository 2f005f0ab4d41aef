"""Params JSON → the question that builds it: ``build(read(p)) == p`` for every params object.

In: bookmark or engage params as dicts and lists, or the body of a saved report. Out: one of the
five questions, with everything that the vocabulary does not say in ``extras``. The surprise:
readers may be as lenient as they like, because ``read`` builds what it understood and keeps each
difference to what it was given; ``meaningful_extras`` then says which of them change the question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mpnb.params import extras as beyond
from mpnb.params.build import compose
from mpnb.params.loads import check, loads, refuse
from mpnb.params.read_cohort import Unreadable
from mpnb.params.read_flow import flow
from mpnb.params.read_metrics import (
    behavior_ref,
    funnel,
    math,
    measured,
    metric,
    retention,
)
from mpnb.params.read_parts import (
    Clause,
    any_filters,
    breakdowns,
    each,
    get,
    items,
    section,
    time_comparison,
    time_range,
    word,
)
from mpnb.params.read_users import KEYS, users
from mpnb.query.funnel import FunnelQuery
from mpnb.query.insights import InsightsQuery
from mpnb.query.question import Extra, Question
from mpnb.query.retention import RetentionQuery
from mpnb.query.words import FunnelMathType, Kind, QueryTimeUnit, RetentionMathType

KINDS: dict[str, Kind] = {
    "insights": "insights",
    "funnel": "funnel",
    "funnels": "funnel",
    "retention": "retention",
    "flow": "flow",
    "flows": "flow",
    "users": "users",
}
"""Names of kinds, ours and those of saved reports → the kind of question."""


def read(params: Mapping[str, Any], kind: str | None = None) -> Question:
    """Read params into a question that builds the same params again.

    Args:
        params: bookmark params (insights, funnel, retention, flow) or engage params (users).
        kind: the kind of question or the type of the saved report; None looks at the params.

    Raises:
        BookmarkValidationError: the params are not JSON (``PJ…``), no bookmark
            (``PR1_NOT_A_BOOKMARK``), of a kind that is not known (``PR2_UNKNOWN_KIND``), or have
            no clause that can be read (``PR3_UNREADABLE``).
    """
    plain = check(params)
    word = detect(plain) if kind is None else _known(kind)
    if word is None:
        legal = ", ".join(sorted(KINDS))
        raise refuse("PR2_UNKNOWN_KIND", f"The kind {kind!r} is not known; use one of {legal}.")
    try:
        question = _READERS[word](plain)
    except Unreadable as error:
        message = f"These params cannot be read as a {word} question: {error}."
        raise refuse("PR3_UNREADABLE", message) from None
    found = beyond.diff(plain, compose(question))
    return replace(question, extras=tuple(Extra(path, value) for path, value in found))


def _known(kind: Any) -> Kind | None:
    """The kind of question that a kind of report is; values of any type may be asked."""
    return KINDS.get(kind) if isinstance(kind, str) else None


def read_report(body: Mapping[str, Any]) -> Question:
    """Read the body of a saved report: ``{"id", "name", "type", "params", …}``.

    The envelope ``{"status", "results"}`` of the endpoint may still be around it, and ``params``
    may be JSON text. Errors are those of ``read``.
    """
    if not isinstance(body, Mapping):
        raise refuse("PR1_NOT_A_BOOKMARK", "The body of a saved report is a JSON object.")
    inner = body.get("results")
    if "params" not in body and isinstance(inner, Mapping):
        return read_report(dict(inner) if "params" in inner else {"params": None})
    params, kind = body.get("params"), body.get("type", body.get("bookmark_type"))
    if isinstance(params, str | bytes):
        params = loads(params)
    if not isinstance(params, Mapping):
        raise refuse("PR1_NOT_A_BOOKMARK", "A saved report has an object under params.", "params")
    return read(params, kind if isinstance(kind, str) else None)


def detect(params: Clause) -> Kind:
    """Tell which kind of question params ask.

    Raises:
        BookmarkValidationError: ``PR1_NOT_A_BOOKMARK``.
    """
    if isinstance(params.get("sections"), Mapping):
        return _detect_sections(params)
    if isinstance(params.get("steps"), list):
        return "flow"
    if params and set(params) <= KEYS:
        return "users"
    message = (
        "These params are no bookmark: there are neither sections (insights, funnel, retention) "
        "nor steps (flow) nor keys of a profile query (users)."
    )
    raise refuse("PR1_NOT_A_BOOKMARK", message)


def _detect_sections(params: Clause) -> Kind:
    """A lone funnel or retention metric is one of insights when the display has an analysis."""
    shown = items(section(params, "sections"), "show")
    display = section(params, "displayOptions")
    behavior = section(shown[0], "behavior").get("type") if len(shown) == 1 else None
    chart = str(display.get("chartType", ""))
    for kind in ("funnel", "retention"):
        if behavior == kind and (kind in chart or "analysis" not in display):
            return "funnel" if kind == "funnel" else "retention"
    return "insights"


def _shared(params: Clause) -> dict[str, Any]:
    """Read what insights, funnels and retentions have in common."""
    sections = section(params, "sections")
    when: Clause = (items(sections, "time") or [{}])[0]
    group = get(sections, "globalDataGroupId", str, "")
    return {
        "range": time_range(when),
        "unit": word(when, "unit", QueryTimeUnit, "day"),
        "group_by": breakdowns(items(sections, "group")),
        "where": any_filters(items(sections, "filter")),
        "time_comparison": time_comparison(section(params, "displayOptions")),
        "data_group_id": int(group) if group.isdecimal() else None,
    }


def _mode(params: Clause, kind: Kind, default: str) -> Any:
    chart = get(section(params, "displayOptions"), "chartType", str, "")
    return beyond.mode_of(kind, chart) or default


def _insights(params: Clause) -> InsightsQuery:
    display = section(params, "displayOptions")
    metrics = each(items(section(params, "sections"), "show"), metric)
    if not metrics:
        for shown in items(section(params, "sections"), "show"):
            metric(shown)  # says why
        raise Unreadable("no metric in sections.show")
    analysis = display.get("analysis")
    return InsightsQuery(
        metrics=metrics,
        rolling=get(display, "rollingWindowSize", int) if analysis == "rolling" else None,
        cumulative=analysis == "cumulative",
        mode=_mode(params, "insights", "timeseries"),
        **_shared(params),
    )


def _only(params: Clause, kind: str) -> tuple[Clause, Clause]:
    """Return behavior and measurement of the one show clause of that kind."""
    for shown in items(section(params, "sections"), "show"):
        behavior = section(shown, "behavior")
        if behavior.get("type") == kind:
            return behavior, section(shown, "measurement")
    raise Unreadable(f"no {kind} in sections.show")


def _funnel(params: Clause) -> FunnelQuery:
    behavior, measurement = _only(params, "funnel")
    saved = behavior_ref(behavior, "funnel")
    found: dict[str, Any] = funnel(behavior) if saved is None else {"steps": saved}
    found["exclusions"] = found.get("exclusions") or ()
    found["holding_constant"] = found.get("holding_constant") or ()
    return FunnelQuery(
        math=math(measurement, FunnelMathType, "conversion_rate_unique"),
        math_property=measured(measurement),
        mode=_mode(params, "funnel", "steps"),
        **found,
        **_shared(params),
    )


def _retention(params: Clause) -> RetentionQuery:
    behavior, measurement = _only(params, "retention")
    saved = behavior_ref(behavior, "retention")
    found = retention(behavior) if saved is None else {"born_event": saved, "return_event": None}
    return RetentionQuery(
        math=math(measurement, RetentionMathType, "retention_rate"),
        retention_cumulative=get(measurement, "retentionCumulative", bool, False),
        mode=_mode(params, "retention", "curve"),
        **found,
        **_shared(params),
    )


_READERS: dict[Kind, Callable[[Clause], Question]] = {
    "insights": _insights,
    "funnel": _funnel,
    "retention": _retention,
    "flow": flow,
    "users": users,
}


def meaningful_extras(question: Question) -> tuple[Extra, ...]:
    """Return the extras that change what is asked; an engine that sees one must refuse."""
    if not question.extras:
        return ()
    built = compose(question)
    dated = _is_dated(beyond.at(beyond.overlay(built, question.extras), _WHEN))
    return tuple(
        extra
        for extra in question.extras
        if not (dated and extra.path in _WHEN_KEYS)
        and not beyond.is_display(extra.path, beyond.at(built, extra.path), extra.value)
    )


_WHEN = ("sections", "time", 0)
_WHEN_KEYS = ((*_WHEN, "dateRangeType"), (*_WHEN, "value"))


def _is_dated(clause: Any) -> bool:
    """Tell whether a time is ``since`` or ``on`` a date, which a range says in other words."""
    if not isinstance(clause, Mapping):
        return False
    return clause.get("dateRangeType") in ("since", "on") and isinstance(clause.get("value"), str)


def unknown(question: Question) -> list[str]:
    """List in words what the params hold beyond the vocabulary, in the order of the params."""
    meaningful = meaningful_extras(question)
    return [beyond.in_words(extra, extra in meaningful) for extra in question.extras]
