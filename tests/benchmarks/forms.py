"""What it costs to build params and to read answers, without any engine.

    python forms.py MODULE

MODULE is ``mpnb`` or a package of the same public names, run with that package's own Python; only
the standard library and the module are used here. Leaves one JSON object on the last line.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

SERIES, DAYS = 920, 365
NODES = 50
"""Events per step of the wide flow: 50 × 50 edges between each of three steps."""


def workspace(mp: Any) -> Any:
    """A workspace that has an account of no use."""
    account = mp.ServiceAccount(name="bench", region="us", username="u.bench", secret="none")
    session = mp.Session(account=account, project=mp.Project(id="1"))
    return mp.Workspace(session=session)


def simple(ws: Any) -> Any:
    """The shortest question there is."""
    return ws.build_params("Login")


def rich(mp: Any, ws: Any) -> Any:
    """Two filtered metrics, a formula, three filters, two breakdowns and a range."""
    return ws.build_params(
        [
            mp.Metric("Login", math="unique", filters=[mp.Filter.equals("platform", "ios")]),
            mp.Metric("Purchase", math="average", property="amount"),
        ],
        formula="A / B",
        where=[
            mp.Filter.equals("country", ["US", "DE"]),
            mp.Filter.greater_than("amount", 10),
            mp.Filter.is_set("plan"),
        ],
        group_by=[
            "country",
            mp.GroupBy(
                "amount", property_type="number", bucket_size=10, bucket_min=0, bucket_max=100
            ),
        ],
        from_date="2025-01-01",
        to_date="2025-03-31",
        unit="week",
    )


def rate(call: Callable[[], Any], seconds: float = 0.6, rounds: int = 4) -> float:
    """Calls per second, the best of several rounds."""
    best = 0.0
    call()
    for _ in range(rounds):
        calls, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            for _ in range(50):
                call()
            calls += 50
        best = max(best, calls / (time.perf_counter() - start))
    return best


def response() -> dict[str, Any]:
    """An insights answer of about 336,000 points: segments by days."""
    import datetime

    first = datetime.date(2024, 1, 1)
    days = [f"{first + datetime.timedelta(i)}T00:00:00+00:00" for i in range(DAYS)]
    series = {f"segment {i:04}": dict.fromkeys(days, i) for i in range(SERIES)}
    return {
        "computed_at": "2025-01-01T00:00:00+00:00",
        "date_range": {"from_date": days[0], "to_date": days[-1]},
        "headers": ["$metric", "city"],
        "series": {"Login": series},
        "meta": {},
    }


def wide_flow() -> dict[str, Any]:
    """A flow answer of 5,000 edges."""

    def node(step: int, i: int) -> dict[str, Any]:
        edges = [
            {
                "event": f"event {k}",
                "totalCount": str(i + k + 1),
                "type": "NORMAL",
                "step": step + 1,
            }
            for k in range(NODES)
        ]
        return {
            "event": f"event {i}", "totalCount": "100", "type": "NORMAL", "anchorType": "NORMAL",
            "isCustomEvent": False, "conversionRateChange": 0.0, "edges": edges if step < 2 else [],
        }  # fmt: skip

    steps = [{"nodes": [node(step, i) for i in range(NODES)]} for step in range(3)]
    return {"computed_at": "c", "steps": steps, "overallConversionRate": 1.0, "metadata": {}}


def reading() -> dict[str, float]:
    """Seconds from a raw answer to its frame, and to its graph; only mpnb has this door."""
    answers = importlib.import_module("mpnb.result")
    made = {"insights": response(), "flow": wide_flow()}
    found: dict[str, float] = {}
    for name, kind, view in (("frame", "insights", "df"), ("graph", "flow", "graph")):
        times = []
        for _ in range(6):
            start = time.perf_counter()
            result = answers.read(kind, made[kind], {}, answers.Provenance())
            shown = getattr(result, view)
            times.append(time.perf_counter() - start)
        size = len(shown) if name == "frame" else shown.number_of_edges()
        assert size == (SERIES * DAYS if name == "frame" else 2 * NODES**2), size
        found[name] = min(times)
    return found


if __name__ == "__main__":
    mp = importlib.import_module(sys.argv[1])
    ws = workspace(mp)
    print(
        json.dumps(
            {
                "simple": rate(lambda: simple(ws)),
                "rich": rate(lambda: rich(mp, ws)),
                **(reading() if sys.argv[1] == "mpnb" else {}),
            }
        )
    )
