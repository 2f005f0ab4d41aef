"""What axe, the accessibility checker, says of a part of the page."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

GRAVE = ("serious", "critical")
RUN = """async (selector) => {
  const found = await axe.run(selector, { resultTypes: ["violations"] });
  return found.violations.map((one) => [one.impact, one.id, one.nodes.map((node) => node.html)]);
}"""


def grave(page: Page, selector: str) -> list[Any]:
    """The serious and critical violations within the elements of a selector."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    return [found for found in page.evaluate(RUN, selector) if found[0] in GRAVE]


def dark(page: Page) -> None:
    """Switch JupyterLab to its dark theme."""
    page.evaluate(
        "window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
    )
    page.wait_for_selector("body[data-jp-theme-light='false']", state="attached")
