"""One large number for each metric of a total, or for an aggregate over people."""

from __future__ import annotations

from typing import Any

from mpnb.chart import theme, words
from mpnb.chart.base import Chart, period
from mpnb.chart.series import is_number, is_series, lines
from mpnb.result import QueryResult, UserQueryResult
from mpnb.result.base import OVERALL
from mpnb.result.insights import leaves

MOST = 6


def fits(result: QueryResult | UserQueryResult) -> bool:
    """A few single numbers."""
    if isinstance(result, UserQueryResult):
        split = bool(result.meta.get("segmented"))
        return result.mode == "aggregate" and not split and 0 < len(_values(result)) <= MOST
    split = any(set(leaf.path) - {OVERALL} for leaf in leaves(result.series))
    return not split and not is_series(result) and 0 < len(_values(result)) <= MOST


def build(result: QueryResult | UserQueryResult) -> Chart:
    """Numbers side by side, each under its name."""
    found = _values(result)
    width = 1 / max(len(found), 1)
    traces = [
        {
            "type": "indicator",
            "mode": "number",
            "value": value,
            "number": {"valueformat": ",.2~f", "font": {"size": 44, "color": theme.colour(0)}},
            "title": {"text": words.label(words.shorten(name)), "font": {"size": 13}},
            "domain": {"x": [index * width, (index + 1) * width], "y": [0, 0.85]},
        }
        for index, (name, value) in enumerate(found)
    ]
    parts = [f"{words.quoted(name)} is {words.number(value)}" for name, value in found]
    if [name for name, _ in found] == ["People"]:
        one = found[0][1] == 1
        parts = [f"There {'is' if one else 'are'} {words.counted(found[0][1], 'people')}"]
    return Chart(
        title="",  # each number stands under its own name
        traces=traces,
        summary=(words.join(parts) or "There is no number in this answer") + period(result) + ".",
        layout={"height": 132, "margin": {"l": 24, "r": 24, "t": 28, "b": 4}},
    )


def _values(result: QueryResult | UserQueryResult) -> list[tuple[str, Any]]:
    if isinstance(result, QueryResult):
        found = [(line.name, line.values[0]) for line in lines(result) if line.values]
    else:
        action = str(result.meta.get("action") or "value")
        data = result.aggregate_data
        action = "People" if action == "count()" else action
        found = list(data.items()) if isinstance(data, dict) else [(action, data)]
    return [(str(name), value) for name, value in found if is_number(value)]
