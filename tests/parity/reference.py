"""Compare answers with numbers computed elsewhere: ``python -m tests.parity.reference FOLDER…``.

A folder holds ``events.jsonl.gz`` (Mixpanel raw export) and ``reference.json``, which defines its own
numbers. Prints one line per disagreement, one per number that cannot be asked, and counts last;
exits with 0 when nothing disagrees.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import mpnb

Number = tuple[str, Any, Any]
"""What it is, what the reference says, what we say; a text instead of ours says why it is not."""


class CannotAsk(str):
    """Why a number is outside of what can be asked."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.parity.reference")
    parser.add_argument("folders", nargs="+", type=Path)
    wrong = agreed = not_asked = 0
    for folder in parser.parse_args(arguments).folders:
        if not (folder / "reference.json").exists():
            print(f"{folder.name}: has no reference.json, left out")
            continue
        for name, expected, found in _numbers(folder):
            if isinstance(found, CannotAsk):
                not_asked += 1
                print(f"{folder.name}: {name} cannot be asked: {found}")
            elif _same(expected, found):
                agreed += 1
            else:
                wrong += 1
                print(f"{folder.name}: {name}: the reference says {expected!r}, we say {found!r}")
    print(f"{agreed} agree, {wrong} disagree, {not_asked} cannot be asked")
    return 1 if wrong else 0


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return math.isclose(expected, found, rel_tol=1e-9, abs_tol=1e-6)
    return bool(expected == found)


class Asker:
    """Asks a local workspace about the range of a reference."""

    def __init__(self, folder: Path, reference: Mapping[str, Any]) -> None:
        source = folder / reference.get("input", "events.jsonl.gz")
        self.ws = mpnb.local(source, settings={"funnel_grace_ms": -1})
        self.dates = reference["range"]

    def series(self, *events: Any, **more: Any) -> dict[str, Any]:
        """The series of the first metric; dates as plain days."""
        result = self.ws.query(list(events), **self.dates, **more)
        line: dict[str, Any] = next(iter(result.raw["series"].values()))
        return {key if isinstance(v, dict) else key[:10]: v for key, v in line.items()}

    def total(self, event: str, math_: str = "total", **more: Any) -> Any:
        """One number over the whole range."""
        return self.series(event, math=math_, mode="total", **more)["all"]


def _numbers(folder: Path) -> Iterator[Number]:
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))
    asker = Asker(folder, reference)
    for key, facts in reference.items():
        if key in READERS:
            yield from READERS[key](asker, facts)
        elif key not in DESCRIPTIONS:
            yield key, facts, CannotAsk("this kind of number is not known")


def _events(asker: Asker, expected: int) -> Iterator[Number]:
    yield "events_inside_range", expected, asker.total("$all_events")


def _users(asker: Asker, expected: int) -> Iterator[Number]:
    yield "users_inside_range", expected, asker.total("$all_events", "unique")


def _by_name(asker: Asker, expected: Mapping[str, int]) -> Iterator[Number]:
    found = asker.series("$all_events", mode="total", group_by="$event_name", limit=50_000)
    for name, count in expected.items():
        yield f"events of {name!r}", count, found.get(name, {}).get("all")


def _top_events(asker: Asker, expected: list[str]) -> Iterator[Number]:
    found = asker.series("$all_events", mode="total", group_by="$event_name", limit=50_000)
    order = sorted(found, key=lambda name: (-found[name]["all"], name))
    yield "top_events", expected, order[: len(expected)]


def _totals_per_day(asker: Asker, expected: Mapping[str, Any]) -> Iterator[Number]:
    for event, days in expected.items():
        found = {day: count for day, count in asker.series(event).items() if count}
        for day in sorted({*days, *found}):
            yield f"{event!r} on {day}", days.get(day, 0), found.get(day, 0)


def _weekly_uniques(asker: Asker, expected: Mapping[str, Any]) -> Iterator[Number]:
    event = expected["event"]
    found = asker.series(event, math="unique", unit="week")
    for week, users in expected["weeks"].items():
        yield f"users of {event!r} in the week of {week}", users, found.get(week)


def _whole_range_uniques(asker: Asker, expected: Mapping[str, int]) -> Iterator[Number]:
    for event, users in expected.items():
        yield f"users of {event!r}", users, asker.total(event, "unique")


NO_MEDIAN = CannotAsk("a funnel answers with mean times, not with medians")
OTHER_FUNNEL = CannotAsk("no setting of a funnel has this definition")
REPEATED = CannotAsk("a funnel by week counts a user in each week with an entry, not once")


