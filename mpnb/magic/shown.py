"""An answer with a chart that a person chose, in place of the one that fits best.

Enters: a result and a chart's name. Leaves: the same bundle that the result shows, drawn so.
"""

from __future__ import annotations

from typing import Any

from mpnb.chart import display


class Shown:
    """A result that shows itself with a given chart."""

    def __init__(self, result: Any, chart: str) -> None:
        self.result = result
        self.chart = chart

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return display.mimebundle(self.result, self.chart)

    def __repr__(self) -> str:
        return display.text(self.result, self.chart)
