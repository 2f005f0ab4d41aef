"""The same questions in SQL, for chDB and for DuckDB, as a person would write them.

Enters: a question. Leaves: one statement whose rows are labels and a number. The surprise: the two
funnels answer different questions. chDB's `windowFunnel` takes the best of all starts of a user;
DuckDB's chained joins follow mpnb's rule (the first start, two seconds of grace) to the letter.
Both tables hold nothing outside the range, so the statements need not restrict it.
"""

from __future__ import annotations

from tests.benchmarks.questions import (
    ANCHOR,
    BIRTH,
    COUNTED,
    COUNTRIES,
    EVERYTHING,
    RETURN,
    STEPS,
    WINDOW_DAYS,
    Question,
)

WINDOW = WINDOW_DAYS * 86400
_IN = ", ".join(f"'{country}'" for country in COUNTRIES)


def _where(question: Question) -> str:
    return f"AND country IN ({_IN})" if question.split else ""


def _segment(question: Question) -> str:
    return "plan" if question.split else f"'{EVERYTHING}'"


def chdb(question: Question) -> str:
    """The statement for chDB."""
    return {
        "funnel": _chdb_funnel, "retention": _chdb_retention, "dau": _chdb_dau,
        "totals": _chdb_totals, "flow": _chdb_flow,
    }[question.key](question)  # fmt: skip


def _chdb_funnel(question: Question) -> str:
    steps = ", ".join(f"event = '{step}'" for step in STEPS)
    names = ", ".join(f"'{step}'" for step in STEPS)
    levels = f"""SELECT {_segment(question)} AS segment, user,
        windowFunnel({WINDOW})(time, {steps}) AS level
      FROM events WHERE event IN ({names}) {_where(question)} GROUP BY segment, user"""
    return _cumulated(levels)


def chdb_funnel_first(question: Question) -> str:
    """windowFunnel over the first start of each user only: mpnb's rule but for the grace."""
    steps = ", ".join(f"event = '{step}'" for step in STEPS[1:])
    names = ", ".join(f"'{step}'" for step in STEPS)
    levels = f"""SELECT {_segment(question)} AS segment, user,
        windowFunnel({WINDOW})(time, event = '{STEPS[0]}' AND time = start, {steps}) AS level
      FROM events INNER JOIN (
        SELECT user, min(time) AS start FROM events WHERE event = '{STEPS[0]}' GROUP BY user
      ) AS starts USING user
      WHERE event IN ({names}) {_where(question)} GROUP BY segment, user"""
    return _cumulated(levels)


def _cumulated(levels: str) -> str:
    return f"""SELECT segment, step, count() FROM ({levels})
      ARRAY JOIN range(1, level + 1) AS step GROUP BY segment, step"""


def _chdb_retention(question: Question) -> str:
    segment = _segment(question)
    return f"""SELECT segment, week, intDiv(returned.time - born, 604800) AS bucket,
        uniqExact(user)
      FROM (SELECT user, time FROM events WHERE event = '{RETURN}' {_where(question)}) AS returned
      INNER JOIN (
        SELECT {segment} AS segment, user, toMonday(time) AS week, min(time) AS born
        FROM events WHERE event = '{BIRTH}' {_where(question)} GROUP BY segment, user, week
      ) AS births USING user
      WHERE returned.time >= born GROUP BY segment, week, bucket"""


def _chdb_dau(question: Question) -> str:
    by = "platform, plan" if question.split else "platform"
    return f"""SELECT {by}, toDate(time) AS day, uniqExact(user) FROM events
      WHERE event = '{COUNTED}' {_where(question)} GROUP BY {by}, day"""


def _chdb_totals(question: Question) -> str:
    return f"""SELECT {_segment(question)} AS segment, toDate(time) AS day, count() FROM events
      WHERE event = '{COUNTED}' {_where(question)} GROUP BY segment, day"""


