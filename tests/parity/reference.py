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
from datetime import date, timedelta
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
        self.source = folder / reference.get("input", "events.jsonl.gz")
        profiles = folder / "profiles.jsonl.gz"
        self.profiles = profiles if profiles.exists() else None
        self.dates: dict[str, str] = reference["range"]
        self.ws = self.opened(funnel_grace_ms=-1)  # a step lies in a later second than the last

    def opened(self, **settings: Any) -> Any:
        """A workspace over the events; the store is made once."""
        return mpnb.local(self.source, profiles=self.profiles, settings=settings)

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
NOT_DEFINED = CannotAsk("the reference gives none")
OTHER_FUNNEL = CannotAsk("no setting of a funnel has this definition")
AT_THE_END = CannotAsk("an answer does not tell when within the window somebody converted")


def _funnel(asker: Asker, expected: Mapping[str, Any]) -> Iterator[Number]:
    steps, window = expected["steps"], _window(expected["window_seconds"])
    result = asker.ws.query_funnel(steps, **window, **asker.dates)
    yield "funnel", expected["users_per_step"], _counts(result)
    for name, mean in expected["mean_seconds"].items():
        first, last = (int(part) - 1 for part in name.removeprefix("step_").split("_to_"))
        step = result.steps_data[last]
        reached = {(0, last): "avg_time_from_start", (last - 1, last): "avg_time"}
        key = reached.get((first, last))
        yield f"funnel, mean {name}", mean, step[key] if key else OTHER_FUNNEL
    for name, median in expected["median_seconds"].items():
        yield f"funnel, median {name}", median, NO_MEDIAN
    if "conversions_exactly_at_window_end" in expected:
        number = expected["conversions_exactly_at_window_end"]
        yield "funnel, conversions_exactly_at_window_end", number, AT_THE_END
    for week, counts in (expected.get("users_per_step_by_monday_week_of_step_1") or {}).items():
        yield f"funnel, week of {week}", counts, _funnel_of_week(asker, steps, window, week)
    for name, numbers in (expected.get("variants_users_per_step") or {}).items():
        ours = NOT_DEFINED if numbers is None else _variant(asker, name, steps, window)
        yield f"funnel where {name}", numbers, ours


