"""The benchmark's tables as Markdown, and their place in the README.

Enters: measurements. Leaves: text between two markers; everything else in the README stays.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

from tests.benchmarks.questions import QUESTIONS

README = Path(__file__).parents[2] / "README.md"
START, END = "<!-- benchmark:start -->", "<!-- benchmark:end -->"
ENGINES = ("mpnb", "chDB", "DuckDB")

Row = tuple[str, ...]


def markdown(header: Row, rows: list[Row]) -> str:
    """A table; all columns but the first are right-aligned."""
    rule = ["---", *["--:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))


def seconds(value: float) -> str:
    """A time with two or three significant digits, in ms below a second."""
    if value >= 1:
        return f"{value:.1f} s"
    shown = value * 1000
    return f"{shown:.1f} ms" if shown < 100 else f"{shown:.0f} ms"


def megabytes(value: float) -> str:
    """A size in MB."""
    return f"{value / 1e6:,.0f} MB"


def ratio(ours: float, theirs: float, goal: float | None) -> str:
    """Our share of another's time; a cross when it misses the goal."""
    share = ours / theirs
    digits = 2 if share >= 0.1 else 3
    if goal is None:
        return f"{share:.{digits}f}"
    return f"{share:.{digits}f} {'✓' if share <= goal else '✗'}"


def engines(events: int, loads: dict[str, Any], asked: dict[str, Any]) -> str:
    """One size: the load, the open, and each question, engines side by side."""
    per_second = [f"{events / loads[e]['seconds']:,.0f}" for e in ENGINES]
    rows: list[Row] = [
        ("load, lines per second", *per_second, "", "", ""),
        ("load, peak memory", *(megabytes(loads[e]["peak"]) for e in ENGINES), "", "", ""),
        ("size on disk", *(megabytes(loads[e]["disk"]) for e in ENGINES), "", "", ""),
        ("open", *(seconds(asked[e]["open"]) for e in ENGINES), "", "", ""),
    ]
    rows += [_question(question, asked) for question in QUESTIONS]
    header = (
        f"{events / 1e6:g} million events",
        *ENGINES,
        "/ chDB",
        "/ DuckDB",
        "peak memory of mpnb",
    )
    return markdown(header, rows)


def _question(question: Any, asked: dict[str, Any]) -> Row:
    found = {engine: asked[engine]["questions"][question.name] for engine in ENGINES}
    ours = found["mpnb"]["best"]
    flow = question.key == "flow"
    goals = (None, 0.05) if flow else (0.5, None)
    if question.split:
        goals = (None, None)
    title = f"{question.title}{', filtered, by plan' if question.split else ''}"
    return (
        title,
        *(seconds(found[engine]["best"]) for engine in ENGINES),
        ratio(ours, found["chDB"]["best"], goals[0]),
        ratio(ours, found["DuckDB"]["best"], goals[1]),
        megabytes(found["mpnb"]["peak"]),
    )


def write(text: str) -> None:
    """Put the text between the markers of the README, at its end when they are not there."""
    whole = README.read_text()
    block = f"{START}\n{text.strip()}\n{END}"
    if START in whole:
        whole = re.sub(f"{START}.*?{END}", lambda _: block, whole, flags=re.DOTALL)
    else:
        whole = f"{whole.rstrip()}\n\n{block}\n"
    README.write_text(whole)


def amount(value: float) -> str:
    """A number with thousands separators and about three significant digits."""
    if value <= 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(value)))
    return f"{round(value, digits):,.{min(digits, 2)}f}"
