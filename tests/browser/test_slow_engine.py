"""Widgets over an engine that takes its time, and from one widget to the next."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab, notebook, run_all

pytestmark = pytest.mark.browser

DEMO = "%load_ext mpnb\n%mp demo"
SLOW = """import time
ask = ws.ask
def slow(question, **named):
    time.sleep(wait)
    return ask(question, **named)
wait = 0
ws.ask = slow"""


def test_a_slow_answer_freezes_nothing_and_can_be_let_go(lab: Lab, page: Page) -> None:
    cells = [DEMO, SLOW, "%mp build insights", "wait = 4", "'ready'"]
    run_all(page, lab, notebook(lab.folder, "slow.ipynb", cells))
    built = page.locator(".mpnb-builder")
    built.locator(".mpnb-picture svg").first.wait_for(timeout=60_000)
    page.get_by_text("'ready'", exact=True).last.wait_for()
    text = built.get_by_label("Cell text")
    text.fill('%%mpquery insights\n"Purchase"\nby country')
    stop = built.get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    text.fill('%%mpquery insights\n"Purchase"\nby platform')
    expect(built.get_by_text("Purchase by platform").or_(text).first).to_be_visible()
    built.get_by_role("button", name="Stop").click()
    expect(stop).to_have_count(0)
    expect(text).to_have_value('%%mpquery insights\n"Purchase"\nby platform')
    text.fill('%%mpquery insights\n"Sign Up"')
    expect(built.locator(".mpnb-picture")).to_contain_text("Sign Up", timeout=30_000)


def test_from_the_explorer_to_a_builder_to_a_card(lab: Lab, page: Page) -> None:
    run_all(page, lab, notebook(lab.folder, "onward.ipynb", [DEMO, "%mp explore"]))
    explorer = page.locator(".mpnb-explorer")
    explorer.get_by_role("option", name="Purchase").click(timeout=60_000)
    explorer.get_by_role("button", name="Count it").click()
    explorer.get_by_role("button", name="Open in builder").click()
    built = page.locator(".mpnb-builder")
    expect(built.get_by_label("Cell text")).to_have_value('%%mpquery insights\n"Purchase"')
    built.locator(".mpnb-picture svg").first.wait_for()
    built.get_by_role("button", name="Open as a card").click()
    card = page.locator(".mpnb-card")
    expect(card.get_by_role("tab", name="Chart")).to_be_visible()
    card.get_by_role("button", name="Edit in builder").click()
    expect(page.locator(".mpnb-builder")).to_have_count(2)
