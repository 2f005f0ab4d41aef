"""Write an answer to a file; the file's ending decides the form.

Enters: what was asked and a path. Leaves: the path written. The surprise: a file is replaced in one
step, so that a full disk leaves the old one.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from mpnb import chart
from mpnb.chart import svg
from mpnb.errors import ParamValidationError
from mpnb.magic.history import Asked
from mpnb.result import sheet


def write(asked: Asked, path: str, *, interactive: bool = False) -> Path:
    """Write an answer.

    Args:
        asked: the cell.
        path: where to; ``.html``, ``.svg``, ``.csv`` or ``.json``.
        interactive: for HTML, a page with Plotly inside instead of the static one.

    Raises:
        ParamValidationError: no form has that ending.
        OSError: the file cannot be written.
    """
    target = Path(path).expanduser()
    form = FORMS.get(target.suffix.lower())
    if form is None:
        raise ParamValidationError(f"{path!r} ends with none of {', '.join(FORMS)}")
    text = _interactive(asked) if interactive and target.suffix == ".html" else form(asked)
    _replace(target, text)
    return target


def _html(asked: Asked) -> str:
    title = asked.name or asked.question.kind.capitalize()
    return chart.html_page([asked.result], title=title)


def _interactive(asked: Asked) -> str:
    figure = chart.figure(asked.result)
    page: str = figure.to_html(
        include_plotlyjs=True, div_id="mpnb", config={"displayModeBar": False}
    )
    return page


def _svg(asked: Asked) -> str:
    return svg.draw(chart.spec(asked.result))


def _csv(asked: Asked) -> str:
    return sheet.write(asked.result.df)


def _json(asked: Asked) -> str:
    return json.dumps(asked.result.params, indent=2, ensure_ascii=False) + "\n"


FORMS: dict[str, Callable[[Asked], str]] = {
    ".html": _html,
    ".svg": _svg,
    ".csv": _csv,
    ".json": _json,
}


def _replace(target: Path, text: str) -> None:
    folder = target.parent
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=folder, prefix=target.name, delete=False
    ) as file:
        file.write(text)
    os.replace(file.name, target)
