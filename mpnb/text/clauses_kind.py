"""Clauses that belong to one kind of question, or to two.

Nothing enters. The surprise: `show` is a clause of every kind and means profiles in users.
"""

from __future__ import annotations

from typing import Final

from mpnb.text.clause import Clause
from mpnb.text.words import AGGREGATES, CADENCES

INSIGHTS: Final = (
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

FUNNEL: Final = (
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

RETENTION: Final = (
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
        "Bucket sizes, ascending, in units of the cadence or in units that are named.",
        (
            ("at 1, 3, 7, 14, 30", "five buckets"),
            ("at days 1, 7, 30", "days are the unit of the buckets"),
            ("weekly, at days 1, 7, 30", "weekly cohorts (per week), buckets in days"),
        ),
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

FLOW: Final = (
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

USERS: Final = (
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
