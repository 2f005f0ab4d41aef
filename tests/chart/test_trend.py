"""What is said of lines: whole buckets only, totals where they add up, weeks for days."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mpnb import chart, params
from mpnb.chart.display import html
from mpnb.engine.duckdb.engine import DuckEngine
from mpnb.engine.duckdb.store import Store
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.retention import retention
from mpnb.query.window import TimeComparison
from mpnb.result import Provenance, read
from tests.engine.stores import event

DAY = 86_400
FIRST = int(dt.datetime(2025, 1, 1, 12, tzinfo=dt.UTC).timestamp())
RANGE: dict[str, Any] = {"from_date": "2025-01-01", "to_date": "2025-02-12"}


def store(per_day: Any) -> Store:
    """Events A of other users each day of 1 January to 12 February 2025, 12:00 of which is now."""
    rows = [
        event("A", f"{day}-{n}", FIRST + day * DAY, half="odd" if day % 2 else "even")
        for day in range(43)
        for n in range(per_day(day))
    ]
    rows += [
        event("B", "0-0", FIRST + DAY),
        event("B", "7-0", FIRST + 8 * DAY),
        event("B", "40-0", FIRST + 41 * DAY),
    ]
    return Store.from_rows(rows, now="2025-02-12T12:00:01+00:00", timezone="UTC", settings={})


def answer(question: Any, per_day: Any = lambda day: 1 + day // 7) -> Any:
    asked = params.build(question)
    raw = DuckEngine(store(per_day)).run(question.kind, asked)
    return read(question.kind, raw, asked, Provenance(engine="local", source="test"))


def sentence(question: Any, per_day: Any = lambda day: 1 + day // 7) -> str:
    return chart.summary(answer(question, per_day))


CASES = {
    "weeks that are not whole": (
        insights("A", math="unique", unit="week", **RANGE),
        (
            "A (users) went from 12 in the first whole week (6 Jan 2025) to 40 in the last "
            "(3 Feb 2025), up 233.3 %, its highest."
        ),
    ),
    "sums": (
        insights("A", unit="week", **RANGE),
        (
            "A went from 12 in the first whole week (6 Jan 2025) to 40 in the last (3 Feb 2025), "
            "up 233.3 %, its highest; 154 in all."
        ),
    ),
    "days": (
        insights("A", math="unique", **RANGE),
        (
            "A (users) averaged 6 a day in the last 7 whole days, up 20.0 % on the 7 days before; "
            "the highest was 6 on 11 Feb 2025."
        ),
    ),
    "running totals": (
        insights("A", cumulative=True, **RANGE),
        "A adds up to 154 from 1 Jan 2025 to 12 Feb 2025.",
    ),
    "segments that add up": (
        insights("A", group_by="half", unit="week", **RANGE),
        (
            "A by half from 1 Jan 2025 to 12 Feb 2025: even is highest with 79 in all, odd lowest "
            "with 75."
        ),
    ),
    "segments that do not": (
        insights("A", math="unique", group_by="half", unit="week", **RANGE),
        (
            "A (users) by half: in the last whole week (3 Feb 2025), odd is highest with 23, even "
            "lowest with 17."
        ),
    ),
    "one bucket": (
        insights("A", from_date="2025-01-05", to_date="2025-01-05"),
        "A was 1 on 5 Jan 2025.",
    ),
    "entries that may still convert": (
        funnel(["A", "B"], mode="trends", conversion_window=7, unit="week", **RANGE),
        (
            "Conversion is 8.3 % for entries of 6 Jan 2025 and 0.0 % for those of 27 Jan 2025, the "
            "last with their whole time to convert."
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_sentences(name: str) -> None:
    question, expected = CASES[name]
    assert sentence(question) == expected


def test_one_person_is_no_people() -> None:
    asked = funnel(["A", "B"], from_date="2025-01-01", to_date="2025-01-02")
    assert sentence(asked, lambda day: 1 if day == 0 else 0).startswith(
        "Of 1 person who did A, 100"
    )


BEFORE: dict[str, Any] = {"from_date": "2025-01-20", "to_date": "2025-02-02"}
AGAIN = TimeComparison.absolute_start("2025-01-06")


def subtitle(question: Any, name: str | None = None) -> str:
    title = chart.spec(answer(question), name)["layout"]["title"]
    return str(title.get("subtitle", {}).get("text", ""))


def test_the_compared_period_is_drawn_beside_each_line() -> None:
    question = insights("A", group_by="half", time_comparison=AGAIN, **BEFORE)
    drawn = [trace["name"] for trace in chart.spec(answer(question), "line")["data"]]
    assert drawn == ["even", "odd", "even, compared period", "odd, compared period"]
    assert subtitle(question, "line") == "dotted: the compared period"
    assert subtitle(question, "bar") == "the compared period is in .comparison"


def test_the_compared_period_of_one_line_is_in_its_sentence() -> None:
    told = sentence(insights("A", time_comparison=AGAIN, **BEFORE))
    assert told.endswith("; 59 in all, up 90.3 % on 31 in the compared period.")


def test_the_compared_period_of_a_funnel_is_marked_on_its_bars() -> None:
    question = funnel(["A", "B"], time_comparison=AGAIN, conversion_window=3, **BEFORE)
    marks = chart.spec(answer(question), "steps")["data"][-1]
    assert (marks["type"], marks["name"], marks["y"]) == (
        "scatter",
        "Compared period",
        [None, 0.0322581],
    )
    assert "(3.2 % in the compared period)" in sentence(question)
    assert "(3.2 % in the" in html(answer(question), "steps")


def test_the_compared_period_of_retention() -> None:
    asked: dict[str, Any] = {"retention_unit": "day", "time_comparison": AGAIN, **BEFORE}
    question = retention("A", "B", **asked)
    assert chart.spec(answer(question), "curve")["data"][-1]["name"] == "Compared period"
    assert subtitle(question, "heatmap").endswith("the compared period is in .comparison")


def test_segments_of_a_flow_are_pointed_at() -> None:
    question = flow("A", segments="half", **BEFORE)
    assert subtitle(question) == "all users drawn, the segments are in .segments()"
