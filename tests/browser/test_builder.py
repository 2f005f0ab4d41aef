"""The builder in a real JupyterLab: click a funnel together, see it, break it, mend it, undo."""

from __future__ import annotations

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
    expect(text).to_have_value(_begins('%%mpquery funnel way\n"Sign Up" -> '))
    built.get_by_role("combobox", name="Event", exact=True).nth(1).fill("Purchase")
    built.get_by_role("combobox", name="Event", exact=True).nth(1).press("Enter")
    expect(text).to_have_value('%%mpquery funnel way\n"Sign Up" -> "Purchase"')
    built.get_by_role("button", name="Add to Steps").click()
    expect(steps.get_by_text("it is blank")).to_be_visible()
    expect(built.get_by_role("button", name="Insert below")).to_be_disabled()
    built.get_by_role("button", name="Undo").click()
    expect(built.get_by_role("button", name="Insert below")).to_be_enabled()
    page.screenshot(path="/tmp/b1.png")
    assert built.evaluate(NAMELESS) == []


def _begins(text: str):  # type: ignore[no-untyped-def]
    import re

    return re.compile(re.escape(text))
