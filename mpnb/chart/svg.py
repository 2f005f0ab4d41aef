"""Static drawings in pure Python: a spec of ours enters, one ``<svg>`` leaves.

The surprise: a table has no drawing, since the display has it as real rows anyway.
"""

from __future__ import annotations

from typing import Any

from mpnb.chart import svg_axes, svg_marks, svg_shapes

PAINTERS = {
    "bar": svg_axes.draw,
    "scatter": svg_axes.draw,
    "heatmap": svg_shapes.draw_heatmap,
    "sankey": svg_shapes.draw_sankey,
    "icicle": svg_shapes.draw_icicle,
    "indicator": svg_shapes.draw_numbers,
}


def draw(spec: dict[str, Any], *, marks_known: bool = False) -> str:
    """The drawing of a spec; "" for a table.

    With `marks_known`, each bar, point, cell and band has ``data-mark="trace:number"`` and a title.
    """
    spec = {**spec, "marks known": True} if marks_known else spec
    traces = spec["data"]
    if traces and traces[0]["type"] == "table":
        return ""
    painter = PAINTERS[traces[0]["type"]] if traces else svg_shapes.draw_empty
    marks, height = painter(spec)
    tall = svg_marks.fixed(height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {svg_marks.WIDTH} {tall}" '
        f'width="{svg_marks.WIDTH}" height="{tall}" font-family="sans-serif" font-size="12" '
        f'fill="currentColor" aria-hidden="true">{"".join(marks)}</svg>'
    )
