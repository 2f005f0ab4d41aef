"""Random insights questions as text."""

from __future__ import annotations

import random

from tests.engine.oracle.questions import (
    call,
    comparison,
    event,
    filter_,
    group_by,
    maybe,
    property_,
    span,
    where,
)
from tests.engine.oracle.worlds import EVENTS

NUMERIC_MATHS = ("average", "median", "min", "max", "p25", "p75", "p90", "p99", "percentile")
USER_MATHS = ("unique", "dau", "wau", "mau", "cumulative_unique")
VALUE_MATHS = (
    "unique_values",
    "most_frequent",
    "first_value",
    "multi_attribution",
    "numeric_summary",
)
SPLITS = ("first_value", "multi_attribution", "histogram", "numeric_summary", "most_frequent")
UNITS = ("hour", "day", "day", "week", "month", "quarter")


def measurement(rng: random.Random, name: str) -> list[str]:
    """How a metric counts; `name` is what the property is called there."""
    roll = rng.random()
    if roll < 0.2:
        return []
    if roll < 0.45:
        return [f"math={rng.choice((*USER_MATHS, 'sessions'))!r}"]
    of = f"{name}={rng.choice(['v', 'v', 'n', 'ns', 'p', 'xs', 'd', 's', '$time'])!r}"
    if rng.random() < 0.1:
        of = f"{name}={property_(rng)}"
    if roll < 0.6:
        return [f"math={rng.choice(VALUE_MATHS)!r}", of]
    if roll < 0.78:
        how = rng.choice(("total", *NUMERIC_MATHS))
        percent = ["percentile_value=37.5"] if how == "percentile" else []
        return [f"math={how!r}", of, *percent]
    how = rng.choice(("total", "histogram", *NUMERIC_MATHS, "numeric_summary"))
    percent = ["percentile_value=90"] if how == "percentile" else []
    stage = rng.choice(["unique_values", "total", "average", "min", "max"])
    return [f"math={how!r}", of, f"per_user={stage!r}", *percent]


def metric(rng: random.Random, first: str) -> str:
    events = event(rng)
    if rng.random() < 0.1:
        events = f"[{', '.join(repr(e) for e in rng.sample(EVENTS, 2))}]"
    own = maybe(rng, 0.25, lambda: f"filters=[{filter_(rng, first)}, {filter_(rng, first)}]")
    own += maybe(rng, 0.5, lambda: "filters_combinator='any'") if own else []
    method = maybe(rng, 0.12, lambda: "segment_method='first'")
    return call("Metric", events, *measurement(rng, "property"), *own, *method)


def any_metric(rng: random.Random, first: str) -> str:
    roll = rng.random()
    if roll < 0.06:
        return _funnel_metric(rng)
    if roll < 0.12:
        return _retention_metric(rng)
    if roll < 0.16:
        name = repr(rng.choice(["$session_start", "$session_end"]))
        of = rng.choice(["$duration_s", "$event_count", "utm_source", "$origin_start"])
        how = rng.choice(["'average'", "'unique_values'", "'most_frequent'", "'max'"])
        return call("Metric", name, *maybe(rng, 0.6, lambda: f"math={how}, property={of!r}"))
    if roll < 0.18:
        return "CohortMetric(7)"
    if roll < 0.22:
        parts = [f"FunnelStep({rng.choice(EVENTS)!r}, filters=[{filter_(rng, first)}])", "'X'"]
        return call("Metric", f"SimpleBehavior([{', '.join(parts)}])", "math='unique'")
    return metric(rng, first)


def _funnel_metric(rng: random.Random) -> str:
    own = maybe(rng, 0.5, lambda: "conversion_window=3, conversion_window_unit='hour'")
    own += maybe(rng, 0.3, lambda: "order='any'") + maybe(rng, 0.3, lambda: "exclusions=['X']")
    behavior = call("FunnelBehavior", rng.choice(["['A', 'B']", "['A', 'A', 'C']"]), *own)
    how = rng.choice(["", "'unique'", "'total'", "'conversion_rate_total'", "'average', 'v'"])
    index = maybe(rng, 0.4, lambda: f"step_index={rng.randint(0, 1)}")
    return call("FunnelMetric", behavior, *([how] if how else []), *index)


def _retention_metric(rng: random.Random) -> str:
    modes = ["carry_back", "carry_forward", "consecutive_forward"]
    own = [f"retention_unit={rng.choice(['day', 'week'])!r}"]
    own += maybe(rng, 0.5, lambda: "alignment='interval_start'")
    own += maybe(rng, 0.4, lambda: f"unbounded_mode={rng.choice(modes)!r}")
    own += maybe(rng, 0.3, lambda: "bucket_sizes=[1, 2, 4]")
    behavior = call("RetentionBehavior", repr(rng.choice("AB")), repr(rng.choice("BC")), *own)
    how = rng.choice(
        [
            "'retention_rate'",
            "'unique'",
            "'total'",
            "'total', property='v'",
            "'average', property='v'",
        ]
    )
    index = f"bucket_index={rng.randint(0, 1)}"
    return call(
        "RetentionMetric",
        behavior,
        f"math={how}",
        index,
        *maybe(rng, 0.2, lambda: "retention_cumulative=True"),
    )


def insights(rng: random.Random, first: str) -> str:
    """A call of `ws.query`."""
    if rng.random() < 0.3:
        asked = [repr(rng.choice(EVENTS)), *measurement(rng, "math_property")]
    else:
        metrics = [any_metric(rng, first) for _ in range(rng.choice([1, 1, 2, 3]))]
        asked = [f"[{', '.join(metrics)}]"]
        splits = any(word in one for one in metrics for word in SPLITS)
        if len(metrics) > 1 and not splits and rng.random() < 0.8:
            text = rng.choice(
                ["A + B", "A / B", "(A - B) * 100", "B / (A + 1)", "-A / 2 + B", "A * B - 3"]
            )
            asked.append(f"formula={text!r}")
    asked += span(rng, first)
    asked += maybe(rng, 0.7, lambda: f"unit={rng.choice(UNITS)!r}")
    asked += maybe(rng, 0.45, lambda: group_by(rng, first))
    asked += maybe(rng, 0.4, lambda: where(rng, first))
    asked += maybe(rng, 0.25, lambda: f"mode={rng.choice(['total', 'table', 'timeseries'])!r}")
    asked += maybe(rng, 0.3, lambda: rng.choice(["rolling=2", "rolling=3", "cumulative=True"]))
    asked += maybe(rng, 0.15, lambda: comparison(rng, first))
    by_user = any(word in str(asked) for word in ("$session", "multi_attribution"))
    asked += maybe(rng, 0.0 if by_user else 0.12, lambda: "data_group_id=1")
    return call("ws.query", *asked)
