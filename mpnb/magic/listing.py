"""A small table that a sub-command shows: aligned text in a terminal, HTML in a notebook.

Enters: names of columns and rows. Leaves: a mimebundle. The surprise: numbers are written as the
tables under charts write them, by the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mpnb.chart import display, words
from mpnb.chart.svg_marks import escape
from mpnb.chart.table import Table

MOST_ROWS = 100
WIDEST = 72
"""Characters of a cell; a list of objects would push the other columns off the page."""


class Listing:
    """Rows under a title."""

    def __init__(
        self, title: str, head: Sequence[str], rows: Sequence[Sequence[Any]], empty: str = ""
    ) -> None:
        self.title = title
        self.rows = rows
        self._empty = empty or "Nothing to list."
        shown = rows[:MOST_ROWS]
        numeric = [
            bool(shown) and all(isinstance(row[at], (int, float)) for row in shown)
            for at in range(len(head))
        ]
        self._table = Table(
            head=list(head),
            rows=[[_text(cell) for cell in row] for row in shown],
            total=len(rows),
            wide=len(head),
            numeric=numeric,
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        title = f"<p><strong>{escape(self.title)}</strong></p>"
        body = display.html_table(self._table) or f"<p>{escape(self._empty)}</p>"
        return {"text/html": f"<div>{title}{body}</div>", "text/plain": repr(self)}

    def __repr__(self) -> str:
        body = display.text_table(self._table) if self.rows else self._empty
        return f"{self.title}\n\n{body}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return words.number(value)
    text = str(value)
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
