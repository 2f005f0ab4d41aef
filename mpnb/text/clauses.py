"""Every clause of the cell language, one row each: the table behind docs, completion and hints.

Nothing enters. The surprise: `words` is what a clause may begin with; after a comma such a word
begins the clause, so a property of that name must be quoted there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mpnb.query.words import Kind
from mpnb.text.words import AGGREGATES, CADENCES, WORDS

KINDS: Final[tuple[Kind, ...]] = ("insights", "funnel", "retention", "flow", "users")


@dataclass(frozen=True)
class Clause:
    """One clause: what it is called, how it begins, where it may stand, and examples.

    Each example is a clause (or, for a subject, the question itself) with what it means.
    """

    name: str
    kinds: tuple[Kind, ...]
    words: tuple[str, ...]
    help: str
    examples: tuple[tuple[str, str], ...]
    subject: bool = False

    @property
    def example(self) -> str:
        """The first example."""
        return self.examples[0][0]


_TIMED: Final[tuple[Kind, ...]] = ("insights", "funnel", "retention", "flow")
_REPORTS: Final[tuple[Kind, ...]] = ("insights", "funnel", "retention")

_METRIC = Clause(
    "metric",
    ("insights",),
    WORDS["MATH"],
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
            'total custom property ("A * B" as number, A = price as number, '
            'B = user.rate as number) of "Purchase"',
            "a math over a computed property",
        ),
        ('average custom property 42 of "Purchase"', "a math over a saved custom property"),
    ),
    subject=True,
)

_SUBJECTS: Final = (
    _METRIC,
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

_SHARED: Final = (
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
                'where in cohort ((did "A" with total amount at least 9 within 2 weeks or '
                'did not "B" within 7 days) and (plan = "pro" or in cohort 5))',
                "criteria that nest",
            ),
            (
                'where in cohort (did "A" where (x = 1 and y is set) exactly 2 times '
                "from 2025-01-01 to 2025-01-31)",
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
        (('extra ["displayOptions", "value"] = "relative"', "the path in the params, the value"),),
    ),
)

_INSIGHTS: Final = (
    Clause(
        "rolling",
        ("insights",),
        ("rolling",),
        "A mean over so many units.",
        (("rolling 7", "of the last 7 units"),),
    ),
    Clause(
        "cumulative",
        ("insights", "retention"),
        ("cumulative",),
        "Add up over time.",
        (("cumulative", "running totals"),),
    ),
    Clause(
        "show (insights)",
        ("insights",),
        ("show",),
        "How the answer is arranged.",
        (("show total", "timeseries, total, table"),),
    ),
)

_FUNNEL: Final = (
    Clause(
        "within",
        ("funnel", "flow"),
        ("within",),
        "The conversion window.",
        (("within 2 weeks", "day, week, month; funnels second, minute, hour too"),),
    ),
    Clause(
        "order",
        ("funnel",),
        ("order",),
        "Whether steps must come in order.",
        (("order any", "loose, any"),),
    ),
    Clause(
        "excluding (funnel)",
        ("funnel",),
        ("excluding",),
        "Events that must not happen between steps; steps count from 1.",
        (
            ('excluding "Refund"', "anywhere"),
            ('excluding "Refund" between 1 and 2, "Error"', "between two steps; several"),
            ('excluding "Refund" after 2', "from a step to the last"),
        ),
    ),
    Clause(
        "holding",
        ("funnel",),
        ("holding",),
        "Properties that must stay the same in all steps.",
        (("holding platform, user.plan", "of the event; of the profile"),),
    ),
    Clause(
        "reentry",
        ("funnel",),
        ("reentry",),
        "How users may enter again.",
        (("reentry basic", "default, basic, aggressive, optimized"),),
    ),
    Clause(
        "math (funnel)",
        ("funnel",),
        ("math",),
        "What is computed for the steps.",
        (
            ("math conversion_rate_total", "a rate or count"),
            ("math p90 of amount", "a math over a property"),
        ),
    ),
    Clause(
        "show (funnel)",
        ("funnel",),
        ("show",),
        "How the answer is arranged.",
        (("show trends", "steps, trends, table"),),
    ),
)

_RETENTION: Final = (
    Clause(
        "cadence",
        ("retention",),
        tuple(CADENCES),
        "The unit of the buckets.",
        (("daily", "daily, weekly, monthly"),),
    ),
    Clause(
        "align",
        ("retention",),
        ("align",),
        "Where buckets begin.",
        (("align interval_start", "birth, interval_start"),),
    ),
    Clause(
        "at",
        ("retention",),
        ("at",),
        "Bucket sizes, ascending, in units of the cadence; the unit may be named.",
        (("at 1, 3, 7, 14, 30", "five buckets"), ("daily, at days 1, 7, 30", "with the unit")),
    ),
    Clause(
        "unbounded",
        ("retention",),
        ("unbounded",),
        "Which returns count beyond their own bucket.",
        (("unbounded carry_back", "none, carry_back, carry_forward, consecutive_forward"),),
    ),
    Clause(
        "math (retention)",
        ("retention",),
        ("math",),
        "What is computed for the buckets.",
        (("math unique", "retention_rate, unique, total, average"),),
    ),
    Clause(
        "show (retention)",
        ("retention",),
        ("show",),
        "How the answer is arranged.",
        (("show table", "curve, trends, table"),),
    ),
)

_FLOW: Final = (
    Clause(
        "forward",
        ("flow",),
        ("forward",),
        "Steps after the anchors.",
        (("forward 4", "0 to 5"),),
    ),
    Clause(
        "back",
        ("flow",),
        ("back",),
        "Steps before the anchors.",
        (("back 2", "0 to 5"),),
    ),
    Clause(
        "top",
        ("flow",),
        ("top",),
        "How many events are shown at each step; the others are drawn as one.",
        (("top 5", "1 to 50"),),
    ),
    Clause(
        "collapse",
        ("flow",),
        ("collapse",),
        "Draw repetitions of an event as one.",
        (("collapse", ""),),
    ),
    Clause(
        "hide",
        ("flow",),
        ("hide",),
        "Leave events out of the paths.",
        (('hide "Page View", "Heartbeat"', "by name"),),
    ),
    Clause(
        "excluding (flow)",
        ("flow",),
        ("excluding",),
        "Leave out paths in which an event happens.",
        (('excluding "Error"', "by name"),),
    ),
    Clause(
        "count",
        ("flow",),
        ("count",),
        "What is counted; sessions need the window of one session.",
        (("count total", "unique, total, session"), ("count session, within 1 session", "")),
    ),
    Clause(
        "show (flow)",
        ("flow",),
        ("show",),
        "How the answer is drawn.",
        (("show paths", "sankey, paths, tree"),),
    ),
)

_USERS: Final = (
    Clause(
        "show (users)",
        ("users",),
        ("show",),
        "List profiles with these properties.",
        (("show $email, plan, ltv", "by name"),),
    ),
    Clause(
        "profiles",
        ("users",),
        ("profiles",),
        "List profiles with all properties.",
        (("profiles", ""),),
    ),
    Clause(
        "aggregate",
        ("users",),
        tuple(AGGREGATES),
        "One number over all profiles that match; without any, their count.",
        (
            ("count", "how many"),
            ("extremes of ltv", "smallest and largest"),
            ("summary of ltv", "numeric summary"),
            ("percentile 95 of ltv", "a percentile"),
        ),
    ),
    Clause(
        "where selector",
        ("users",),
        ("where",),
        "A condition in Mixpanel's selector language.",
        (('where selector "properties[\\"plan\\"] == \\"pro\\""', "as one text"),),
    ),
    Clause(
        "cohort",
        ("users",),
        ("cohort",),
        "Members of a cohort.",
        (
            ("cohort 123", "by its id"),
            ('cohort (did "Buy" at least 3 times within 30 days)', "defined here"),
            ("cohort 123, all users", "with those who left it"),
        ),
    ),
    Clause(
        "by cohort",
        ("users",),
        ("by",),
        "The aggregate for each cohort.",
        (("by cohort 101, 202", "by their ids"),),
    ),
    Clause(
        "sort",
        ("users",),
        ("sort",),
        "The order of the list; descending when nothing is said.",
        (("show plan, sort ltv desc", "asc, desc"),),
    ),
    Clause(
        "limit",
        ("users",),
        ("limit", "no"),
        "How many profiles; one when nothing is said.",
        (("profiles, limit 50", "at most 50"), ("profiles, no limit", "all of them")),
    ),
    Clause(
        "search",
        ("users",),
        ("search",),
        "Profiles that hold a text.",
        (('profiles, search "acme"', ""),),
    ),
    Clause(
        "id",
        ("users",),
        ("id", "ids"),
        "Profiles by their distinct id.",
        (('profiles, id "user_1"', "one"), ('profiles, ids "user_1", "user_2"', "several")),
    ),
    Clause(
        "as of",
        ("users",),
        ("as",),
        "Profiles as they were.",
        (("profiles, as of 2024-06-30", "on a date"), ("profiles, as of 1700000000", "a time")),
    ),
    Clause(
        "group",
        ("users",),
        ("group",),
        "Group profiles in place of user profiles.",
        (('profiles, group "company"', "the group's key"),),
    ),
    Clause(
        "all users",
        ("users",),
        ("all",),
        "Keep users who are no longer in the cohort.",
        (("cohort 123, all users", ""),),
    ),
    Clause(
        "parallel",
        ("users",),
        ("parallel", "workers"),
        "Fetch pages side by side.",
        (("profiles, parallel, workers 3", "1 to 5 workers"),),
    ),
)

CLAUSES: Final[tuple[Clause, ...]] = (
    *_SUBJECTS,
    *_SHARED,
    *_INSIGHTS,
    *_FUNNEL,
    *_RETENTION,
    *_FLOW,
    *_USERS,
)
"""Every clause, in the order in which the docs show them."""

BASES: Final[dict[Kind, str]] = {
    "insights": '"Login"',
    "funnel": '"View" -> "Cart" -> "Purchase"',
    "retention": '"Signup" -> "Login"',
    "flow": '"Purchase"',
    "users": "",
}
"""The shortest question of a kind, to which an example clause is added."""

_INNER: Final = (
    *("within", "order", "excluding", "holding", "reentry"),
    *("align", "at", "unbounded", *CADENCES),
)


def of_kind(kind: Kind) -> list[Clause]:
    """Return the clauses that a kind takes."""
    return [clause for clause in CLAUSES if kind in clause.kinds]


def starters(kind: Kind) -> tuple[str, ...]:
    """Return the words that begin a clause of a kind after a comma."""
    words = [word for clause in of_kind(kind) for word in clause.words]
    return tuple(dict.fromkeys([*words, *(_INNER if kind == "insights" else ())]))


def body(clause: Clause, example: str, kind: Kind) -> str:
    """Return a whole question that holds the example."""
    base = "" if clause.subject else BASES[kind]
    return f"{base}\n{example}".strip()
