"""The JupyterLab extension: sidebar, colours, status, and widgets that write cells."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab, notebook, run_all

pytestmark = pytest.mark.browser


def test_the_sidebar_shows_the_kernel_in_front_and_inserts(lab: Lab, page: Page) -> None:
    cells = ["%load_ext mpnb\n%mp demo", '%%mpquery funnel\n"Sign Up" -> "Purchase"\nlast 30 days']
    run_all(page, lab, notebook(lab.folder, "sidebar.ipynb", cells))
    page.get_by_text("reached Purchase within").first.wait_for()
    page.evaluate("window.jupyterapp.commands.execute('mpnb:show-sidebar')")
    bar = page.locator(".mpnb-sidebar")
    bar.get_by_role("button", name="Sign Up").wait_for()
    expect(page.locator(".mpnb-status-item")).to_contain_text("demo shop")
    assert page.locator(".mpnb-hl-word").filter(has_text="last").count() == 1
    assert page.locator(".mpnb-hl-name").count() >= 2
    bar.get_by_label("Search names").fill("user.pl")
    page.locator(".jp-CodeCell .cm-content").nth(1).click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nby ")
    bar.get_by_role("button", name="user.plan").click()
    source = (
        "window.jupyterapp.shell.currentWidget.content.widgets[1].model.sharedModel.getSource()"
    )
    assert page.evaluate(source).endswith("\nby user.plan")


def test_a_widget_writes_the_cell_below(lab: Lab, page: Page) -> None:
    cells = ["%load_ext mpnb\n%mp demo", '%mp explore "Purchase"', "1 + 1"]
    run_all(page, lab, notebook(lab.folder, "insert.ipynb", cells))
    page.get_by_role("button", name="Count it").click()
    page.get_by_role("button", name="Insert below").click()
    page.get_by_text("Cell inserted below.").wait_for()
    source = (
        "window.jupyterapp.shell.currentWidget.content.widgets[2].model.sharedModel.getSource()"
    )
    assert page.evaluate(source) == '%%mpquery insights\n"Purchase"'


def test_nothing_happens_where_mpnb_is_not_loaded(lab: Lab, page: Page) -> None:
    run_all(page, lab, notebook(lab.folder, "plain.ipynb", ["'%%mpquery'", "2 + 2"]))
    page.locator(".jp-OutputArea-output").nth(1).wait_for()
    assert page.locator(".mpnb-sidebar, .mpnb-hl-word").count() == 0
    assert not page.locator(".mpnb-status-item").is_visible()
