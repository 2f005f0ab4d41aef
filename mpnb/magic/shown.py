"""An answer with a chart that a person chose, in place of the one that fits best.

Enters: a result and a chart's name. Leaves: what the result shows, drawn so.
"""

from __future__ import annotations

from typing import Any

from mpnb.chart import display


class Shown:
    """A result that shows itself with a given chart."""

    def __init__(self, result: Any, chart: str) -> None:
        self.result = result
        self.chart = chart

    def _ipython_display_(self) -> None:
        display.show(self.result, self.chart)

    def __repr__(self) -> str:
        return display.text(self.result, self.chart)