def _window(seconds: int) -> dict[str, Any]:
    if seconds % 86400 == 0:
        return {"conversion_window": seconds // 86400}
    return {"conversion_window": seconds, "conversion_window_unit": "second"}


def _counts(result: Any) -> list[int]:
    return [step["count"] for step in result.steps_data]


def _funnel_of_week(
    asker: Asker, steps: list[str], window: Mapping[str, Any], week: str
) -> list[int]:
    """The funnel of a week without those who entered in an earlier week of the range."""
    start, end = asker.dates["from_date"], asker.dates["to_date"]
    monday = date.fromisoformat(week)
    first, last = max(week, start), min((monday + timedelta(days=6)).isoformat(), end)
    where = None
    if first > start:
        until = (monday - timedelta(days=1)).isoformat()
        entered = mpnb.CohortCriteria.did_event(
            steps[0], at_least=1, from_date=start, to_date=until
        )
        where = mpnb.Filter.not_in_cohort(mpnb.CohortDefinition(entered), name="Entered before")
    result = asker.ws.query_funnel(steps, **window, where=where, from_date=first, to_date=last)
    return _counts(result)


def _variant(asker: Asker, name: str, steps: list[str], window: Mapping[str, Any]) -> Any:
    """The funnel with one thing changed, as the variant's name says."""
    asked: dict[str, Any] = {**window, **asker.dates}
    if name == "later_steps_must_lie_inside_the_range_too":
        inside = mpnb.Filter.date_between("$time", *asker.dates.values())
        later = [mpnb.FunnelStep(step, filters=[inside]) for step in steps[1:]]
        return _counts(asker.ws.query_funnel([steps[0], *later], **asked))
    if name == "later_step_may_share_the_second_of_the_step_before":
        return _counts(asker.opened(funnel_grace_ms=0).query_funnel(steps, **asked))
    if name == "any_step_1_event_of_the_range_may_start_the_attempt_best_one_counts":
        return _counts(asker.ws.query_funnel(steps, reentry_mode="aggressive", **asked))
    return OTHER_FUNNEL


STRICT = CannotAsk("a return in the second of the birth counts")
OTHER_RETENTION = CannotAsk("no setting of a retention has this definition")


def _retention(asker: Asker, expected: list[Mapping[str, Any]]) -> Iterator[Number]:
    for facts in expected:
        name = f"{facts['born_event']!r} then {facts['return_event']!r}"
        weeks = _weeks(asker, facts)
        buckets = len(facts["returned_users_per_week_bucket"])
        yield f"{name}, born", facts["born_users"], sum(c["first"] for c in weeks.values())
        yield (
            f"{name}, returned",
            facts["returned_users_per_week_bucket"],
            _returned(weeks, buckets),
        )
        for week, cohort in (facts.get("by_monday_week_of_birth") or {}).items():
            ours = weeks.get(week, {"first": 0, "counts": [0] * buckets})
            yield f"{name}, born in the week of {week}", cohort["born"], ours["first"]
            yield f"{name}, returned, week of {week}", cohort["returned"], ours["counts"]
        for key in (key for key in facts if key.startswith("variant_")):
            yield f"{name}, {key}", facts[key], _retention_variant(asker, facts, key, buckets)


def _weeks(asker: Asker, facts: Mapping[str, Any], **more: Any) -> Mapping[str, Any]:
    """Cohorts by week of birth."""
    events = {key: facts[key] for key in ("born_event", "return_event")}
    last = len(facts["returned_users_per_week_bucket"]) - 1
    weekly = {"unit": "week", "interval": 1, "interval_count": last}
    raw: Mapping[str, Any] = asker.ws.retention(**events, **weekly, **asker.dates, **more).raw
    return raw


def _returned(weeks: Mapping[str, Any], buckets: int) -> list[int]:
    return [sum(cohort["counts"][k] for cohort in weeks.values()) for k in range(buckets)]


def _retention_variant(asker: Asker, facts: Mapping[str, Any], key: str, buckets: int) -> Any:
    if key == "variant_return_events_inside_the_range_only":
        after = date.fromisoformat(asker.dates["to_date"]) + timedelta(days=1)
        inside = f'event["$time"] < datetime("{after.isoformat()}")'
        return _returned(_weeks(asker, facts, return_where=inside), buckets)
    if key == "variant_bucket_0_only_events_strictly_after_birth_time":
        return STRICT
    return OTHER_RETENTION


NOBODY: dict[str, Any] = {"nodes": []}
TIES = CannotAsk("an answer does not tell whose order a tie decides")
TOO_LONG = CannotAsk("a flow looks ahead 366 days at most, less than this range")


def _next_events(asker: Asker, expected: Mapping[str, Any]) -> Iterator[Number]:
    ahead = {"forward": 1, "count_type": "total", "cardinality": 50, "conversion_window": 366}
    result = asker.ws.query_flow(expected["anchor"], **ahead, **asker.dates)
    first, following = [*result.raw["steps"], NOBODY, NOBODY][:2]
    found = {
        node["event"]: int(node["totalCount"])
        for node in following["nodes"]
        if node["type"] not in ("DROPOFF", "PRUNED")
    }
    anchors = sum(int(node["totalCount"]) for node in first["nodes"])
    days = date.fromisoformat(asker.dates["to_date"]) - date.fromisoformat(asker.dates["from_date"])
    long = days.days >= 366
    anchor = f"after {expected['anchor']!r}"
    yield f"{anchor}, anchors", expected["anchors"], anchors
    yield f"{anchor}, end", expected["end"], TOO_LONG if long else _ends(following)
    for event, count in expected["top"]:
        yield f"{anchor}, {event!r}", count, TOO_LONG if long else found.get(event, 0)
    for key in ("order_free", "anchors_whose_order_a_tie_touches"):
        if key in expected:
            yield f"{anchor}, {key}", expected[key], TIES


def _ends(step: Mapping[str, Any]) -> int:
    return sum(int(node["totalCount"]) for node in step["nodes"] if node["type"] == "DROPOFF")


def _property_breakdown(asker: Asker, expected: Mapping[str, Any]) -> Iterator[Number]:
    by = expected["property"]
    found = asker.series(expected["event"], mode="total", group_by=by, limit=50_000)
    order = sorted(found, key=lambda value: (-found[value]["all"], value))
    ours = [[value, found[value]["all"]] for value in order[: len(expected["top"])]]
    top = [[value or "(empty string)", count] for value, count in expected["top"]]
    yield f"{expected['event']!r} by {by}", top, ours


def _numeric_property(asker: Asker, expected: Mapping[str, Any]) -> Iterator[Number]:
    event, name = expected["event"], expected["property"]
    summary = asker.series(event, math="numeric_summary", math_property=name, mode="total")
    for key, value in expected.items():
        label = f"{key} of {name} of {event!r}"
        if key in ("count", "sum", "mean"):
            yield label, value, summary[key]["all"]
        elif key in ("min", "max", "median"):
            yield label, value, asker.total(event, key, math_property=name)
        elif key not in ("event", "property"):
            yield label, value, CannotAsk("this kind of number is not known")


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
