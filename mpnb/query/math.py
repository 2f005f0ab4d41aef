"""The table of math types: one row each, with all that is known about it.

Enters a word, leaves a row. The surprise: one word can mean different things in different kinds
(`total` counts events in insights and conversions in funnels), so there is a table per kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Needs = Literal["required", "refused", "optional"]


@dataclass(frozen=True, slots=True)
class Math:
    """One way to count: its name, how it treats a property, and how params spell it."""

    name: str
    needs: Needs
    help: str
    wire: str
    counts_users: bool = False


def _row(
    name: str, needs: Needs, help: str, *, wire: str | None = None, counts_users: bool = False
) -> tuple[str, Math]:
    return name, Math(name, needs, help, wire or name, counts_users)


INSIGHTS_MATHS: dict[str, Math] = dict(
    (
        _row("total", "optional", "number of events, or the sum of a property"),
        _row("unique", "refused", "number of users", counts_users=True),
        _row("dau", "refused", "users of each day", counts_users=True),
        _row("wau", "refused", "users of the seven days up to each day", counts_users=True),
        _row("mau", "refused", "users of the thirty days up to each day", counts_users=True),
        _row("average", "required", "mean of a property"),
        _row("median", "required", "median of a property"),
        _row("min", "required", "smallest value of a property"),
        _row("max", "required", "largest value of a property"),
        _row("p25", "required", "25th percentile of a property"),
        _row("p75", "required", "75th percentile of a property"),
        _row("p90", "required", "90th percentile of a property"),
        _row("p99", "required", "99th percentile of a property"),
        _row(
            "percentile",
            "required",
            "percentile of a property, given by percentile_value",
            wire="custom_percentile",
        ),
        _row("histogram", "required", "users per value of a per-user aggregate"),
        _row("cumulative_unique", "refused", "users so far in the range"),
        _row("sessions", "refused", "number of sessions with the event"),
        _row("unique_values", "required", "number of different values of a property"),
        _row("most_frequent", "required", "value of a property that is seen most"),
        _row("first_value", "required", "first value of a property"),
        _row("multi_attribution", "required", "credit of a property's values"),
        _row("numeric_summary", "required", "count, mean and spread of a property"),
    )
)

FUNNEL_MATHS: dict[str, Math] = dict(
    (
        _row("conversion_rate_unique", "refused", "share of users who convert"),
        _row("conversion_rate_total", "refused", "share of entries that convert"),
        _row("conversion_rate_session", "refused", "share of sessions that convert"),
        _row("unique", "refused", "users per step"),
        _row("total", "optional", "entries per step, or the sum of a property"),
        _row("average", "required", "mean of a property per step"),
        _row("median", "required", "median of a property per step"),
        _row("min", "required", "smallest value of a property per step"),
        _row("max", "required", "largest value of a property per step"),
        _row("p25", "required", "25th percentile of a property per step"),
        _row("p75", "required", "75th percentile of a property per step"),
        _row("p90", "required", "90th percentile of a property per step"),
        _row("p99", "required", "99th percentile of a property per step"),
        _row("histogram", "required", "distribution of a property per step"),
    )
)

RETENTION_MATHS: dict[str, Math] = dict(
    (
        _row("retention_rate", "refused", "share of the cohort that returns"),
        _row("unique", "refused", "users of the cohort that return"),
        _row("total", "optional", "returns, or the sum of a property over them"),
        _row("average", "required", "mean over the returning users of a property's sum"),
    )
)

PER_USER_AGGREGATIONS: dict[str, str] = {
    "unique_values": "number of different values",
    "total": "sum",
    "average": "mean",
    "min": "smallest value",
    "max": "largest value",
}
"""What is made of one user's values before the math."""

ALL_MATHS = frozenset(INSIGHTS_MATHS) | frozenset(FUNNEL_MATHS) | frozenset(RETENTION_MATHS)

WIRE_MATHS: dict[str, str] = {row.wire: row.name for row in INSIGHTS_MATHS.values()}
"""How params spell a math of insights → its name."""

SEGMENT_METHODS = ("all", "first")


def needs(math: Any, table: Mapping[str, Math]) -> Needs:
    """Tell how a math treats a property: as its kind's table says, or else that of insights.

    A word that is in none of them refuses a property: which math it should be is found later.
    """
    row = (table.get(math) or INSIGHTS_MATHS.get(math)) if isinstance(math, str) else None
    return "refused" if row is None else row.needs


def wire(math: str) -> str:
    """Return how params spell a math; words that are not known stay as they are."""
    row = INSIGHTS_MATHS.get(math) if isinstance(math, str) else None
    return math if row is None else row.wire
