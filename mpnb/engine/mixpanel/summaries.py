"""Facts about one property or all events that Mixpanel has no endpoint for, out of typed questions.

Enters: the arguments of a method of the JQL era, and who answers questions. Leaves: what the local
engine answers. The surprise: one fact is one question, because the names under which Mixpanel lists
several metrics of one event are not documented; each question counts in the budget, and is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mpnb import params
from mpnb.query.breakdown import GroupBy
from mpnb.query.filter import Filter
from mpnb.query.insights import insights

Arguments = Mapping[str, Any]
Run = Callable[[dict[str, Any]], Mapping[str, Any]]
Names = Callable[[], Iterable[str]]

PERCENTILES = (25, 50, 75, 90, 95, 99)
NOT_SET, UNDEFINED = "(not set)", "undefined"
"""How a missing value is called in a breakdown, and in a distribution."""
AT_ONCE = 10
"""Events that are asked for in one question."""


def daily_counts(asked: Arguments, run: Run, names: Names) -> dict[str, Any]:
    """Rows per day and event, by day, then event."""
    events = sorted(dict.fromkeys(asked.get("events") or names()))
    rows = []
    for first in range(0, len(events), AT_ONCE):
        series = _asked(run, asked, events[first : first + AT_ONCE], mode="timeseries")["series"]
        for event in events[first : first + AT_ONCE]:
            counts = _of(series, event)
            rows += [[day[:10], event, int(count)] for day, count in counts.items() if count]
    return {"rows": sorted(rows)}


def property_distribution(asked: Arguments, run: Run, names: Names) -> dict[str, Any]:
    """Rows per value, the most frequent first; ties by text."""
    event, by = asked["event"], GroupBy(asked["property"], property_type="string")
    series = _asked(run, asked, event, group_by=by)["series"]
    found = {NOT_SET if key == UNDEFINED else key: _all(v) for key, v in _of(series, event).items()}
    found = {UNDEFINED if key == NOT_SET else key: n for key, n in found.items() if n}
    found.pop("$overall", None)
    order = sorted(found, key=lambda value: (-found[value], value))
    return {
        "total": int(_number(run, asked, event)),
        "values": {value: int(found[value]) for value in order[: asked["limit"]]},
    }


def numeric_summary(asked: Arguments, run: Run, names: Names) -> dict[str, Any]:
    """Count, range, sum, mean, population standard deviation, percentiles."""
    event, prop = asked["event"], asked["property"]

    def fact(word: str, **more: Any) -> Any:
        return _number(run, asked, event, math=word, math_property=prop, **more)

    whole = _asked(run, asked, event, math="numeric_summary", math_property=prop)["series"]
    facts = {key: _all(value) for key, value in _of(whole, event).items()}
    some = bool(facts.get("count"))
    spread = facts.get("variance")
    wanted = asked.get("percentiles") or PERCENTILES
    return {
        "count": int(facts.get("count") or 0),
        "min": fact("min") if some else None,
        "max": fact("max") if some else None,
        "sum": facts.get("sum") if some else None,
        "avg": facts.get("mean") if some else None,
        "stddev": None if spread is None or not some else math.sqrt(spread),
        "percentiles": {
            str(p): fact("percentile", percentile_value=p) if some else None for p in wanted
        },
    }


def property_coverage(asked: Arguments, run: Run, names: Names) -> dict[str, Any]:
    """Rows of an event on which each property is defined."""
    event = asked["event"]
    defined = {
        name: int(_number(run, asked, event, where=Filter.is_set(name)))
        for name in asked["properties"]
    }
    return {"total_events": int(_number(run, asked, event)), "defined": defined}


METHODS: dict[str, Callable[[Arguments, Run, Names], dict[str, Any]]] = {
    "daily_counts": daily_counts,
    "property_distribution": property_distribution,
    "numeric_summary": numeric_summary,
    "property_coverage": property_coverage,
}
"""Method → how it is answered."""


def _asked(run: Run, asked: Arguments, events: Any, **more: Any) -> Mapping[str, Any]:
    days = {"from_date": asked["from_date"], "to_date": asked["to_date"]}
    return run(params.build(insights(events, **{"mode": "total", **days, **more})))


def _number(run: Run, asked: Arguments, event: str, **more: Any) -> Any:
    """The one number of a question; 0 where a count has none."""
    found = _all(_of(_asked(run, asked, event, **more)["series"], event))
    return found if found is not None or "math" in more else 0


def _of(series: Mapping[str, Any], event: str) -> Mapping[str, Any]:
    """The part of one event, which may be called by its name and what is counted."""
    for name in series:
        if name == event or name.startswith(f"{event} ["):
            return series[name] if isinstance(series[name], Mapping) else {"all": series[name]}
    return {}


def _all(value: Any) -> Any:
    return value.get("all") if isinstance(value, Mapping) else value
