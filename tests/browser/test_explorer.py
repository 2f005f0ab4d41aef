"""The explorer in a real JupyterLab: search, open, start a question."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Lab, notebook, run_all

pytestmark = pytest.mark.browser


def test_search_open_and_start_a_question(lab: Lab, page: Page) -> None:
    cells = ["%load_ext mpnb\n%mp demo", "%mp explore"]
    run_all(page, lab, notebook(lab.folder, "explore.ipynb", cells))
    explorer = page.locator(".mpnb-explorer")
    explorer.get_by_label("Search events").fill("purch")
    explorer.get_by_role("option", name="Purchase").click()
    explorer.get_by_role("heading", name="Purchase").wait_for()

    explorer.get_by_role("button", name="country").click()
    explorer.get_by_role("button", name="Break down by it").click()
    explorer.get_by_label("Cell text").wait_for()

    text = explorer.get_by_label("Cell text").inner_text()
    assert text.splitlines()[1:] == ['"Purchase"', "by country"]
