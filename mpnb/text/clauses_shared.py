"""Clauses that several kinds share: where, by, the range, comparison, extras.

Nothing enters. The surprise: the examples of the rows "(more)" are not valid in every kind, since
the rules of a kind may be stricter than its grammar.
"""

from __future__ import annotations

from typing import Final

from mpnb.query.words import Kind
from mpnb.text.clause import Clause

KINDS: Final[tuple[Kind, ...]] = ("insights", "funnel", "retention", "flow", "users")
"""The five kinds of question."""

_TIMED: Final[tuple[Kind, ...]] = ("insights", "funnel", "retention", "flow")
_REPORTS: Final[tuple[Kind, ...]] = ("insights", "funnel", "retention")

SHARED: Final = (
    Clause(
        "where",
        ("insights", "funnel", "retention", "flow", "users"),
        ("where",),
        "Conditions on events and profiles, joined by and.",
        (
            ('where country = "US"', "a property of the event"),
            ('where country in ("US", "CA") and user.plan = "pro"', "a list; a profile property"),
            ('where plan != "free" and plan not in ("a", "b")', "not equal, none of"),
            ("where amount > 50", "numbers: > >= < <="),
            ("where amount between 1 and 9.5", "a range, both ends included"),
            ("where coupon is set", "is set, is not set"),
            ('where email contains "@acme."', "text: contains, does not contain"),
            ("where active is true", "is true, is false"),
            ("where created on 2025-01-31", "dates: on, not on, before, since"),
            ("where created between 2025-01-01 and 2025-01-31", "a range of dates"),
            ("where created in the last 7 days", "in the last, not in the last, in the next"),
            ('where "strange name" = "x"', "any name, in quotes"),
        ),
    ),
    Clause(
        "where (more)",
        ("insights",),
        ("where",),
        "Conditions that reports take.",
        (
            ('where url starts with "https://" and url ends with ".pdf"', "the ends of a text"),
            ("where amount not between 1 and 9", "a number outside a range"),
            ('where in cohort 123 as "Power Users"', "members of a saved cohort"),
            ("where not in cohort 123", "everybody else"),
            (
                'where in cohort (did "Purchase" at least 3 times within 30 days) as "Often"',
                "members of a cohort defined here",
            ),
            (
                (
                    'where in cohort ((did "A" with total amount at least 9 within 2 weeks or '
                    'did not "B" within 7 days) and (plan = "pro" or in cohort 5))'
                ),
                "criteria that nest",
            ),
            (
                (
                    'where in cohort (did "A" where (x = 1 and y is set) exactly 2 times '
                    "from 2025-01-01 to 2025-01-31)"
                ),
                "events with conditions, between dates",
            ),
            ('where did "Login" at least 3 times in the last 30 days', "how often users did it"),
            ('where did "Login" where (a = 1) less than 2 times as "Few"', "with conditions"),
            (
                'where cart has any (brand = "nike" and price > 50)',
                "an item of a list of objects (any, all)",
            ),
            ("where custom property 42 > 5", "a saved custom property"),
            (
                'where custom user property ("UPPER(A)", A = user.city) = "PARIS"',
                "a computed property, here of profiles",
            ),
            ("where amount as number is set", "as: the type of a property"),
            ('where amount as number operator "equals" value [5, 6]', "any operator, any value"),
        ),
    ),
    Clause(
        "by",
        _TIMED,
        ("by",),
        "Breakdowns, separated by commas.",
        (
            ("by platform", "a property"),
            ("by platform, country", "several"),
            ("by user.plan", "a property of the profile"),
            ("by age in buckets of 10 from 0 to 100", "numbers in buckets"),
            ("by age as number", "as: string, number, boolean, datetime"),
            ('by cohort 123 as "Power Users"', "in a cohort, and not in it"),
            ("by custom property 42", "a saved custom property"),
        ),
    ),
    Clause(
        "by (more)",
        ("insights",),
        ("by",),
        "Breakdowns that insights takes.",
        (
            ("by cart item brand", "a key of the objects in a list"),
            ("by cart item price as number", "with its type"),
            ("by cohort 123 only", "members only"),
            (
                'by cohort (did "A" at least 3 times within 30 days) as "Often"',
                "a cohort defined here",
            ),
            ('by frequency of "Purchase"', "how often users did an event"),
            ('by frequency of "Purchase" in buckets of 5 from 0 to 50 as "Buys"', "with buckets"),
            ('by custom property ("A * 2" as number, A = amount as number)', "a computed property"),
        ),
    ),
    Clause(
        "range",
        _TIMED,
        ("last", "from", "since"),
        "The days that count. A week is 7 days and a month 30, and today is one of them.",
        (
            ("last 90 days", "the last days, today included"),
            ("last 3 weeks", "21 days"),
            ("from 2025-01-01 to 2025-03-31", "two dates, both included"),
            ("since 2025-01-01", "until today; from 2025-01-01 is the same"),
        ),
    ),
    Clause(
        "per",
        _REPORTS,
        ("per",),
        "The unit of time of the answer; may also stand right behind the range.",
        (
            ("per week", "hour, day, week, month, quarter"),
            ("last 90 days per week", "behind the range"),
        ),
    ),
    Clause(
        "compare",
        _REPORTS,
        ("compare",),
        "Another period beside the first.",
        (
            ("compare with previous month", "day, week, month, quarter, year"),
            ("compare starting 2024-01-01", "the period of the same length from a date"),
            ("compare ending 2024-12-31", "… up to a date"),
        ),
    ),
    Clause(
        "data group",
        _TIMED,
        ("data",),
        "Count groups (companies, say) in place of users.",
        (("data group 42", "the id of the group"),),
    ),
    Clause(
        "extra",
        KINDS,
        ("extra",),
        "A value of a saved report for which there is no other word; carried untouched.",
        (('extra ["note"] = {"kept": true}', "the path in the params, the value"),),
    ),
)

_EVENT: Final = '{"type": "event", "name": "Login"}'
_WHOLE: Final[dict[Kind, str]] = {
    "insights": f'{{"sections": {{"show": [{{"behavior": {_EVENT}}}]}}}}',
    **{
        kind: f'{{"sections": {{"show": [{{"behavior": {{"type": "{kind}", '
        f'"behaviors": [{_EVENT}, {_EVENT}]}}}}]}}}}'
        for kind in ("funnel", "retention")
    },
    "flow": '{"steps": [{"event": "Login"}]}',
    "users": '{"selector": "user[\\"plan\\"] == \\"pro\\""}',
}

WHOLE: Final = tuple(
    Clause(
        "params",
        (kind,),
        ("params",),
        "The whole question as params JSON, alone in its cell: so prints a saved report that "
        "breaks a rule or holds what no clause says.",
        ((f"params {json}", "as the report is saved"),),
        subject=True,
    )
    for kind, json in _WHOLE.items()
)
"""A question that is not said in clauses, per kind."""
