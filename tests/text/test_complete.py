"""What completion offers at a cursor: `|` in the text."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

import pytest

from mpnb import text
from mpnb.query.words import Kind
from mpnb.text.clauses import CLAUSES, body


class Shop:
    """A schema with a few names, some of them strange."""

    def events(self) -> Sequence[str]:
        return ["Login", "Purchase", "View Item", 'say "hi"']

    def properties(self, event: str | None) -> Sequence[str]:
        if event == "Purchase":
            return ["amount", "platform", "gift card", "order"]
        return ["platform", "country", "gift card"]

    def profile_properties(self) -> Sequence[str]:
        return ["plan", "$email"]

    def values(self, prop: str) -> Sequence[str | int | float | bool]:
        known: dict[str, list[str | int | float | bool]] = {
            "platform": ["iOS", "Android"],
            "amount": [5, 9.5],
        }
        return known.get(prop, [])


def offers(marked: str, kind: Kind = "insights") -> list[text.Candidate]:
    return text.complete(marked.replace("|", ""), marked.index("|"), kind, Shop())


CASES: list[tuple[Kind, str, list[str], list[str]]] = [
    # kind, text, some that are offered, some that are not
    ("insights", "|", ['"Login"', "unique", "formula", "where"], ["within", "plan"]),
    ("insights", "un|", ["unique", "unique_values"], ["total", "where"]),
    ("insights", '"Login"\nby us|', ["user.plan"], ['"Login"']),
    ("insights", '"Login"\nby user.|', ["user.plan", "user.$email"], ["platform"]),
    ("retention", '"A" -> "B"\nby user.pl|', ["user.plan"], ["user.$email", "platform"]),
    ("insights", "unique |", ['"Login"', "any", "custom"], ["where", "last"]),
    ("insights", "average |", ["platform", '"Purchase"'], []),
    ("insights", 'unique "Pu|', ['"Purchase"'], ['"Login"']),
    ("insights", 'unique "Pu|"\nby x', ['"Purchase"'], ['"Login"']),
    ("insights", 'unique "say|', ['"say \\"hi\\""'], []),
    ("insights", 'average amount of "|', ['"Login"', '"Purchase"'], ["amount"]),
    ("insights", '"Login"\n|', ["where", "by", "last", "rolling", '"Login"'], ["within", "is set"]),
    ("insights", '"Login" |', ["where", "per", "segment"], ["rolling"]),
    ("insights", '"Purchase"\nby |', ["amount", '"order"', '"gift card"', "cohort"], ["last"]),
    ("insights", '"Purchase"\nby pl|', ["platform"], ["amount"]),
    ("insights", '"Purchase"\nby "gi|', ['"gift card"'], ["amount"]),
    ("insights", '"Login"\nby platform, |', ["country", "last", "where"], ["amount"]),
    ("insights", '"Login"\nby platform, la|', ["last"], ["country"]),
    ("insights", '"Login"\nwhere |', ["platform", "user.plan", "did", "in cohort"], ["last"]),
    ("insights", '"Login"\nwhere user.|', ["user.plan", "user.$email"], ["platform"]),
    ("insights", '"Login"\nwhere user.pl|', ["user.plan"], ["user.$email"]),
    ("insights", '"Login"\nwhere platform |', ["=", "is set", "contains", "in the last"], ["last"]),
    ("insights", '"Login"\nwhere platform is n|', ["is not set"], ["is set", "in"]),
    ("insights", '"Login"\nwhere platform = |', ['"iOS"', '"Android"'], ["platform"]),
    ("insights", '"Login"\nwhere platform = "A|', ['"Android"'], ['"iOS"']),
    ("insights", '"Login"\nwhere platform in ("iOS", |', ['"Android"'], ["last"]),
    ("insights", '"Login"\nwhere amount > |', ["5", "9.5"], ['"iOS"']),
    ("insights", '"Login"\nlast 90 |', ["days", "weeks"], ["seconds"]),
    ("insights", '"Login"\nlast 90 days per |', ["hour", "week", "quarter"], ["days"]),
    ("insights", '"Login"\nshow |', ["timeseries", "total"], ["steps"]),
    ("insights", '"Login"\nby amount in b|', ["in buckets of"], ["between"]),
    ("insights", '"Login" # by |', [], ["platform"]),
    ("insights", '"Login" as "|', [], ['"Login"']),
    ("funnel", '"Login" -> |', ['"Purchase"'], ["where", "platform"]),
    ("funnel", '"Login" -> "Purchase" |', ["->", "where", "as"], ["by"]),
    ("funnel", '"Login" -> "Purchase"\nwithin 7 |', ["days", "hours"], ["quarter"]),
    ("funnel", '"Login" -> "Purchase"\nexcluding "L|', ['"Login"'], ['"Purchase"']),
    ("retention", '"Login" -> "Login"\n|', ["daily", "at", "unbounded"], ["rolling"]),
    ("flow", '"Login"\n|', ["forward", "top", "collapse", "hide"], ["per"]),
    ("users", "|", ["show", "profiles", "where"], ["last", '"Login"']),
    ("users", "show |", ["plan", "$email"], ["platform"]),
    ("users", "show plan, so|", ["sort"], ["plan"]),
]


@pytest.mark.parametrize(("kind", "marked", "some", "others"), CASES)
def test_what_is_offered(kind: Kind, marked: str, some: list[str], others: list[str]) -> None:
    found = [candidate.text for candidate in offers(marked, kind)]
    assert [word for word in some if word not in found] == []
    assert [word for word in others if word in found] == []
    assert len(found) == len(set(found))


@pytest.mark.parametrize("marked", [marked for _, marked, some, _ in CASES if some])
def test_a_candidate_replaces_what_is_typed(marked: str) -> None:
    kind = next(kind for kind, other, *_ in CASES if other == marked)
    source, cursor = marked.replace("|", ""), marked.index("|")
    for candidate in offers(marked, kind):
        assert candidate.start <= cursor <= candidate.end
        typed = source[candidate.start : cursor].strip("\"'").lower()
        assert " ".join(typed.split()) in candidate.text.lower().replace('\\"', '"')


def test_clauses_have_help() -> None:
    assert all(candidate.help for candidate in offers('"Login"\nby platform, l|'))


@pytest.mark.parametrize("end", range(0, 60, 7))
def test_completion_never_fails(end: int) -> None:
    for clause in CLAUSES:
        for line, _ in clause.examples:
            source = body(clause, line, clause.kinds[0])
            text.complete(source, min(end, len(source)), clause.kinds[0], Shop())


def test_completion_is_quick() -> None:
    marked = '"Login"\nwhere platform = "iOS" and |\nby country\nlast 90 days'
    offers(marked)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        offers(marked)
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < 0.02
