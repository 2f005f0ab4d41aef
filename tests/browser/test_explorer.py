"""The explorer in a real JupyterLab: search, open, start a question, save and come back."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.access import dark, grave
from tests.browser.conftest import Lab, notebook, run_all

pytestmark = pytest.mark.browser

NAMELESS = """root => [...root.querySelectorAll("button, input, select, textarea, [role=listbox], [role=tab], pre[tabindex]")]
    .filter(node => node.offsetParent !== null)
    .filter(node => !(node.getAttribute("aria-label") || node.labels?.length || node.innerText?.trim()))
    .map(node => node.outerHTML)"""
SLOWEST_KEY = """root => {
    const field = root.querySelector("input[type=search]"), times = [];
    for (const word of ["e", "event 0", "event 00", "nothing has this", ""]) {
        const before = performance.now();
        field.value = word;
        field.dispatchEvent(new Event("input"));
        root.offsetHeight;
        times.push(performance.now() - before);
    }
    return Math.max(...times);
}"""


def explore(lab: Lab, page: Page, name: str, cells: list[str]) -> Locator:
    run_all(page, lab, notebook(lab.folder, name, cells))
    found = page.locator(".mpnb-explorer")
    found.get_by_role("listbox", name="Events").wait_for(timeout=90_000)  # compiles at first
    return found


def test_by_keyboard_from_a_word_to_a_cell(lab: Lab, page: Page) -> None:
    explorer = explore(lab, page, "explore.ipynb", ["%load_ext mpnb\n%mp demo", "%mp explore"])
    word = explorer.get_by_label("Search events")
    word.fill("purch")
    expect(explorer.get_by_role("option")).to_have_count(1)
    word.press("Enter")
    explorer.get_by_role("heading", name="Purchase").wait_for()
    country = explorer.get_by_role("button", name="country")
    country.press("Enter")
    expect(country).to_have_attribute("aria-expanded", "true")
    explorer.get_by_role("button", name="Break down by it").press("Enter")
    text = explorer.get_by_label("Cell text")
    expect(text).to_have_text('%%mpquery insights\n"Purchase"\nby country')
    explorer.get_by_role("button", name="Keep only US").click()
    expect(text).to_have_text('%%mpquery insights\n"Purchase"\nwhere country = "US"')
    assert explorer.evaluate(NAMELESS) == []


def test_a_funnel_from_two_events(lab: Lab, page: Page) -> None:
    explorer = explore(lab, page, "steps.ipynb", ["%load_ext mpnb\n%mp demo", "%mp explore"])
    explorer.get_by_role("option", name="Sign Up").click()
    explorer.get_by_role("button", name="First step of a funnel").click()
    explorer.get_by_role("option", name="Purchase").click()
    explorer.get_by_role("button", name="Next step").click()
    text = explorer.get_by_label("Cell text")
    expect(text).to_have_text('%%mpquery funnel\n"Sign Up" -> "Purchase"')
    explorer.get_by_role("tab", name="People").click()
    explorer.get_by_role("option", name="plan").click()
    explorer.get_by_role("button", name="Keep only pro").click()
    expect(text).to_contain_text('user.plan = "pro"')
    explorer.get_by_text("The first profiles").click()
    assert grave(page, ".mpnb-explorer") == []
    dark(page)
    assert grave(page, ".mpnb-explorer") == []


def test_ten_thousand_events_and_hostile_names(lab: Lab, page: Page) -> None:
    rows = (
        "import mpnb as mp\n"
        'odd = ["<img src=x onerror=\\"document.title=1\\">", "שלום عالم", "🎉" * 9, "n" * 500]\n'
        'rows = [{"event": name, "properties": {"time": 1735689600 + n, "distinct_id": "u", name: name,'
        ' "mixed": [1, "two", True, [1], {"k": 2}][n % 5]}}\n'
        '        for n, name in enumerate(odd * 5 + [f"Event {n:05d}" for n in range(10_000)])]\n'
        'mp.local(rows, now="2025-01-05T00:00:00+00:00").explore()'
    )
    explorer = explore(lab, page, "odd.ipynb", [rows])
    expect(explorer.get_by_text("10,004 events")).to_be_visible()
    assert explorer.get_by_role("option").count() < 60
    assert explorer.evaluate(SLOWEST_KEY) < 50
    for name in ("<img src=x", "שלום", "🎉", "nnnn"):
        explorer.get_by_label("Search events").fill(name)
        explorer.get_by_role("option").first.click()
        expect(explorer.get_by_role("heading", level=3).nth(1)).to_contain_text(name)
        explorer.get_by_role("button", name="Count it").click()
        expect(explorer.get_by_label("Cell text")).to_contain_text(name)
        explorer.get_by_role("button", name="mixed").click()
        expect(explorer.get_by_text("mixed · 5 different values")).to_be_visible()
    assert page.locator(".jp-OutputArea img, .jp-OutputArea script").count() == 0
    assert page.title() != "1"


def test_a_saved_notebook_stays_small_and_shows_its_twin(lab: Lab, page: Page) -> None:
    cells = ["%load_ext mpnb\n%mp demo", *["%mp explore"] * 3]
    run_all(page, lab, notebook(lab.folder, "kept.ipynb", cells))
    page.locator(".mpnb-explorer").nth(2).get_by_role("listbox").wait_for()
    expect(page.locator(".mpnb-twin").nth(2)).to_be_hidden()
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
    page.evaluate("window.jupyterapp.serviceManager.sessions.shutdownAll()")
    saved = (lab.folder / "kept.ipynb").read_text("utf-8")
    outputs = json.dumps([cell["outputs"] for cell in json.loads(saved)["cells"]])
    assert "Add to Cart" in outputs
    assert "<script" not in outputs
    assert len(saved) < 60_000
    page.goto(lab.address("kept.ipynb"))
    expect(page.locator(".mpnb-twin").first).to_be_visible(timeout=30_000)
    expect(page.locator(".mpnb-twin").first).to_contain_text("Add to Cart")
    expect(page.get_by_text("This widget is not running.").first).to_be_visible(timeout=20_000)
