"""The reference page of the cell language: the table of clauses enters, Markdown leaves.

`python -m mpnb.text.reference` prints `docs/language.md`. The surprise: a clause that several kinds
take is listed once, with the names of the kinds beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mpnb.text.clauses import CLAUSES, KINDS, Clause
from mpnb.text.words import OPERATORS, Operator

INTRODUCTION: Final = """\
# The cell language

A question in a cell, made to be read aloud. The first line names the kind of question and, if you
like, the Python name for the answer; the rest says what is asked, one clause a line.

```
%%mpquery
unique "Signup"
unique "Purchase" where amount > 50
formula B / A * 100 as "Conversion"
by platform, amount in buckets of 50 from 0 to 500
where country in ("US", "CA") and user.plan is set
last 90 days per week, rolling 4
```

```
%%mpquery funnel checkout
"View Item" -> "Add to Cart" -> "Purchase" where amount > 50
within 7 days, excluding "Refund" between 2 and 3, holding platform
by country
last 90 days
```

```
%%mpquery retention
"Signup" -> "Login"
at days 1, 3, 7, 14, 30
last 90 days
```

```
%%mpquery flow
"Purchase" forward 3 back 1
top 5, collapse, hide "Page View"
by platform
```

```
%%mpquery users
show $email, plan, ltv
where plan = "premium"
sort ltv desc, limit 50
```

## Rules

- **Clauses** stand on lines of their own or after commas, in any order. Each may be said once; only
  metrics, formulas and extras repeat. `#` begins a comment.
- **A line goes on** after a comma or an open parenthesis, and when the next line begins with `->`,
  `and` or `or`.
- **Events** are always in quotes. **Properties** are bare words, or in quotes when they hold spaces
  or other signs, or are words of the language (`by "order"`). `user.plan` is a property of the
  profile, `plan` one of the event; in `users` every property is one of the profile.
- After a comma, a word that can begin a clause begins it: `by platform, "limit"` needs the quotes.
- **Quotes** are `"…"` or `'…'` with the escapes `\\" \\' \\\\ \\n \\t \\r \\uXXXX`. Inside
  them nothing has a meaning.
- **Values** are `"text"`, `50`, `9.5`, `true`, `false` and dates (`2025-01-31`), and after `in` a
  list of them in parentheses.
- A `where` **behind an event** is about that event; its conditions are joined by `and` or by `or`,
  not both. A `where` **on a line of its own** (or after a comma) is about the whole question, and
  its conditions are joined by `and`.
- **Steps** count from 1 (`excluding "Refund" between 2 and 3`, `step 2`). Buckets of a retention
  count from 0.
- `last 3 weeks` is 21 days and `last 2 months` is 60. The last day is today.
- `{{name}}` stands for a value of Python. It is put in, typed and quoted, before the text is read.
- What equals its default is not printed, so the shortest text is the canonical one.

"""

LIMITS: Final = """\
## What a cell cannot say

A math over a property of the profile by its plain name (the vocabulary has no such thing; say
`custom user property ("A", A = user.plan)`), a cohort metric over a cohort that is defined in the
cell, and a question that breaks a rule. Each raises an error that says so. A saved report that
holds such a thing all the same is printed whole, as `params {…}`, and reads back as it was.
"""


def page() -> str:
    """Return the reference page as Markdown."""
    parts = [INTRODUCTION]
    for title, clauses in _sections():
        parts += [f"## {title}\n\n", _table(clauses), "\n"]
    parts += ["## Operators\n\n", _operators(), "\n", LIMITS]
    return "".join(parts)


def _sections() -> Iterable[tuple[str, list[Clause]]]:
    """Yield a title with its clauses: what is asked, what all share, what one kind has."""
    yield "What is asked", [clause for clause in CLAUSES if clause.subject]
    rest = [clause for clause in CLAUSES if not clause.subject]
    shared = [clause for clause in rest if len(clause.kinds) > 2 or "(more)" in clause.name]
    yield "Clauses that kinds share", shared
    for kind in KINDS:
        own = [clause for clause in rest if clause.kinds[0] == kind and clause not in shared]
        yield f"Clauses of {kind}", own


def _table(clauses: Iterable[Clause]) -> str:
    lines = ["| clause | kinds | example | means |", "|---|---|---|---|"]
    for clause in clauses:
        kinds = "all" if clause.kinds == KINDS else ", ".join(clause.kinds)
        lines.append(f"| **{clause.name}** | {kinds} | | {_cell(clause.help)} |")
        lines += [
            f"| | | `{_cell(example)}` | {_cell(meaning)} |" for example, meaning in clause.examples
        ]
    return "\n".join(lines) + "\n"


def operator_example(row: Operator) -> str:
    """Return a condition that uses an operator."""
    value = {"string": '"a"', "number": "5", "datetime": "2025-01-31"}.get(row.implied, "")
    high = {"number": "9", "datetime": "2025-02-28"}.get(row.implied, "")
    shapes = {
        "value": f"{row.text} {value}",
        "list": f"{row.text} ({value}, {value})",
        "range": f"{row.text} {value} and {high}",
        "relative": f"{row.text} 7 days",
        "state": row.text,
    }
    return f"name {shapes[row.shape]}"


def _operators() -> str:
    lines = ["| condition | type of the property | true when the property |", "|---|---|---|"]
    lines += [
        f"| `{operator_example(row)}` | {row.implied} | {_cell(row.help)} |" for row in OPERATORS
    ]
    lines.append("| `name has any (key = 5)` (or `all`) | list of objects | has items that match |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(page(), end="")
