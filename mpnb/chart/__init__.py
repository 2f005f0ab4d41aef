"""Charts: typed results enter, plain Plotly JSON and one true sentence leave.

``spec`` makes the JSON without Plotly, ``figure`` a Plotly figure from it, ``summary`` the
sentence, ``html_page`` one static file. The surprise: this package imports no Plotly until
``figure`` is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpnb.chart.page import html_page
from mpnb.chart.registry import ROWS, build, fitting, names
from mpnb.result import AnyResult

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["ROWS", "build", "figure", "fitting", "html_page", "names", "spec", "summary"]


def spec(result: AnyResult, chart: str | None = None) -> dict[str, Any]:
    """Plain Plotly JSON of an answer: ``{"data": […], "layout": {…}}``.

    Args:
        result: the answer to a question of any kind.
        chart: a name of ``chart.names()``; None picks the best one.

    Raises:
        ParamValidationError: no such chart, or it cannot show this answer.
    """
    return build(result, chart).spec()


def summary(result: AnyResult, chart: str | None = None) -> str:
    """One sentence that says what the chart says."""
    return build(result, chart).summary


def figure(result: AnyResult, chart: str | None = None) -> go.Figure:
    """A Plotly figure of an answer, to change or to show; arguments as for ``spec``."""
    # Plotly is loaded here and not above, so that importing mpnb stays light.
    import plotly.graph_objects as go

    return go.Figure(spec(result, chart), skip_invalid=True)  # an older Plotly lacks some
