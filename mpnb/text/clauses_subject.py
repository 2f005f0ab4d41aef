"""Clauses that say what a question is about: metrics, steps, pairs and anchors.

Nothing enters. The surprise: these rows are whole questions, so an example needs no base.
"""

from __future__ import annotations

from typing import Final

from mpnb.text.clause import Clause
from mpnb.text.words import WORDS

METRIC = Clause(
    "metric",
    ("insights",),
    (*WORDS["MATH"], "percentile"),
    "What is counted: a math word and an event; several metrics stand on several lines.",
    (
        ('"Login"', "how often the event happened"),
        ('unique "Login"', "how many users did it (dau, wau, mau, sessions likewise)"),
        ('average amount of "Purchase"', "a math over a property"),
        ('percentile 95 amount of "Purchase"', "any percentile; p25, p75, p90, p99 are words too"),
        ('average amount of "Purchase" per user total', "sum per user first, then the average"),
        ('histogram amount of "Purchase" per user max', "a distribution over users"),
        ('unique "Purchase" where amount > 50 and coupon is set', "with its own conditions"),
        ('"Purchase" where country = "US" or country = "CA"', "conditions of which one must hold"),
        ('unique "Login" segment first', "the first event in the range decides the breakdown"),
        ('unique any of ("Login", "SSO Login")', "several events counted as one"),
        ("unique custom event 42", "a custom event by its id"),
        ("unique behavior 9", "a saved behavior by its id"),
        (
            'unique behavior ("Purchase" where amount > 100, "Refund") as "Money"',
            "a behavior written out",
        ),
        (
            (
                'total custom property ("A * B" as number, A = price as number, '
                'B = user.rate as number) of "Purchase"'
            ),
            "a math over a computed property",
        ),
        ('average custom property 42 of "Purchase"', "a math over a saved custom property"),
    ),
    subject=True,
)

SUBJECTS: Final = (
    METRIC,
    Clause(
        "metric ref",
        ("insights",),
        ("metric",),
        "A metric saved in the project, by its id, with changes.",
        (
            ("metric 88999", "as it is saved"),
            ('metric 88999 math percentile of amount percentile 90 as "P90"', "with another math"),
            ("metric 88999 per user total segment first order any", "with other settings"),
            ("metric 88999 step 1 bucket 3 hidden", "a step (from 1) or a bucket (from 0), hidden"),
            ('metric 88999 overrides {"color": "#fff"}', "with overrides as Mixpanel stores them"),
            ("metric 5 type warehouse", "a metric of another type"),
        ),
        subject=True,
    ),
    Clause(
        "cohort metric",
        ("insights",),
        ("cohort",),
        "The size of a saved cohort over time.",
        (('cohort 123 as "Power Users"', "with the name to show"),),
        subject=True,
    ),
    Clause(
        "funnel metric",
        ("insights",),
        ("funnel",),
        "A funnel as one line; its settings stand inside the parentheses.",
        (
            ('funnel ("Signup" -> "Purchase", within 7 days)', "its conversion rate over time"),
            ('funnel ("A" -> "B" -> "C") step 2 as "Rate"', "up to a step (counted from 1)"),
            ('funnel ("A" -> "B") math p90 of amount', "a math over a property"),
            ("funnel 3120", "a saved funnel behavior"),
            (
                'funnel ("A" -> "B", order any, excluding "C", holding platform, reentry basic)',
                "with every setting",
            ),
        ),
        subject=True,
    ),
    Clause(
        "retention metric",
        ("insights",),
        ("retention",),
        "A retention as one line; its settings stand inside the parentheses.",
        (
            ('retention ("Signup" -> "Login", daily) bucket 7', "day-7 retention over time"),
            ('retention ("Signup" -> "Login") cumulative', "returned at any time so far"),
            ('retention ("Signup" -> "Buy") math average of amount', "a math over a property"),
            ("retention 77", "a saved retention behavior"),
            (
                'retention ("A" -> "B", monthly, align interval_start, at 1, 3, unbounded none)',
                "with every setting",
            ),
        ),
        subject=True,
    ),
    Clause(
        "formula",
        ("insights",),
        ("formula",),
        "Arithmetic over the metrics above (A is the first), or over metrics of its own.",
        (
            (
                'unique "Signup", unique "Buy", formula B / A * 100 as "Rate"',
                "over the lines above; A is the first",
            ),
            (
                'formula A * 100 of (unique "Purchase") as "Percent"',
                "over metrics in the parentheses",
            ),
            ('formula A / B of (total amount of "Buy", unique "Buy") as "ARPPU"', "over two"),
        ),
        subject=True,
    ),
    Clause(
        "steps",
        ("funnel",),
        (),
        "The steps, joined by arrows; a line may begin with an arrow.",
        (
            ('"View" -> "Cart" -> "Purchase"', "three steps"),
            ('"View" -> "Purchase" as "Bought" where amount > 50', "a label and conditions"),
            ('"View" -> "Purchase" where a = 1 or b = 2', "conditions of which one must hold"),
            ('"View" -> "Cart" order any -> "Purchase" order any', "an order for single steps"),
            ("behavior 3120", "a saved funnel behavior"),
        ),
        subject=True,
    ),
    Clause(
        "pair",
        ("retention",),
        (),
        "The event that bears a cohort, and the event of a return.",
        (
            ('"Signup" -> "Login"', "two events"),
            ('"Signup" where source = "ad" -> "Login" where a is set', "with conditions"),
            ("behavior 77", "a saved retention behavior"),
        ),
        subject=True,
    ),
    Clause(
        "anchors",
        ("flow",),
        (),
        "The events that paths run from and to.",
        (
            ('"Purchase"', "one event"),
            ('"Purchase" forward 3 back 1', "steps after and before it"),
            ('"Signup" -> "Purchase" as "Buy" where amount > 50', "several, with conditions"),
            ("session start", "the start of a session"),
            ("session end back 3 forward 0", "the end of a session"),
        ),
        subject=True,
    ),
)
