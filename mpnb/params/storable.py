"""What the params of a report must have so that Mixpanel can store and show them.

Enters a params object and a report type, leaves findings. The surprise: this comes before the rules
of `validate`, which judge what is asked; here only the frame is looked at, and rules follow when
the frame holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mpnb.errors import BookmarkValidationError, ValidationError
from mpnb.params.extras import DISPLAY
from mpnb.params.known import CHART_TYPES
from mpnb.params.validate import bookmark_findings
from mpnb.query.check import is_word

Findings = Iterator[ValidationError]

SHOWN = frozenset(row.partition(".")[0] for row in DISPLAY) - {"**"}
"""Keys that only say how a report looks."""

REPORT_KEYS = frozenset({"sections", "displayOptions", "querySamplingFactor"}) | SHOWN
FLOW_KEYS = SHOWN | frozenset(
    {
        "anchor_position",
        "cardinality_threshold",
        "chartType",
        "collapse_repeated",
        "conversion_window",
        "count_type",
        "data_group_id",
        "date_range",
        "exclusions",
        "filter_by_cohort",
        "filter_by_event",
        "flows_merge_type",
        "hidden_events",
        "segments",
        "show_custom_events",
        "steps",
    }
)
UNREADABLE = frozenset({"B6_MISSING_BEHAVIOR", "B28_WAREHOUSE_MISSING_ID"})
"""Findings that say that a clause is no metric of any kind."""


def require_storable(params: Mapping[str, Any], bookmark_type: str) -> None:
    """Refuse params that Mixpanel could not show.

    Raises:
        BookmarkValidationError: with all findings.
    """
    found = list(storable_findings(params, bookmark_type))
    if not found and bookmark_type in ("insights", "funnels", "retention"):
        rules = bookmark_findings(params, bookmark_type)
        found = [finding for finding in rules if finding.severity == "error"]
    if found:
        raise BookmarkValidationError(found)


def storable_findings(params: Mapping[str, Any], bookmark_type: str) -> Findings:
    """Yield what is wrong with the frame of a report's params."""
    if bookmark_type == "flows":
        yield from _keys(params, FLOW_KEYS)
        yield from _typed(params, "", {"steps": list, "date_range": Mapping})
    elif bookmark_type in ("insights", "funnels", "retention"):
        yield from _keys(params, REPORT_KEYS)
        yield from _typed(params, "", {"sections": Mapping, "displayOptions": Mapping})
        yield from _sections(params.get("sections"))
        yield from _chart(params.get("displayOptions"))


def _keys(params: Mapping[str, Any], known: Iterable[str]) -> Findings:
    for key in params:
        if key not in known:
            yield ValidationError(key, "Reports have no such field.", "S3_UNKNOWN_FIELD")


def _typed(given: Mapping[str, Any], path: str, fields: Mapping[str, type]) -> Findings:
    for key, kind in fields.items():
        word = "a list" if kind is list else "an object"
        if key not in given:
            yield ValidationError(path + key, f"It is missing: {word}.", "B0_MISSING_FIELD")
        elif not isinstance(given[key], kind):
            yield ValidationError(path + key, f"It must be {word}.", "B0_WRONG_TYPE")


def _sections(sections: Any) -> Findings:
    if not isinstance(sections, Mapping):
        return
    yield from _typed(sections, "sections.", {"show": list, "time": list})
    shown = sections.get("show")
    for index, clause in enumerate(shown if isinstance(shown, list) else []):
        one = {"sections": {"show": [clause]}, "displayOptions": {"chartType": CHART_TYPES[0]}}
        for finding in bookmark_findings(one, "insights"):
            if finding.code in UNREADABLE:
                path = f"sections.show[{index}]"
                yield ValidationError(path, finding.message, "B0_VALIDATOR_ERROR")
                break


def _chart(display: Any) -> Findings:
    if isinstance(display, Mapping) and not is_word(display.get("chartType"), CHART_TYPES):
        known = ", ".join(CHART_TYPES)
        said = f"{display.get('chartType')!r} is no chart; known: {known}."
        yield ValidationError("displayOptions.chartType", said, "B0_INVALID_LITERAL")
