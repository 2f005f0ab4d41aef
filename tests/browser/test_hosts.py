"""Widgets elsewhere than in JupyterLab: Jupyter Notebook, Voila, and no extension at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import TOKEN, Lab, jupyter_words, notebook, server

pytestmark = pytest.mark.browser

CELLS = [
    "%load_ext mpnb\n%mp demo",
    "%mp explore",
    '%%mpquery funnel --card\n"Sign Up" -> "Purchase"',
    "%mp build retention",
]
WIDGETS = (".mpnb-explorer", ".mpnb-card", ".mpnb-builder")
RUN_ALL = "window.jupyterapp.commands.execute('notebook:run-all-cells')"
IDLE = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
STARTS_MS = 90_000


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A Jupyter Notebook 7, which takes the extensions of JupyterLab."""
    folder = tmp_path_factory.mktemp("classic")
    with server("notebook", folder, f"/api?token={TOKEN}", jupyter_words(folder)) as url:
        yield Lab(url, folder)


def opened(classic: Lab, page: Page, name: str) -> Locator:
    """Open a notebook of all widgets, run it, and count an event; gives the explorer."""
    notebook(classic.folder, name, [*CELLS, "%mp paste"])
    page.goto(f"{classic.url}/notebooks/{name}?token={TOKEN}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=STARTS_MS)
    page.wait_for_function(IDLE, timeout=STARTS_MS)
    page.evaluate(RUN_ALL)
    explorer = page.locator(".mpnb-explorer")
    explorer.get_by_role("option", name="Purchase").click(timeout=STARTS_MS)
    explorer.get_by_role("button", name="Count it").click()
    expect(explorer.get_by_label("Cell text")).to_have_text('%%mpquery insights\n"Purchase"')
    for widget in WIDGETS:
        expect(page.locator(widget)).to_be_visible(timeout=STARTS_MS)
    return explorer


def test_notebook_7_shows_the_widgets_and_takes_their_cells(classic: Lab, page: Page) -> None:
    explorer = opened(classic, page, "classic.ipynb")
    before = page.locator(".jp-CodeCell").count()
    explorer.get_by_role("button", name="Insert below").click()
    expect(page.locator(".jp-CodeCell")).to_have_count(before + 1)
    expect(page.locator(".jp-CodeCell").nth(2)).to_contain_text('"Purchase"')


def test_without_the_extension_a_line_takes_the_cell(classic: Lab, page: Page) -> None:
    """So it is in VS Code, Colab and other hosts that have only the widget protocol."""
    page.add_init_script("Object.defineProperty(globalThis, 'mpnbLab', { get() {}, set() {} })")
    explorer = opened(classic, page, "bare.ipynb")
    explorer.get_by_role("button", name="Insert below").click()
    expect(page.get_by_text("or run %mp paste")).to_be_visible()
    last = page.locator(".jp-CodeCell").last
    last.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(last).to_contain_text('"Purchase"', timeout=20_000)


@pytest.fixture
def voila(tmp_path: Path) -> Iterator[str]:
    """A Voila that shows one notebook."""
    name = notebook(tmp_path, "shown.ipynb", CELLS)
    words = [str(tmp_path / name), "--Voila.ip=127.0.0.1"]
    with server("voila", tmp_path, "/voila/static/voila.js", words) as url:
        yield url


def test_voila_shows_living_widgets(voila: str, page: Page) -> None:
    page.goto(voila)
    for widget in WIDGETS:
        expect(page.locator(widget)).to_be_visible(timeout=STARTS_MS)
    explorer = page.locator(".mpnb-explorer")
    explorer.get_by_label("Search events").fill("purch")
    expect(explorer.get_by_role("option")).to_have_count(1)
    page.locator(".mpnb-card").get_by_role("tab", name="Table").click()
    expect(page.locator(".mpnb-card").get_by_role("cell", name="Sign Up").first).to_be_visible()
