"""All charts in one table: a row is a chart, what it can show, and the words for it.

The order matters: of the rows that fit an answer, the first is drawn when nobody asks for another.
The surprise: params may ask too (a saved report keeps its chart), see `chosen`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace

from mpnb.chart import bar, flow, flow_tree, funnel, line, number, retention, table, users
from mpnb.chart.base import Chart, Row
from mpnb.errors import ParamValidationError
from mpnb.result import AnyResult, FlowQueryResult, UserQueryResult

ROWS = (
    Row(
        name="number",
        kinds=("insights", "users"),
        fits=number.fits,
        build=number.build,
        help="One large number for each metric of a total.",
    ),
    Row(
        name="line",
        kinds=("insights",),
        fits=line.fits,
        build=line.build,
        help="Values over time, one line per metric and segment.",
    ),
    Row(
        name="bar",
        kinds=("insights",),
        fits=bar.fits,
        build=bar.build,
        help="Totals by segment, or values over time side by side.",
    ),
    Row(
        name="stacked",
        kinds=("insights",),
        fits=bar.fits_stacked,
        build=bar.build_stacked,
        help="Values over time on top of each other; for measures that add up.",
    ),
    Row(
        name="trends",
        kinds=("funnel",),
        fits=funnel.fits_trends,
        build=funnel.build_trends,
        help="Conversion to the last step over time.",
    ),
    Row(
        name="segments",
        kinds=("funnel",),
        fits=funnel.fits_segments,
        build=funnel.build_segments,
        help="Steps of a funnel, one bar per segment.",
    ),
    Row(
        name="steps",
        kinds=("funnel",),
        fits=funnel.fits_steps,
        build=funnel.build_steps,
        help="How many reach each step of a funnel, and how long it takes them.",
    ),
    Row(
        name="over-time",
        kinds=("retention",),
        fits=retention.fits_trends,
        build=retention.build_trends,
        help="The first buckets of retention over the dates of the cohorts.",
    ),
    Row(
        name="heatmap",
        kinds=("retention",),
        fits=retention.fits,
        build=retention.build_heatmap,
        help="Cohorts down, buckets across; a darker cell kept more people.",
    ),
    Row(
        name="curve",
        kinds=("retention",),
        fits=retention.fits,
        build=retention.build_curve,
        help="Average retention by bucket, one line per segment.",
    ),
    Row(
        name="sankey",
        kinds=("flow",),
        fits=flow.fits_sankey,
        build=flow.build_sankey,
        help="Steps from left to right; the width of a band is how many take it.",
    ),
    Row(
        name="paths",
        kinds=("flow",),
        fits=flow.fits_paths,
        build=flow.build_paths,
        help="The most frequent paths as bars.",
    ),
    Row(
        name="tree",
        kinds=("flow",),
        fits=flow_tree.fits_tree,
        build=flow_tree.build_tree,
        help="All paths as boxes that split from left to right.",
    ),
    Row(
        name="distribution",
        kinds=("users",),
        fits=users.fits_distribution,
        build=users.build_distribution,
        help="How a property is spread over people.",
    ),
    Row(
        name="bars",
        kinds=("users",),
        fits=users.fits_bar,
        build=users.build_bar,
        help="An aggregate over people by cohort.",
    ),
    Row(
        name="table",
        kinds=("insights", "funnel", "retention", "flow", "users"),
        fits=table.fits,
        build=table.build,
        help="The first rows of the answer.",
    ),
)

BY_NAME = {row.name: row for row in ROWS}

REPORT_CHARTS = {"table": "table", "stacked-line": "stacked", "stacked-column": "stacked"}
"""Chart types of saved reports that are charts here; the rest follow from the answer."""


def fitting(result: AnyResult) -> list[Row]:
    """The charts that can show an answer, the best first."""
    return [row for row in ROWS if result.kind in row.kinds and row.fits(result)]


def names(kind: str | None = None) -> list[str]:
    """Names of all charts, or of those for one kind of question."""
    return [row.name for row in ROWS if kind is None or kind in row.kinds]


def chosen(result: AnyResult, name: str | None = None) -> Row:
    """The row of a chart by name, or the best one for the answer.

    Raises:
        ParamValidationError: no such chart, or it cannot show this answer; says which can.
    """
    rows = fitting(result)
    if name is None:
        return (
            _asked(result, rows)
            or _segmented_retention(result, rows)
            or _listed_profiles(result, rows)
            or rows[0]
        )
    for row in rows:
        if row.name == name:
            return row
    known = ", ".join(row.name for row in rows)
    near = difflib.get_close_matches(name, [row.name for row in rows], n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    what = "cannot show this answer" if name in BY_NAME else "is no chart"
    raise ParamValidationError(
        f"{name!r} {what}. Charts for it: {known}.{hint}", code="CH1_UNKNOWN_CHART"
    )


def _listed_profiles(result: AnyResult, rows: list[Row]) -> Row | None:
    """A list of people is shown as a list; a distribution is drawn when somebody asks for it."""
    if not (isinstance(result, UserQueryResult) and result.mode == "profiles"):
        return None
    return next((row for row in rows if row.name == "table"), None)


def _asked(result: AnyResult, rows: list[Row]) -> Row | None:
    """The chart that the params of the answer ask for, where it fits."""
    display = result.params.get("displayOptions")
    kind = display.get("chartType") if isinstance(display, Mapping) else None
    wanted = REPORT_CHARTS.get(str(kind))
    return next((row for row in rows if row.name == wanted), None)


def _segmented_retention(result: AnyResult, rows: list[Row]) -> Row | None:
    """Segments of retention are compared as curves; a heatmap can hold one of them only."""
    if result.kind == "retention" and getattr(result, "segments", None):
        return next((row for row in rows if row.name == "curve"), None)
    return None


def build(result: AnyResult, name: str | None = None) -> Chart:
    """Make the chart of an answer, by name or the best one."""
    made = chosen(result, name).build(result)
    return replace(made, notes=(*made.notes, *_elsewhere(result, made)))


def _elsewhere(result: AnyResult, made: Chart) -> tuple[str, ...]:
    """Notes on parts of the answer that the chart does not draw."""
    if isinstance(result, FlowQueryResult) and result.segments():
        return ("all users drawn, the segments are in .segments()",)
    compared = getattr(result, "comparison", None)
    if compared is None or made.compares:
        return ()
    return ("the compared period is in .comparison",)