def _chdb_flow(question: Question) -> str:
    leads = ", ".join(
        f"leadInFrame(toNullable(event), {k}) OVER w AS e{k}, "
        f"leadInFrame(toNullable(time), {k}) OVER w AS t{k}"
        for k in (1, 2, 3)
    )
    shown = ", ".join(f"if(t{k} <= time + {WINDOW}, e{k}, NULL) AS f{k}" for k in (1, 2, 3))
    plan = "plan, " if question.split else ""
    return f"""SELECT {_segment(question)} AS segment, {shown}, count() FROM (
        SELECT * FROM (
          SELECT user, event, time, insert_id, {plan}{leads} FROM events
          WHERE 1 {_where(question)}
          WINDOW w AS (PARTITION BY user ORDER BY time, insert_id
                       ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
        ) WHERE event = '{ANCHOR}' ORDER BY user, time, insert_id LIMIT 1 BY user
      ) GROUP BY segment, f1, f2, f3"""


def duckdb(question: Question) -> str:
    """The statement for DuckDB."""
    return {
        "funnel": _duckdb_funnel, "retention": _duckdb_retention, "dau": _duckdb_dau,
        "totals": _duckdb_totals, "flow": _duckdb_flow,
    }[question.key](question)  # fmt: skip


def _duckdb_funnel(question: Question) -> str:
    parts = [
        f"""s1 AS (SELECT {_segment(question)} AS segment, user, min(time) AS start,
        min(time) AS time FROM events
        WHERE event = '{STEPS[0]}' {_where(question)} GROUP BY ALL)"""
    ]
    for k, step in enumerate(STEPS[1:], start=2):
        before = f"s{k - 1}"
        parts.append(
            f"""s{k} AS (SELECT segment, user, start, min(events.time) AS time FROM {before}
        JOIN events USING (user) WHERE event = '{step}'
        AND events.time >= {before}.time - INTERVAL 2 SECOND
        AND events.time <= start + INTERVAL {WINDOW} SECOND GROUP BY ALL)"""
        )
    counts = " UNION ALL ".join(
        f"SELECT segment, {k} AS step, count(*) FROM s{k} GROUP BY segment"
        for k in range(1, len(STEPS) + 1)
    )
    return f"WITH {', '.join(parts)} {counts}"


def _duckdb_retention(question: Question) -> str:
    segment = _segment(question)
    return f"""WITH births AS (
        SELECT {segment} AS segment, user, date_trunc('week', time)::DATE AS week,
          min(time) AS born
        FROM events WHERE event = '{BIRTH}' {_where(question)} GROUP BY ALL
      )
      SELECT segment, week, (epoch(events.time) - epoch(born))::BIGINT // 604800 AS bucket,
        count(DISTINCT user)
      FROM events JOIN births USING (user)
      WHERE event = '{RETURN}' {_where(question)} AND events.time >= born GROUP BY ALL"""


def _duckdb_dau(question: Question) -> str:
    by = "platform, plan" if question.split else "platform"
    return f"""SELECT {by}, time::DATE AS day, count(DISTINCT user) FROM events
      WHERE event = '{COUNTED}' {_where(question)} GROUP BY ALL"""


def _duckdb_totals(question: Question) -> str:
    return f"""SELECT {_segment(question)} AS segment, time::DATE AS day, count(*) FROM events
      WHERE event = '{COUNTED}' {_where(question)} GROUP BY ALL"""


def _duckdb_flow(question: Question) -> str:
    leads = ", ".join(
        f"lead(event, {k}) OVER w AS e{k}, lead(time, {k}) OVER w AS t{k}" for k in (1, 2, 3)
    )
    shown = ", ".join(
        f"CASE WHEN t{k} <= time + INTERVAL {WINDOW} SECOND THEN e{k} END AS f{k}"
        for k in (1, 2, 3)
    )
    plan = "plan, " if question.split else ""
    return f"""WITH following AS (
        SELECT user, event, time, rowid AS place, {plan}{leads} FROM events
        WHERE true {_where(question)}
        WINDOW w AS (PARTITION BY user ORDER BY time, rowid)
      ), firsts AS (
        SELECT * FROM following WHERE event = '{ANCHOR}'
        QUALIFY row_number() OVER (PARTITION BY user ORDER BY time, place) = 1
      )
      SELECT {_segment(question)} AS segment, {shown}, count(*) FROM firsts GROUP BY ALL"""
