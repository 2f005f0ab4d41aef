"""A notebook, run and written as one HTML file that needs nothing else.

Enters: a notebook's path. Leaves: an HTML file. The surprise: no script and no address of another
host is in the page, so it can be mailed and opened anywhere; nbconvert's own pages load both.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from mpnb.chart.page import STYLE
from mpnb.chart.svg_marks import escape

TIMEOUT_S = 600
"""The most that one cell may take."""

CELLS = """
.jp-InputArea pre, .input_area pre, .highlight pre { background: rgba(128,132,140,.1);
  padding: .6rem .8rem; border-radius: 4px; overflow-x: auto; font: 13px/1.45 monospace; }
.prompt, .jp-InputPrompt, .jp-OutputPrompt, .anchor-link { display: none; }
.output pre, .jp-OutputArea pre { font: 13px/1.45 monospace; overflow-x: auto; }
"""


def run_to_html(notebook: Path, page: Path) -> None:
    """Run a notebook in a kernel of this Python and write what it shows.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    book = nbformat.read(notebook, as_version=4)
    quiet = ["--log-level=ERROR"]  # ipykernel warns that a local kernel is not encrypted
    client = NotebookClient(book, timeout=TIMEOUT_S, kernel_name="python3", extra_arguments=quiet)
    client.execute()
    for cell in book.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop("application/vnd.plotly.v1+json", None)
    exporter = HTMLExporter(template_name="basic")
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    body, _ = exporter.from_notebook_node(book)
    title = escape(notebook.stem.capitalize())
    page.write_text(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}{CELLS}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n",
        encoding="utf-8",
    )
