"""The builder in a real JupyterLab: click a funnel together, see it, break it, mend it, undo."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Lab, notebook, run_all

pytestmark = pytest.mark.browser

DEMO = "%load_ext mpnb\n%mp demo"
NAMELESS = """root => [...root.querySelectorAll("button, input, select, textarea, [role=tab]")]
    .filter(node => node.offsetParent !== null)
    .filter(node => !(node.getAttribute("aria-label") || node.labels?.length || node.innerText?.trim()))
    .map(node => node.outerHTML)"""


def builder(lab: Lab, page: Page, name: str, cells: list[str]) -> Locator:
    run_all(page, lab, notebook(lab.folder, name, cells))
    found = page.locator(".mpnb-builder").first
    found.locator(".mpnb-picture svg").first.wait_for()
    return found


def test_a_funnel_is_clicked_together(lab: Lab, page: Page) -> None:
    built = builder(lab, page, "build.ipynb", [DEMO, "%mp build funnel --name way"])
    text = built.get_by_label("Cell text")
    steps = built.get_by_role("group", name="Steps", exact=True)
    built.get_by_role("combobox", name="Event", exact=True).nth(0).fill("Sign Up")
    built.get_by_role("combobox", name="Event", exact=True).nth(0).press("Enter")
    expect(text).to_have_value(re.compile('way\n"Sign Up" -> '))
    built.get_by_role("combobox", name="Event", exact=True).nth(1).fill("Purchase")
    built.get_by_role("combobox", name="Event", exact=True).nth(1).press("Enter")
    expect(text).to_have_value('%%mpquery funnel way\n"Sign Up" -> "Purchase"')
    built.get_by_role("button", name="Add to Steps").click()
    expect(steps.get_by_text("it is blank")).to_be_visible()
    expect(built.get_by_role("button", name="Insert below")).to_be_disabled()
    built.get_by_role("button", name="Add to Steps").press("Control+z")
    expect(built.get_by_role("button", name="Insert below")).to_be_enabled()
    assert built.evaluate(NAMELESS) == []


def test_from_the_builder_to_a_cell_and_back(lab: Lab, page: Page) -> None:
    built = builder(lab, page, "round.ipynb", [DEMO, "%mp build funnel --name way"])
    built.get_by_role("button", name="Insert below").click()
    cell = page.locator(".jp-Notebook .jp-CodeCell").last
    expect(cell.locator(".cm-content")).to_contain_text("%%mpquery funnel way")
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("\nwithin 3 days")
    page.keyboard.press("Control+Enter")
    expect(built.get_by_label("Cell text")).to_have_value(re.compile("within 3 days"))
    expect(built.get_by_label("Within", exact=True)).to_have_value("3")
    built.get_by_label("Within", exact=True).fill("5")
    built.get_by_label("Within", exact=True).press("Enter")
    expect(built.get_by_label("Cell text")).to_have_value(re.compile("within 5 days"))
    built.get_by_role("button", name="Update this cell").click()
    expect(cell.locator(".cm-content")).to_contain_text("within 5 days")


def test_wrong_text_and_saving(lab: Lab, page: Page) -> None:
    built = builder(lab, page, "text.ipynb", [DEMO, "%mp build"])
    text = built.get_by_label("Cell text")
    text.fill('%%mpquery insights\n"Purchase" whre x = 1')
    expect(built.get_by_role("alert")).to_contain_text("^")
    expect(text).to_have_value('%%mpquery insights\n"Purchase" whre x = 1')
    text.fill('%%mpquery retention\n"Sign Up" -> "Purchase"')
    expect(built.get_by_label("Question", exact=True)).to_have_value("retention")
    built.get_by_role("button", name="Save as report").click()
    built.get_by_label("Report's name").fill(f"Back again {time.time_ns()}")
    built.get_by_role("button", name="Save", exact=True).click()
    expect(built.get_by_text("Saved as report")).to_be_visible()


def test_what_is_saved_is_the_chart_of_the_newest_edit(lab: Lab, page: Page) -> None:
    built = builder(lab, page, "saved.ipynb", [DEMO, "%mp build retention"])
    built.get_by_label("Cell text").fill('%%mpquery funnel\n"Sign Up" -> "Purchase"')
    expect(built.locator(".mpnb-picture")).to_contain_text("Sign Up → Purchase")
    twin = page.locator(".mpnb-twin")
    expect(twin).to_contain_text("reached Purchase within")
    expect(twin).to_be_hidden()  # the live view stands in its place
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.evaluate("window.jupyterapp.serviceManager.sessions.shutdownAll()")
    page.goto(lab.address("saved.ipynb"))
    expect(page.locator(".mpnb-twin svg")).to_be_visible(timeout=60_000)
    expect(page.locator(".mpnb-twin")).to_contain_text("%%mpquery funnel")


def test_a_narrow_form_cuts_nothing_off(lab: Lab, page: Page) -> None:
    built = builder(lab, page, "narrow.ipynb", [DEMO, "%mp build flow"])
    built.evaluate("node => (node.parentElement.style.width = '320px')")
    cut = """form => [...form.querySelectorAll("input, select")]
        .filter(node => node.offsetParent !== null)
        .filter(node => node.getBoundingClientRect().right > form.getBoundingClientRect().right)
        .map(node => node.labels?.[0]?.innerText)"""
    assert built.get_by_role("group", name="Form", exact=True).evaluate(cut) == []
