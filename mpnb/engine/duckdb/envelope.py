"""The raw answer of insights questions, in the shape of Mixpanel's endpoint.

Named frames go in; ``{"computed_at", "date_range", "headers", "series", "meta"}`` comes out, with
``time_comparison`` beside them where one was asked. The surprise: ``computed_at`` is the store's
now, so that equal questions on equal data give equal bytes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mpnb.engine.duckdb.axis import Axis, Clock, date_range
from mpnb.engine.duckdb.frame import Frame

Series = dict[str, Any]


def answer(
    clock: Clock,
    axis: Axis,
    headers: Sequence[str],
    series: Series,
    *,
    cut: bool = False,
    comparison: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The envelope around ``series``; ``cut`` says that segments beyond the limit were left out."""
    raw: dict[str, Any] = {
        "computed_at": clock.now.isoformat(),
        "date_range": date_range(clock, axis.from_date, axis.to_date),
        "headers": list(headers),
        "series": series,
        "meta": {
            "sampling_factor": 1.0,
            "min_sampling_factor": 1.0,
            "is_cached": False,
            "is_segmentation_limit_hit": cut,
            "incomplete": [k for k, p in zip(axis.keys, axis.partial, strict=True) if p],
        },
    }
    if comparison is not None:
        raw["time_comparison"] = comparison
    return raw


def tree(frame: Frame, axis: Axis) -> Series:
    """One metric as nested objects: a level per breakdown, then bucket key → value."""
    root: Series = {}
    for path, values in zip(frame.paths, frame.values.tolist(), strict=True):
        holder = root
        for label in path:
            holder = holder.setdefault(label, {})
        holder.update(zip(axis.keys, map(plain, values), strict=True))
    return root


def plain(value: Any) -> Any:
    """A JSON value: NaN is null, whole floats are integers."""
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
