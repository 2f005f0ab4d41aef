"""A notebook, run and written as one HTML file that needs nothing else.

Enters: a notebook's path. Leaves: an HTML file. The surprise: no script and no address of another
host is in the page, so it can be mailed and opened anywhere.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

TIMEOUT_S = 600
"""The most that one cell may take."""


def run_to_html(notebook: Path, page: Path) -> None:
    """Run a notebook in a kernel of this Python and write what it shows.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    book = nbformat.read(notebook, as_version=4)
    NotebookClient(book, timeout=TIMEOUT_S, kernel_name="python3").execute()
    for cell in book.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop("application/vnd.plotly.v1+json", None)
    exporter = HTMLExporter(template_name="lab", mathjax_url="", require_js_url="")
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    body, _ = exporter.from_notebook_node(book)
    page.write_text(body, encoding="utf-8")
