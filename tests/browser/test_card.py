"""The result card in a real JupyterLab: look, sort, go deeper, save as a report."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.access import grave
from tests.browser.conftest import Lab, notebook, run_all

pytestmark = pytest.mark.browser

BEGIN = "%load_ext mpnb\n%mp demo"
NAMELESS = """root => [...root.querySelectorAll("button, input, select, textarea, [role=tab], pre[tabindex]")]
    .filter(node => node.offsetParent !== null)
    .filter(node => !(node.getAttribute("aria-label") || node.labels?.length || node.innerText?.trim()))
    .map(node => node.outerHTML)"""


def opened(lab: Lab, page: Page, name: str, cell: str) -> Locator:
    run_all(page, lab, notebook(lab.folder, name, [BEGIN, cell]))
    found = page.locator(".mpnb-card").first
    found.get_by_role("tab", name="Chart").wait_for()
    return found


def test_look_sort_and_download(lab: Lab, page: Page, tmp_path: Path) -> None:
    cell = '%%mpquery --card\n"Purchase"\nby country\nlast 14 days'
    card = opened(lab, page, "card.ipynb", cell)
    expect(card.locator("figure svg")).to_be_visible()
    card.get_by_label("Chart", exact=True).last.select_option("bar")
    expect(card.locator("figure svg")).to_be_visible()
    card.get_by_role("tab", name="Table").click()
    card.locator("thead button", has_text="count").click()
    card.locator("thead button", has_text="count").click()
    expect(card.locator("th[aria-sort=descending]")).to_have_count(1)
    first = card.locator(".mpnb-rows tbody tr").first
    expect(first).to_contain_text("US")
    card.get_by_label("Keep rows that hold").fill("DE")
    expect(card.get_by_text("14 rows (of")).to_be_visible()
    with page.expect_download() as waiting:
        card.get_by_role("button", name="Download CSV").click()
    waiting.value.save_as(tmp_path / "a.csv")
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text("utf-8").splitlines()))
    assert len({row["segment"] for row in rows}) > 5
    card.get_by_role("tab", name="SQL").click()
    expect(card.get_by_label("SQL", exact=True).last).to_contain_text("SELECT")
    assert card.evaluate(NAMELESS) == []


def test_marks_of_the_drawing_open_by_pointer_and_keyboard(lab: Lab, page: Page) -> None:
    cell = '%%mpquery --card\n"Purchase"\nby country\nlast 14 days'
    card = opened(lab, page, "marks.ipynb", cell)
    marks = card.locator(".mpnb-hit")
    expect(marks.first).to_have_attribute("aria-label", re.compile("Go deeper: .*US: [0-9]+"))
    said = marks.first.locator("title").text_content()
    expect(marks.first).to_have_attribute("aria-label", f"Go deeper: {said}")
    assert card.locator(".mpnb-hit[tabindex='0']").count() == 1, "one stop for Tab, arrows inside"
    marks.nth(3).click()
    said = marks.nth(3).locator("title").text_content()
    expect(card.get_by_role("heading", name=f"Go deeper: {said}")).to_be_visible()
    marks.nth(0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    said = marks.nth(1).locator("title").text_content()
    expect(card.get_by_role("heading", name=f"Go deeper: {said}")).to_be_visible()
    card.get_by_role("button", name="Ask", exact=False).first.click()
    expect(card.get_by_text("The same number as clicked")).to_be_visible(timeout=20_000)
    assert grave(page, ".mpnb-card") == []


def test_boxes_of_a_tree_open_by_keyboard(lab: Lab, page: Page) -> None:
    cell = '%%mpquery flow --card\n"Sign Up"\nforward 2\nlast 5 days\nshow tree'
    card = opened(lab, page, "tree.ipynb", cell)
    card.locator(".mpnb-hit").first.focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(card.locator(".mpnb-deeper h4")).to_contain_text(re.compile(r"(Search|View Item) · "))
    card.get_by_role("button", name="Ask: List the people who take this path").click()
    expect(card.get_by_text("The same number as clicked")).to_be_visible(timeout=30_000)
    assert grave(page, ".mpnb-card") == []


def test_hostile_names_are_text_in_builder_and_card(lab: Lab, page: Page) -> None:
    rows = (
        "import mpnb as mp\n"
        'odd = ["<img src=x onerror=\\"document.title=1\\">", "שלום عالم", "🎉" * 9, "n" * 500, "it\'s \\"q\\""]\n'
        'rows = [{"event": name, "properties": {"time": 1735689600 + n * 3600, "distinct_id": f"u{n % 7}",'
        ' "mixed": [1, "two", True, name, {"k": 2}][n % 5], name: name}}\n'
        "        for n, name in enumerate(odd * 9)]\n"
        'ws = mp.local(rows, now="2025-01-05T00:00:00+00:00")\n'
        "from mpnb.query.insights import insights\nasked = insights(odd, group_by='mixed', last=7)"
    )
    cells = ["%load_ext mpnb", rows, "ws.build(asked)", "ws.ask(asked).card(ws)", "'ready'"]
    run_all(page, lab, notebook(lab.folder, "hostile.ipynb", cells))
    page.get_by_text("'ready'", exact=True).last.wait_for()
    built, card = page.locator(".mpnb-builder"), page.locator(".mpnb-card")
    built.locator(".mpnb-picture svg").first.wait_for(timeout=60_000)
    field = built.get_by_role("combobox", name="Event", exact=True).nth(0)
    field.fill("img")
    expect(built.locator(".mpnb-combo li:visible").first).to_have_text(
        re.compile("<img src=x onerror")
    )
    field.press("ArrowDown")
    field.press("Enter")
    expect(built.get_by_label("Cell text")).to_have_value(re.compile(r"<img src=x onerror"))
    card.get_by_role("tab", name="Table").click()
    card.get_by_label("Keep rows that hold").fill("שלום")
    expect(card.locator(".mpnb-rows tbody tr").first).to_contain_text("שלום عالم")
    card.get_by_role("button", name="Go deeper").first.click()
    expect(card.locator(".mpnb-deeper")).to_be_visible()
    assert page.locator(".jp-OutputArea img, .jp-OutputArea script").count() == 0
    assert page.title() != "1"
    wide = "root => root.scrollWidth <= root.clientWidth + 1"
    assert built.evaluate(wide)
    assert card.evaluate(wide)


def test_a_cell_of_retention_leads_to_its_users(lab: Lab, page: Page) -> None:
    cell = '%%mpquery retention --card\n"Sign Up" -> "Purchase"\nalign interval_start\nlast 28 days'
    card = opened(lab, page, "deeper.ipynb", cell)
    card.get_by_role("tab", name="Table").click()
    card.get_by_role("button", name="Go deeper").nth(1).click()
    card.get_by_role("button", name="Ask: Users of").first.click()
    expect(card.get_by_text("The same number as clicked")).to_be_visible(timeout=20_000)
    expect(card.locator(".mpnb-card").get_by_role("tab", name="Chart")).to_be_visible()
    card.get_by_role("button", name="Insert below: Users of").first.click()


def test_saving_twice_shows_the_difference(lab: Lab, page: Page) -> None:
    cells = [
        BEGIN,
        '%%mpquery funnel --save Buyers --no-display\n"Sign Up" -> "Purchase"',
        '%%mpquery funnel --card\n"Sign Up" -> "Purchase"\nwithin 3 days',
    ]
    run_all(page, lab, notebook(lab.folder, "save.ipynb", cells))
    card = page.locator(".mpnb-card").first
    card.get_by_role("button", name="Save as report").click()
    card.get_by_role("button", name="Save", exact=True).click()
    expect(card.get_by_text("Give the report a name.")).to_be_visible()
    card.get_by_label("Name of the report").fill("Buyers")
    card.get_by_role("button", name="Save", exact=True).click()
    expect(card.get_by_text("has this name already")).to_be_visible()
    expect(card.locator("tr", has_text="question")).to_contain_text("within 3 days")
    card.get_by_role("button", name="Replace it").click()
    expect(card.get_by_text("Saved as report")).to_contain_text("%mp open")


def test_a_lost_kernel_is_said(lab: Lab, page: Page) -> None:
    card = opened(lab, page, "lost.ipynb", '%%mpquery --card\n"Purchase"\nlast 7 days')
    page.evaluate("window.jupyterapp.serviceManager.sessions.shutdownAll()")
    card.get_by_role("tab", name="Table").click()
    expect(page.get_by_text("The kernel is not running")).to_be_visible(timeout=20_000)