def _funnel(asker: Asker, expected: Mapping[str, Any]) -> Iterator[Number]:
    steps, seconds = expected["steps"], expected["window_seconds"]
    window = {"conversion_window": seconds, "conversion_window_unit": "second"}
    if seconds % 86400 == 0:
        window = {"conversion_window": seconds // 86400}
    result = asker.ws.query_funnel(steps, **window, **asker.dates)
    counts = [step["count"] for step in result.steps_data]
    yield "funnel", expected["users_per_step"], counts
    for name, mean in expected["mean_seconds"].items():
        first, last = (int(part) - 1 for part in name.removeprefix("step_").split("_to_"))
        step = result.steps_data[last]
        ours = step["avg_time"] if first == last - 1 else step["avg_time_from_start"]
        yield f"funnel, mean {name}", mean, ours
    for name, median in expected["median_seconds"].items():
        yield f"funnel, median {name}", median, NO_MEDIAN
    yield from _funnel_by_week(asker, expected, window)
    for name, numbers in expected.get("variants_users_per_step", {}).items():
        yield f"funnel where {name}", numbers, OTHER_FUNNEL


def _funnel_by_week(
    asker: Asker, expected: Mapping[str, Any], window: Mapping[str, Any]
) -> Iterator[Number]:
    weeks = expected.get("users_per_step_by_monday_week_of_step_1") or {}
    once = asker.total(expected["steps"][0]) == asker.total(expected["steps"][0], "unique")
    found: dict[str, Any] = {}
    if once:
        more: Any = {**window, "mode": "trends", "unit": "week"}
        result = asker.ws.query_funnel(expected["steps"], **more, **asker.dates)
        found = {block.date: [step["count"] for step in block.steps] for block in result.blocks}
    for week, counts in weeks.items():
        yield f"funnel, week of {week}", counts, found.get(week) if once else REPEATED


INSIDE = CannotAsk("returns count up to now, not only inside the range")
STRICT = CannotAsk("a return in the second of the birth counts")


def _retention(asker: Asker, expected: list[Mapping[str, Any]]) -> Iterator[Number]:
    for facts in expected:
        events = {key: facts[key] for key in ("born_event", "return_event")}
        name = " then ".join(map(repr, events.values()))
        buckets = len(facts["returned_users_per_week_bucket"])
        weekly = {"unit": "week", "interval": 1, "interval_count": buckets - 1}
        raw = asker.ws.retention(**events, **weekly, **asker.dates).raw
        yield f"{name}, born", facts["born_users"], sum(c["first"] for c in raw.values())
        sums = [sum(c["counts"][k] for c in raw.values()) for k in range(buckets)]
        yield f"{name}, returned", facts["returned_users_per_week_bucket"], sums
        for week, cohort in (facts.get("by_monday_week_of_birth") or {}).items():
            ours = raw.get(week, {"first": 0, "counts": [0] * buckets})
            yield f"{name}, born in the week of {week}", cohort["born"], ours["first"]
            yield f"{name}, returned, week of {week}", cohort["returned"], ours["counts"]
        for key in facts:
            if key.startswith("variant_"):
                yield f"{name}, {key}", facts[key], INSIDE if "inside" in key else STRICT


def _next_events(asker: Asker, expected: Mapping[str, Any]) -> Iterator[Number]:
    result = asker.ws.query_flow(
        expected["anchor"],
        forward=1,
        count_type="total",
        cardinality=50,
        conversion_window=366,
        **asker.dates,
    )
    first, following = result.raw["steps"][:2]
    found = {node["event"]: int(node["totalCount"]) for node in following["nodes"]}
    anchors = sum(int(node["totalCount"]) for node in first["nodes"])
    anchor = f"after {expected['anchor']!r}"
    yield f"{anchor}, anchors", expected["anchors"], anchors
    yield f"{anchor}, end", expected["end"], found.pop("DROPOFF", 0)
    for event, count in expected["top"]:
        yield f"{anchor}, {event!r}", count, found.get(event, 0)
    for key in ("order_free", "anchors_whose_order_a_tie_touches"):
        if key in expected:
            yield f"{anchor}, {key}", expected[key], CannotAsk("ties are not told in an answer")


def _property_breakdown(asker: Asker, expected: Mapping[str, Any]) -> Iterator[Number]:
    by = expected["property"]
    found = asker.series(expected["event"], mode="total", group_by=by, limit=50_000)
    order = sorted(found, key=lambda value: (-found[value]["all"], value))
    ours = [[value, found[value]["all"]] for value in order[: len(expected["top"])]]
    yield f"{expected['event']!r} by {by}", expected["top"], ours


def _numeric_property(asker: Asker, expected: Mapping[str, Any]) -> Iterator[Number]:
    event, name = expected["event"], expected["property"]
    summary = asker.series(event, math="numeric_summary", math_property=name, mode="total")
    maths: dict[str, Callable[[], Any]] = {
        key: lambda key=key: summary[key]["all"] for key in ("count", "sum", "mean")
    }
    for key in ("min", "max", "median"):
        maths[key] = lambda key=key: asker.total(event, key, math_property=name)
    for key, value in expected.items():
        if key in maths:
            yield f"{key} of {name} of {event!r}", value, maths[key]()


DESCRIPTIONS = frozenset(("set", "input", "input_md5", "made_by", "range", "definitions"))

READERS: dict[str, Callable[[Asker, Any], Iterator[Number]]] = {
    "events_inside_range": _events,
    "users_inside_range": _users,
    "events_inside_range_by_name": _by_name,
    "top_events": _top_events,
    "totals_per_day": _totals_per_day,
    "weekly_uniques": _weekly_uniques,
    "whole_range_uniques": _whole_range_uniques,
    "funnel": _funnel,
    "retention": _retention,
    "next_events": _next_events,
    "property_breakdown": _property_breakdown,
    "numeric_property": _numeric_property,
}

if __name__ == "__main__":
    sys.exit(main())
