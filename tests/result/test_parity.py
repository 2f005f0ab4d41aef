"""Raw bodies of the parity cases go straight into the readers; frames and attributes must match.

Which bodies fit is decided here (one request's body is the params); what a reader makes of a case
whose recorded frame loses data is decided in ``docs/frames.md`` and tested in ``test_frames.py``.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest

from mpnb import errors, result
from mpnb.result import activity, discovery, legacy, legacy_funnel, saved, users

SHARED = Path(os.environ.get("MPNB_SHARED", Path(__file__).parents[2].parent / "shared"))
CASES = SHARED / "golden" / "transforms.jsonl"
KINDS = {
    "insights": "insights",
    "funnels": "funnel",
    "retention": "retention",
    "flows": "flow",
    "users": "users",
}
DIFFERENT = {  # the recorded frame loses data; ours is described in docs/frames.md
    "tr.funnels.segmented_no_overall",
    "tr.funnels.trends",
    "tr.retention.segmented_two_levels",
    "tr.retention.trends_values",
    "tr.saved_reports.insights_nested_values",
    "tr.users.profiles_dollar_collision",
    "tr.legacy.activity_feed",
}
NOT_PARSING = (
    "bookmarks",
    "schema_graph",
    "lexicon",
    "stream_",
    "properties_unknown",
    "property_values",
    "events",
)


def _cases() -> list[dict[str, Any]]:
    if not CASES.exists():
        return []
    found = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    return [case for case in found if _is_parsing(case)]


def _is_parsing(case: dict[str, Any]) -> bool:
    name = case["id"].split(".")[-1]
    if case.get("statuses") or case["id"] in DIFFERENT or "$text" in json.dumps(case["responses"]):
        return False
    if case["area"] == "discovery":
        return not name.startswith(NOT_PARSING) or name.startswith("top_events")
    return bool(case["responses"]) and name != "activity_feed_conflict"


class Readers:
    """Has the names of the workspace's methods, and reads the body of the case with each."""

    def __init__(self, responses: list[Any]) -> None:
        self.body = responses[-1]

    def segmentation(self, event: str, **kw: Any) -> Any:
        kw.pop("where", None)
        return legacy.read_segmentation(self.body, event=event, **kw)

    def segmentation_numeric(self, event: str, **kw: Any) -> Any:
        return legacy.read_numeric_buckets(self.body, event=event, **_without(kw, "where", "type"))

    def segmentation_sum(self, event: str, **kw: Any) -> Any:
        return legacy.read_numeric_sum(self.body, event=event, **kw)

    def segmentation_average(self, event: str, **kw: Any) -> Any:
        return legacy.read_numeric_average(self.body, event=event, **kw)

    def event_counts(self, events: list[str], **kw: Any) -> Any:
        return legacy.read_event_counts(self.body, events=events, **kw)

    def property_counts(self, event: str, name: str, **kw: Any) -> Any:
        kw = _without(kw, "values", "limit")
        return legacy.read_property_counts(self.body, event=event, property_name=name, **kw)

    def frequency(self, **kw: Any) -> Any:
        return legacy.read_frequency(self.body, **kw)

    def funnel(self, funnel_id: int, **kw: Any) -> Any:
        return legacy_funnel.read_funnel(
            self.body, funnel_id=funnel_id, **_without(kw, "on", "unit")
        )

    def retention(self, **kw: Any) -> Any:
        extra = ("interval", "interval_count", "born_where", "return_where")
        return legacy_funnel.read_retention(self.body, **_without(kw, *extra))

    def activity_feed(self, ids: list[str], **kw: Any) -> Any:
        kw = {key: kw[key] for key in ("from_date", "to_date") if key in kw}
        return activity.read_activity_feed(self.body, distinct_ids=ids, **kw)

    def query_saved_flows(self, bookmark_id: int) -> Any:
        return saved.read_saved_flows(self.body, bookmark_id)

    def query_saved_report(
        self, bookmark_id: int, bookmark_type: str = "insights", **kw: Any
    ) -> Any:
        name = {"funnels": "read_funnel"}.get(bookmark_type, f"read_{bookmark_type}")
        return getattr(saved, name)(self.body, bookmark_id)

    def top_events(self, **kw: Any) -> Any:
        return discovery.read_top_events(self.body)

    def cohorts(self) -> Any:
        return discovery.read_cohorts(self.body)

    def funnels(self) -> Any:
        return discovery.read_funnels(self.body)

    def subproperties(self, name: str, **kw: Any) -> Any:
        return discovery.read_subproperties(self.body)


def _without(kw: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in kw.items() if key not in names}


def _read(case: dict[str, Any]) -> Any:
    kind = KINDS.get(case["area"])
    if kind is None:
        return eval(case["call"], {"ws": Readers(case["responses"])})
    body = case["requests"][0].get("body") or {}
    if kind == "users":
        return _read_users(case, body)
    kw = {"mode": "paths"} if "mode_override" in case["id"] else {}
    return result.read(kind, case["responses"][0], body["bookmark"], **kw)  # type: ignore[call-overload]


def _read_users(case: dict[str, Any], body: dict[str, Any]) -> Any:
    params = _without(body, "project_id", "page", "session_id", "limit", "selector")
    if "selector" in body:
        params["where"] = body["selector"]
    if "action" in params:
        return result.read("users", case["responses"][0], params)
    call = case["call"]
    limit = (
        None if "limit=None" in call else 3 if "limit=3" in call else 2 if "limit=2" in call else 5
    )
    limit = 1 if "limit=1" in call or "limit" not in call else limit
    parallel = "parallel=True" in call
    workers = 2 if "workers=2" in call else 5
    pages = case["responses"]
    return users.from_pages(pages, params, limit=limit, parallel=parallel, workers=workers)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and math.isnan(value) else value


def _frame(df: Any) -> list[Any]:
    rows = [
        dict(zip(df.columns, row, strict=True)) for row in df.itertuples(index=False, name=None)
    ]
    return [list(df.columns), _plain(rows)]


@pytest.mark.skipif(not CASES.exists(), reason="the parity cases are not beside the checkout")
@pytest.mark.filterwarnings("ignore:Sub-property")
@pytest.mark.parametrize("case", _cases(), ids=lambda case: case["id"])
def test_parity(case: dict[str, Any]) -> None:
    want = case["result"]
    if "exception" in want:
        with pytest.raises((errors.QueryError, ValueError)) as caught:
            _read(case)
        assert want["exception"] in {one.__name__ for one in type(caught.value).__mro__}
        assert getattr(caught.value, "status_code", None) == want.get("status_code")
        return
    found = _read(case)
    if "df_columns" in want:
        assert _frame(found.df) == [want["df_columns"], _approximate(want["df_records"])]
    for expression, expected in want.get("attrs", {}).items():
        seen = _plain(eval(expression, {"r": found, "frame": _frame}))
        assert seen == _approximate(expected), expression
    if "value" in want:
        assert _plain(found) == want["value"]


def _approximate(value: Any) -> Any:
    """Numbers compare within 1e-9, as the cases say."""
    if isinstance(value, dict):
        return {key: _approximate(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_approximate(item) for item in value]
    return pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value
