"""Run worked cases of the local engine: ``python -m tests.parity.semantics FILE…``.

Each line of a file is one case: rows, settings, a call, the expected values. Prints, per area, how
many passed, were not supported, or were wrong, each wrong one with its first differences, and a
total last. Exits with 0 only when nothing is wrong and at least 85 % pass.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mpnb.errors import NotSupportedError
from tests.parity import observed
from tests.parity.worked import evaluated, workspace

NEEDED = 0.85
Outcome = tuple[str, str]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.parity.semantics")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--area", action="append", help="only cases of this area")
    parser.add_argument("--only", help="only the case of this id")
    parser.add_argument("--verbose", action="store_true", help="say what is not supported, and why")
    chosen = parser.parse_args(arguments)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    started = time.perf_counter()
    for case in _cases(chosen):
        outcome, detail = run(case)
        counts[case["area"]][outcome] += 1
        if outcome == "wrong" or (chosen.verbose and outcome == "not supported"):
            print(f"{outcome}: {case['id']}: {detail}")
    for area, counter in counts.items():
        print(_line(area, counter))
    total = sum(counts.values(), Counter())
    print(_line("total", total), f"({time.perf_counter() - started:.1f} s)")
    enough = total["passed"] >= NEEDED * max(total.total(), 1)
    return 0 if enough and not total["wrong"] else 1


def _cases(chosen: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for file in chosen.files:
        with file.open(encoding="utf-8") as lines:
            for line in filter(str.strip, lines):
                case = json.loads(line)
                if chosen.area and case["area"] not in chosen.area:
                    continue
                if chosen.only in (None, case["id"]):
                    yield case


def _line(name: str, counter: Counter[str]) -> str:
    return (
        f"{name}: {counter['passed']} passed, {counter['not supported']} not supported, "
        f"{counter['wrong']} wrong"
    )


def run(case: Mapping[str, Any]) -> Outcome:
    """What came of one case, and the reason or the differences."""
    try:
        ws = workspace(case)
        result = evaluated(case["call"], ws=ws)
        found = observed.facts(result, case["expect"])
    except NotSupportedError as error:
        return "not supported", str(error)
    except Exception as error:  # a case that fails in any other way is a wrong one
        return "wrong", f"{type(error).__name__}: {error}"
    differences = list(compare(case["expect"], found))
    return ("wrong", "; ".join(differences[:3])) if differences else ("passed", "")


SAME_KEYS = frozenset(
    (
        "segments",
        "cohorts",
        "values",
        "trends",
        "results",
        "data",
        "aggregate",
        "buckets",
        "coverage",
    )
)
OPEN_ENDED = frozenset(("counts", "rates", "complete"))
AS_SETS = frozenset(("nodes", "edges", "paths"))
ROWS = frozenset(("rows", "comparison"))


def compare(expected: Any, found: Any, path: str = "", key: str = "") -> Iterator[str]:
    """Yield what differs; only expected keys count, lists of ``counts`` may be longer."""
    if isinstance(expected, Mapping):
        yield from _objects(expected, found, path, key)
    elif key in ROWS and _is_rows(expected):
        yield from _rows(expected, found, path)
    elif key in AS_SETS and isinstance(expected, list):
        yield from _lists(_sorted(expected), _sorted(found), path, key)
    elif isinstance(expected, list):
        yield from _lists(expected, found, path, key)
    elif not _equal(expected, found):
        yield f"{path}: expected {expected!r}, found {found!r}"


def _is_rows(expected: Any) -> bool:
    return isinstance(expected, list) and all(isinstance(row, Mapping) for row in expected)


def _objects(expected: Mapping[str, Any], found: Any, path: str, key: str) -> Iterator[str]:
    if not isinstance(found, Mapping):
        yield f"{path}: expected an object, found {found!r}"
        return
    inside_segment = "segments" in path.split("/")
    if key in SAME_KEYS:
        for extra in found.keys() - expected.keys():
            if not (inside_segment and _empty(found[extra])):
                yield f"{path}: {extra!r} is not expected"
    for name, value in expected.items():
        here = f"{path}/{name}"
        if name in found:
            yield from compare(value, found[name], here, name)
        elif not (inside_segment and key == "cohorts" and _empty(value)):
            yield f"{here}: is missing"


def _empty(cohort: Any) -> bool:
    return isinstance(cohort, Mapping) and cohort.get("first") == 0


def _lists(expected: list[Any], found: Any, path: str, key: str) -> Iterator[str]:
    if not isinstance(found, list):
        yield f"{path}: expected a list, found {found!r}"
        return
    open_ended = key in OPEN_ENDED or "/data/" in path
    if len(found) < len(expected) or (len(found) > len(expected) and not open_ended):
        yield f"{path}: expected {expected!r}, found {found!r}"
        return
    for index, (one, other) in enumerate(zip(expected, found, strict=False)):
        yield from compare(one, other, f"{path}/{index}")


def _sorted(items: Any) -> Any:
    return sorted(items, key=json.dumps) if isinstance(items, list) else items


def _rows(expected: list[Any], found: Any, path: str) -> Iterator[str]:
    wanted, got = _keyed(expected), _keyed(found or [])
    if len(got) != len(found or []):
        yield f"{path}: several rows with the same date, event and segment"
    for key in got.keys() - wanted.keys():
        yield f"{path}: row {key} is not expected"
    for key, row in wanted.items():
        if key not in got:
            yield f"{path}: row {key} is missing"
        else:
            yield from compare(row, got[key], f"{path}/{key}")


def _keyed(rows: list[Any]) -> dict[tuple[Any, ...], Any]:
    return {
        (row.get("date"), row.get("event"), tuple(row.get("segment") or ())): row for row in rows
    }


def _equal(expected: Any, found: Any) -> bool:
    if isinstance(expected, bool) or isinstance(found, bool) or expected is None:
        return expected is found
    if isinstance(expected, int | float):
        if not isinstance(found, int | float):
            return False
        return abs(expected - found) <= max(1e-6, 1e-9 * abs(expected))
    return type(expected) is type(found) and expected == found


if __name__ == "__main__":
    sys.exit(main())
