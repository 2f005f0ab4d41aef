"""Do the three engines give the same numbers? Where not, is it the known difference?

Enters: what the child processes measured. Leaves: findings in words; an empty list means that all
numbers agree or differ only as the definitions do. The surprise: chDB's plain `windowFunnel` is not
compared number by number, because it follows the best of all starts of a user, not the first; a
second, untimed statement over first starts is, and may be off by the two seconds of grace.
"""

from __future__ import annotations

from typing import Any

from tests.benchmarks.questions import QUESTIONS, Answer

GRACE = 1e-3
"""Share of a funnel's count by which two seconds of grace may move it; times are random here."""


def compare(measured: dict[str, dict[str, Any]]) -> list[str]:
    """Findings over all questions; `measured` holds one engine's answers each."""
    found = []
    ours = measured["mpnb"]["questions"]
    for question in QUESTIONS:
        expected = _numbers(ours[question.name]["answer"])
        for engine in [name for name in measured if name != "mpnb"]:
            theirs = measured[engine]["questions"][question.name]
            close = theirs["check"] is not None
            answer = _numbers(theirs["check"] if close else theirs["answer"])
            found += _differences(f"{question.name}, {engine}", expected, answer, close)
            if close:
                found += _best_of_all(question.name, expected, _numbers(theirs["answer"]))
    return found


def _numbers(rows: list[Any]) -> Answer:
    return {tuple(labels): number for *labels, number in rows}


def _differences(what: str, ours: Answer, theirs: Answer, close: bool) -> list[str]:
    wrong = [
        key
        for key in sorted({*ours, *theirs})
        if abs(ours.get(key, 0) - theirs.get(key, 0))
        > (max(2, GRACE * ours.get(key, 0)) if close else 0)
    ]
    shown = [f"{key}: mpnb {ours.get(key, 0)}, other {theirs.get(key, 0)}" for key in wrong[:3]]
    return [f"{what}: {len(wrong)} of {len(ours)} numbers differ, as {'; '.join(shown)}"] * bool(
        wrong
    )


def _best_of_all(name: str, ours: Answer, theirs: Answer) -> list[str]:
    """The best of all starts reaches at least as far as the first one; entries are the same."""
    wrong = [
        key
        for key in ours
        if (
            ours[key] != theirs.get(key, 0)
            if key[-1] == "1"
            else ours[key] > theirs.get(key, 0) + 2
        )
    ]
    return [f"{name}: windowFunnel reaches less than the first start, as {wrong[:3]}"] * bool(wrong)
