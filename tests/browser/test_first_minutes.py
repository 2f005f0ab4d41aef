"""What the README promises a newcomer: from `%mp demo` to a saved retention report and back."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab, notebook, run_all

pytestmark = pytest.mark.browser

NAME = f"Do they come back? {time.time_ns()}"
"""Reports outlive the test, so each run has one of its own."""
MINUTES = 3


def test_from_the_demo_to_a_saved_retention_and_back_to_its_cell(lab: Lab, page: Page) -> None:
    began = time.monotonic()
    cells = ["%load_ext mpnb", "%mp demo", "%mp build retention", f'%mp open "{NAME}"']
    name = notebook(lab.folder, "first.ipynb", cells[:3])
    run_all(page, lab, name)
    built = page.locator(".mpnb-builder")
    built.locator(".mpnb-picture svg").first.wait_for()
    events = built.get_by_role("combobox", name="Event", exact=True)
    for place, word, event in ((0, "sign", "Sign Up"), (1, "purch", "Purchase")):
        events.nth(place).fill(word)
        built.locator(".mpnb-combo li:visible").filter(has_text=event).first.click()
    expect(built.get_by_label("Cell text")).to_have_value(re.compile('"Sign Up" -> "Purchase"'))
    built.get_by_role("button", name="Save as report").click()
    built.get_by_label("Report's name").fill(NAME)
    built.get_by_role("button", name="Save", exact=True).click()
    expect(built.get_by_text("Saved as report")).to_be_visible()
    page.evaluate(
        "text => window.jupyterapp.commands.execute('mpnb:insert-cell', {text})", cells[3]
    )
    page.keyboard.press("Control+Enter")
    opened = page.locator(".jp-Notebook .jp-CodeCell .cm-content").filter(
        has_text="%%mpquery retention"
    )
    expect(opened.last).to_contain_text('"Sign Up" -> "Purchase"')
    assert time.monotonic() - began < 60 * MINUTES
