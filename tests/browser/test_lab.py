"""The tour in a real JupyterLab: cells run, charts are drawn, mistakes are readable."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.access import dark
from tests.browser.conftest import Lab, notebook, run_all

pytestmark = pytest.mark.browser

GALLERY = Path(__file__).parent.parent.parent / "notebooks"


def test_the_tour_runs_and_draws(lab: Lab, page: Page) -> None:
    shutil.copyfile(GALLERY / "tour.ipynb", lab.folder / "tour.ipynb")
    run_all(page, lab, "tour.ipynb")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    assert page.locator(".js-plotly-plot").count() >= 4
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    words = page.locator(".jp-RenderedHTMLCommon").all_inner_texts()
    assert any("reached Purchase within 7 days" in text for text in words)
    assert any("demo shop" in text for text in words)


def test_charts_stay_when_the_theme_changes(lab: Lab, page: Page) -> None:
    cells = ["%load_ext mpnb\n%mp demo", '%%mpquery funnel\n"View Item" -> "Purchase"']
    run_all(page, lab, notebook(lab.folder, "theme.ipynb", cells))
    page.wait_for_selector(".js-plotly-plot .main-svg")
    dark(page)
    page.wait_for_selector(".js-plotly-plot .main-svg")
    page.set_viewport_size({"width": 900, "height": 900})
    narrow = "document.querySelector('.js-plotly-plot .main-svg').getAttribute('width') < 600"
    page.wait_for_function(narrow)
    assert page.evaluate("document.querySelector('.js-plotly-plot').clientHeight") == 380


def test_a_mistake_is_one_block_under_its_cell(lab: Lab, page: Page) -> None:
    cells = ["%load_ext mpnb\n%mp demo", '%%mpquery funnel\n"Sing Up" -> "Purchase"']
    run_all(page, lab, notebook(lab.folder, "mistake.ipynb", cells))
    block = page.locator("[data-mime-type='application/vnd.jupyter.stderr']").inner_text()
    assert block.startswith("There is no event 'Sing Up' in this data.")
    assert "Nearest: 'Sign Up'." in block
    assert "Traceback" not in block


def test_names_from_data_stay_names(lab: Lab, page: Page) -> None:
    name = "<img src=x onerror=\\\"document.title='bad'\\\">"
    rows = (
        f'rows = [{{"event": "{name}", "properties": {{"time": 1735725600 + n, '
        '"distinct_id": str(n), "<b>p</b>": "<script>1</script>"}} for n in range(9)]'
    )
    cells = [
        "import mpnb as mp\n%load_ext mpnb",
        rows + '\nws = mp.local(rows, now="2025-01-02T00:00:00+00:00")',
        "%mp use ws",
        f'%%mpquery\n"{name}"\nby "<b>p</b>"\nlast 3 days',
    ]
    run_all(page, lab, notebook(lab.folder, "names.ipynb", cells))
    page.wait_for_selector(".js-plotly-plot .main-svg")
    assert page.title() != "bad"
    assert page.locator(".jp-OutputArea script, .jp-OutputArea img[src=x]").count() == 0


def test_completion_in_the_cell(lab: Lab, page: Page) -> None:
    cells = ["%load_ext mpnb\n%mp demo", '%%mpquery funnel\n"Sign Up" -> "Pur']
    name = notebook(lab.folder, "complete.ipynb", cells)
    page.goto(lab.address(name))
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.wait_for_function(
        "document.querySelector('.jp-StatusBar-Widget')?.innerText.includes('Idle')"
    )
    first, second = (page.locator(".jp-CodeCell .cm-content").nth(n) for n in (0, 1))
    first.click()
    page.keyboard.press("Shift+Enter")
    page.wait_for_selector(".jp-RenderedHTMLCommon table")
    second.click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Tab")
    offered = page.wait_for_selector(".jp-Completer-item:has-text('Purchase')")
    assert offered is not None
    page.keyboard.press("Enter")
    page.wait_for_function(
        "[...document.querySelectorAll('.jp-CodeCell')][1].innerText.includes('-> \"Purchase\"')"
    )
