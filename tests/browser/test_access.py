"""Every widget in light and dark: axe finds nothing serious, and the keyboard reaches it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.access import dark, grave
from tests.browser.conftest import Lab, notebook, run_all

pytestmark = pytest.mark.browser

CELLS = [
    "%load_ext mpnb\n%mp demo",
    '%mp explore "Purchase"',
    '%%mpquery funnel checkout\n"View Item" -> "Purchase"\nlast 30 days',
    "%mp build checkout",
]


def test_nothing_serious_in_light_and_dark(lab: Lab, page: Page) -> None:
    run_all(page, lab, notebook(lab.folder, "access.ipynb", CELLS))
    page.evaluate("window.jupyterapp.commands.execute('mpnb:show-sidebar')")
    page.locator(".mpnb-sidebar").get_by_role("button", name="Sign Up").wait_for()
    page.locator(".mpnb").get_by_role("button", name="country").first.click()
    page.locator(".mpnb figure svg").first.wait_for()
    assert grave(page, ".mpnb") == []
    assert grave(page, ".mpnb-sidebar") == []
    dark(page)
    assert grave(page, ".mpnb") == []
    assert grave(page, ".mpnb-sidebar") == []


def test_the_explorer_by_keyboard_alone(lab: Lab, page: Page) -> None:
    run_all(page, lab, notebook(lab.folder, "keys.ipynb", [CELLS[0], "%mp explore"]))
    search = page.get_by_label("Search events")
    search.focus()
    page.keyboard.type("purch")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("heading", name="Purchase")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.mpnb') !== null")
