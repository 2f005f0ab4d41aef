"""Random questions about funnels, retentions, flows and people, as text."""

from __future__ import annotations

import random
from datetime import datetime

from tests.engine.oracle.questions import (
    PEOPLE,
    call,
    cohort,
    comparison,
    event,
    filter_,
    group_by,
    maybe,
    span,
    where,
)
from tests.engine.oracle.worlds import EVENTS

FUNNEL_UNITS = ("second", "minute", "hour", "hour", "day", "day", "week", "month")
STEP_NAMES = ("A", "A", "B", "B", "C", "X")


def own_filters(rng: random.Random, first: str, share: float = 0.2) -> list[str]:
    found = maybe(rng, share, lambda: f"filters=[{filter_(rng, first)}, {filter_(rng, first)}]")
    return found + (maybe(rng, 0.6, lambda: "filters_combinator='any'") if found else [])


def funnel(rng: random.Random, first: str) -> str:
    """A call of `ws.query_funnel`."""
    n = rng.choice([2, 2, 3, 3, 4])
    free = rng.random() < 0.3
    steps = [_step(rng, first, free) for _ in range(n)]
    asked = [f"[{', '.join(steps)}]", *span(rng, first)]
    if free:
        asked.append("order='any'")
    counting = rng.choice(["unique", "unique", "total", "session", "values"])
    if counting == "session":
        asked += [
            "math='conversion_rate_session'",
            "conversion_window=1",
            "conversion_window_unit='session'",
        ]
    elif rng.random() < 0.15:
        asked += ["conversion_window=1", "conversion_window_unit='session'"]
    elif rng.random() < 0.9:
        unit = rng.choice(FUNNEL_UNITS)
        amount = rng.choice([2, 3, 30, 60]) if unit in ("second", "minute") else rng.randint(1, 3)
        asked += [f"conversion_window={amount}", f"conversion_window_unit={unit!r}"]
    if counting == "total":
        asked.append(f"math={rng.choice(['conversion_rate_total', 'total'])!r}")
    if counting == "values":
        how = rng.choice(["total", "average", "median", "min", "max", "p25", "p90", "histogram"])
        asked += [f"math={how!r}", f"math_property={rng.choice(['v', 'n', 'ns'])!r}"]
    asked += maybe(rng, 0.35, lambda: f"exclusions=[{_exclusion(rng, n)}]")
    asked += maybe(rng, 0.25, lambda: f"holding_constant={_held(rng)}")
    asked += maybe(
        rng,
        0.4,
        lambda: f"reentry_mode={rng.choice(['default', 'basic', 'aggressive', 'optimized'])!r}",
    )
    asked += maybe(rng, 0.3, lambda: f"mode={rng.choice(['trends', 'table'])!r}")
    asked += maybe(rng, 0.4, lambda: f"unit={rng.choice(['day', 'week', 'month', 'hour'])!r}")
    asked += maybe(rng, 0.4, lambda: group_by(rng, first, often=False))
    asked += maybe(rng, 0.35, lambda: where(rng, first))
    asked += maybe(rng, 0.12, lambda: comparison(rng, first))
    asked += maybe(rng, 0.0 if "$session" in str(asked) else 0.12, lambda: "data_group_id=1")
    return call("ws.query_funnel", *asked)


def _step(rng: random.Random, first: str, free: bool) -> str:
    name = event(rng) if rng.random() < 0.15 else repr(rng.choice(STEP_NAMES))
    if rng.random() < 0.03:
        name = repr(rng.choice(["$session_start", "$session_end"]))
    own = own_filters(rng, first)
    order = maybe(rng, 0.4, lambda: f"order={rng.choice(['loose', 'any'])!r}") if free else []
    return call("FunnelStep", name, *own, *order) if own or order else name


def _exclusion(rng: random.Random, n: int) -> str:
    name = repr(rng.choice(EVENTS))
    if rng.random() < 0.5:
        return name
    begin = rng.randint(0, n - 2)
    end = maybe(rng, 0.7, lambda: f"to_step={rng.randint(begin + 1, n - 1)}")
    return call("Exclusion", name, f"from_step={begin}", *end)


def _held(rng: random.Random) -> str:
    if rng.random() < 0.2:
        return "[HoldingConstant('plan', resource_type='people')]"
    return repr(rng.sample(["s", "p", "utm_source", "v", "xs"], rng.choice([1, 1, 2])))


def retention(rng: random.Random, first: str) -> str:
    """A call of `ws.query_retention`."""
    unit = rng.choice(["day", "day", "week", "month"])
    asked = [_event(rng, first), _event(rng, first), f"retention_unit={unit!r}", *span(rng, first)]
    asked += maybe(rng, 0.5, lambda: f"alignment={rng.choice(['birth', 'interval_start'])!r}")
    asked += maybe(
        rng, 0.35, lambda: f"bucket_sizes={rng.choice([[1, 2], [2, 3, 4], [1], [1, 7]])}"
    )
    modes = ["none", "carry_back", "carry_forward", "consecutive_forward"]
    asked += maybe(rng, 0.6, lambda: f"unbounded_mode={rng.choice(modes)!r}")
    asked += maybe(rng, 0.25, lambda: "retention_cumulative=True")
    asked += maybe(rng, 0.5, lambda: f"math={rng.choice(['retention_rate', 'unique', 'total'])!r}")
    trends = maybe(rng, 0.3, lambda: f"mode={rng.choice(['trends', 'table'])!r}")
    asked += [*trends, f"unit={rng.choice([unit, 'day', 'week', 'month'])!r}"]
    asked += maybe(rng, 0.5, lambda: group_by(rng, first, often=False))
    asked += maybe(rng, 0.35, lambda: where(rng, first))
    asked += maybe(rng, 0.12, lambda: comparison(rng, first))
    asked += maybe(rng, 0.0 if "$session" in str(asked) else 0.12, lambda: "data_group_id=1")
    return call("ws.query_retention", *asked)


