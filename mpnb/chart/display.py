"""What a notebook shows of an answer: Plotly JSON, script-free HTML with a drawing, plain text.

A result enters, a mimebundle leaves, the same bytes for the same answer. The surprise: the HTML is
for hosts that run nothing (GitHub, nbconvert), and JupyterLab prefers the Plotly JSON beside it;
both come from one spec.
"""

from __future__ import annotations

from typing import Any

from mpnb.chart import registry, svg, table, theme, words
from mpnb.chart.base import Chart
from mpnb.chart.svg_marks import escape
from mpnb.result import AnyResult, FunnelQueryResult
from mpnb.result.base import PUBLISH, resolve

TEXT_ROWS = 10
TEXT_COLUMNS = 6
BAR = 24
BLOCKS = " ▏▎▍▌▋▊▉█"
PLOTLY = "application/vnd.plotly.v1+json"


def mimebundle(result: AnyResult, chart: str | None = None) -> dict[str, Any]:
    """Everything that a notebook may show of an answer, by mime type."""
    made = registry.build(result, chart)
    spec = made.spec()
    return {
        PLOTLY: {"config": dict(theme.CONFIG), **spec},
        "text/html": _html(result, made, spec),
        "text/plain": _text(result, made.summary),
    }


def show(result: AnyResult, chart: str | None = None) -> None:
    """Publish an answer to the notebook: the chart, and below it the sentence, table and source.

    Two outputs, because a host shows only one form of each: JupyterLab would take the Plotly chart
    and leave out the words and the table that stand in the HTML beside it.
    """
    made = registry.build(result, chart)
    publish = resolve(PUBLISH)
    if registry.chosen(result, chart).name == "table":
        publish(
            {
                "text/html": f"<div>{_table(result, made)}</div>",
                "text/plain": _text(result, made.summary),
            }
        )
        return
    spec = made.spec()
    publish(
        {
            PLOTLY: {"config": dict(theme.CONFIG), **spec},
            "text/html": f"<div>{_figure(made, spec)}</div>",
            "text/plain": made.summary,
        }
    )
    publish(
        {
            "text/html": f"<div>{_words(result, made)}</div>",
            "text/plain": _rows_as_text(result) or result.provenance.line(),
        }
    )


def _figure(made: Chart, spec: dict[str, Any]) -> str:
    return f'<figure role="img" aria-label="{escape(made.summary)}">{svg.draw(spec)}</figure>'


def _table(result: AnyResult, made: Chart) -> str:
    """An answer that is a table: nothing to fold, nothing to draw."""
    rows = html_table(table.of(result))
    return f"<p>{escape(made.summary)}</p>{rows}{_source(result)}"


def _words(result: AnyResult, made: Chart) -> str:
    """The sentence, the table (folded) and where the numbers come from."""
    rows = html_table(table.of(result))
    folded = f"<details><summary>Table</summary>{rows}</details>" if rows else ""
    return f"<p>{escape(made.summary)}</p>{folded}{_source(result)}"


def html(result: AnyResult, chart: str | None = None) -> str:
    """The static HTML of an answer: a drawing with its sentence, a table, a line of provenance."""
    made = registry.build(result, chart)
    return _html(result, made, made.spec())


def _html(result: AnyResult, made: Chart, spec: dict[str, Any]) -> str:
    label = escape(made.summary)
    drawing = svg.draw(spec)
    caption = f"<figcaption>{label}</figcaption>"
    figure = f'<figure role="img" aria-label="{label}">{drawing}{caption}</figure>'
    return f"<div>{figure}{html_table(table.of(result))}{_source(result)}</div>"


def html_table(found: table.Table) -> str:
    """Rows for people and screen readers."""
    if not found.rows:
        return ""
    sides = ["right" if number else "left" for number in found.numeric]
    head = "".join(
        f'<th scope="col" style="text-align:{side}">{escape(name)}</th>'
        for name, side in zip(found.head, sides, strict=True)
    )
    body = "".join(f"<tr>{_cells(row, found.numeric)}</tr>" for row in found.rows)
    note = found.note()
    caption = f"<caption>{escape(note)}</caption>" if note else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: list[str], numeric: list[bool]) -> str:
    """The first cell names the row."""
    first, *rest = row
    cells = [f'<th scope="row" style="text-align:left">{escape(first)}</th>']
    for cell, number in zip(rest, numeric[1:], strict=True):
        side = "right" if number else "left"
        cells.append(f'<td style="text-align:{side}">{escape(cell)}</td>')
    return "".join(cells)


def _source(result: AnyResult) -> str:
    line = result.provenance.line()
    return f"<p><small>{escape(line)}</small></p>" if line else ""


def text(result: AnyResult, chart: str | None = None) -> str:
    """A sentence and a small aligned table; equal answers give equal texts."""
    return _text(result, registry.build(result, chart).summary)


def _text(result: AnyResult, sentence: str) -> str:
    rows = _rows_as_text(result)
    return f"{sentence}\n\n{rows}" if rows else sentence


def _rows_as_text(result: AnyResult) -> str:
    if isinstance(result, FunnelQueryResult) and result.steps_data and len(result.blocks) == 1:
        return funnel_text(result)
    found = table.of(result, TEXT_ROWS, TEXT_COLUMNS)
    return text_table(found) if found.rows else ""


def text_table(found: table.Table) -> str:
    """A table as aligned text."""
    rows = [found.head, *found.rows]
    widths = [max(words.columns(row[at]) for row in rows) for at in range(len(found.head))]
    lines = [_line(row, widths, found.numeric) for row in rows]
    lines.insert(1, "  ".join("─" * width for width in widths))
    note = found.note()
    return "\n".join([*lines, *([f"({note})"] if note else [])])


def _line(row: list[str], widths: list[int], numeric: list[bool]) -> str:
    cells = []
    for cell, width, right in zip(row, widths, numeric, strict=True):
        space = " " * (width - words.columns(cell))
        cells.append(space + cell if right else cell + space)
    return "  ".join(cells).rstrip()


def funnel_text(result: FunnelQueryResult) -> str:
    """A funnel for terminals: one row per step, with a bar made of blocks."""
    steps = result.steps_data
    rows = []
    for at, step in enumerate(steps, start=1):
        share = (1.0 if step.get("count") else 0.0) if at == 1 else step.get("overall_conv_ratio")
        time = words.duration(step["avg_time"]) if at > 1 and step.get("avg_time") else ""
        name = f"{at}. {words.shorten(step.get('event', ''), 32)}"
        rows.append(
            [name, words.number(step.get("count")), words.percent(share), _bar(share), time]
        )
    widths = [max(words.columns(row[at]) for row in rows) for at in range(5)]
    return "\n".join(_line(row, widths, [False, True, True, False, False]) for row in rows)


def _bar(share: Any) -> str:
    """A share of 0 to 1 as blocks, in eighths of a cell."""
    eighths = round(min(max(float(share or 0), 0.0), 1.0) * BAR * 8)
    full, part = divmod(eighths, 8)
    return ("█" * full + (BLOCKS[part] if part else "")).ljust(BAR)
