"""Many random questions by hand: ``python -m tests.engine.oracle KIND [--from N] [--worlds N]``.

Prints each question on which engine and oracle differ, with the smallest rows that still show it,
what was refused and how often, and the counts; exits with 0 when nothing differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from mpnb.errors import (
    BookmarkValidationError,
    NotSupportedError,
    ParamTypeError,
    ParamValidationError,
)
from tests.engine.oracle import compare, draw
from tests.parity.worked import workspace

QUESTIONS = 6
REFUSED = (NotSupportedError, ParamTypeError, ParamValidationError, BookmarkValidationError)


def cases(kind: str, first: int, worlds: int) -> Iterator[tuple[dict[str, Any], Any]]:
    """Cases with a call each, and the workspace that several of them share."""
    for seed in range(first, first + worlds):
        case, calls = draw.case(kind, seed, QUESTIONS)
        ws = workspace(case)
        for call in calls:
            yield {**case, "call": call}, ws


def smaller(case: dict[str, Any]) -> dict[str, Any]:
    """The same case with as few rows and profiles as still differ."""
    for part in ("events", "profiles"):
        at = 0
        while at < len(case[part]):
            less = {**case, part: case[part][:at] + case[part][at + 1 :]}
            if _differs(less):
                case = less
            else:
                at += 1
    return case


def _differs(case: dict[str, Any]) -> bool:
    try:
        return bool(compare.differences(case))
    except Exception:  # what fails in another way is not a smaller form of the same
        return False


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.engine.oracle")
    parser.add_argument("kind", choices=sorted(draw.CALLS))
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--most", type=int, default=10, help="differences to show")
    chosen = parser.parse_args()
    tally: Counter[str] = Counter()
    for case, ws in cases(chosen.kind, chosen.first, chosen.worlds):
        try:
            found = compare.differences(case, ws)
        except NotImplementedError as error:
            tally[f"not in the oracle: {error}"] += 1
            continue
        except REFUSED as error:
            tally[f"refused: {str(error).splitlines()[-1][:100]}"] += 1
            continue
        tally["differ" if found else "agree"] += 1
        if found and tally["differ"] <= chosen.most:
            less = smaller(case)
            print(json.dumps({k: v for k, v in less.items() if k != "saved"}, ensure_ascii=False))
            print(*compare.differences(less)[:6], sep="\n", end="\n\n")
    for name, count in tally.most_common():
        print(f"{count:6} {name}")
    return 1 if tally["differ"] else 0


if __name__ == "__main__":
    sys.exit(main())