def _event(rng: random.Random, first: str) -> str:
    name = event(rng) if rng.random() < 0.2 else repr(rng.choice("ABC"))
    if rng.random() < 0.03:
        name = repr(rng.choice(["$session_start", "$session_end"]))
    own = own_filters(rng, first, 0.25)
    return call("RetentionEvent", name, *own) if own else name


def flow(rng: random.Random, first: str) -> str:
    """A call of `ws.query_flow`."""
    steps = [_flow_step(rng, first) for _ in range(rng.choice([1, 1, 1, 2, 2, 3]))]
    asked = [f"[{', '.join(steps)}]", *span(rng, first)]
    asked += [f"forward={rng.randint(1, 4)}", f"reverse={rng.randint(0, 3)}"]
    count = rng.choice(["unique", "total", "session"])
    if count == "session" or rng.random() < 0.2:
        asked += ["conversion_window=1", "conversion_window_unit='session'"]
    else:
        unit = rng.choice(["day", "day", "week", "month"])
        asked += [f"conversion_window={rng.randint(1, 3)}", f"conversion_window_unit={unit!r}"]
    asked += [f"count_type={count!r}", f"cardinality={rng.choice([1, 2, 3, 50])}"]
    asked += maybe(rng, 0.3, lambda: "collapse_repeated=True")
    asked += maybe(rng, 0.3, lambda: f"hidden_events={rng.sample(EVENTS, rng.randint(1, 2))}")
    asked += maybe(rng, 0.3, lambda: f"exclusions={rng.sample(EVENTS, rng.randint(1, 2))}")
    asked += maybe(rng, 0.4, lambda: f"mode={rng.choice(['sankey', 'paths', 'tree'])!r}")
    asked += maybe(rng, 0.3, lambda: where(rng, first, often=False))
    asked += maybe(rng, 0.4, lambda: group_by(rng, first).replace("group_by", "segments", 1))
    asked += maybe(rng, 0.0 if "$session" in str(asked) else 0.12, lambda: "data_group_id=1")
    return call("ws.query_flow", *asked)


def _flow_step(rng: random.Random, first: str) -> str:
    name = repr(rng.choice(EVENTS))
    if rng.random() < 0.1:
        kind = rng.choice(["start", "end"])
        return call("FlowStep", f"'$session_{kind}'", f"session_event={kind!r}")
    own = maybe(rng, 0.5, lambda: f"forward={rng.randint(0, 3)}")
    own += maybe(rng, 0.5, lambda: f"reverse={rng.randint(0, 3)}")
    own += maybe(
        rng,
        0.2,
        lambda: (
            "filters=["
            + rng.choice(
                ["Filter.equals('s', 'a')", "Filter.greater_than('v', 1)", "Filter.is_set('p')"]
            )
            + "]"
        ),
    )
    return call("FlowStep", name, *own) if own else name


def users(rng: random.Random, first: str) -> str:
    """A call of `ws.query_user`."""
    asked = []
    if rng.random() < 0.6:
        filters = [filter_(rng, first, people=True) for _ in range(rng.choice([1, 2]))]
        asked.append(f"where=[{', '.join(filters)}]")
    if "where" in str(asked) and rng.random() < 0.2:
        asked = [f"where=[Filter.in_cohort({cohort(rng, first)}, 'c')]"]
    else:
        asked += maybe(rng, 0.5, lambda: f"cohort={cohort(rng, first)}")
    if asked and "cohort=" in asked[-1]:
        asked += maybe(rng, 0.4, lambda: "include_all_users=True")
    if rng.random() < 0.5:
        asked += ["mode='profiles'", f"limit={rng.choice([1, 2, 'None'])}"]
        asked += maybe(
            rng,
            0.6,
            lambda: (
                f"sort_by={rng.choice(['plan', 'age', 'nope'])!r}, sort_order={rng.choice(['ascending', 'descending'])!r}"
            ),
        )
        moment = round(datetime.fromisoformat(f"{first}T09:00:00+00:00").timestamp())
        asked += maybe(rng, 0.3, lambda: f"as_of={moment + rng.randint(-2, 9) * 86_400}")
        asked += maybe(rng, 0.3, lambda: f"search={rng.choice(['U', 'pro', 'ü', '3'])!r}")
        return call("ws.query_user", *asked)
    how = rng.choice(["count", "extremes", "percentile", "numeric_summary"])
    asked.append(f"aggregate={how!r}")
    if how != "count":
        asked.append(f"aggregate_property={rng.choice(PEOPLE)!r}")
    asked += ["percentile=37.5"] if how == "percentile" else []
    return call("ws.query_user", *asked)
