"""Widgets over real data, beside another notebook, and where the engine refuses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, Lab, notebook, run_all

pytestmark = pytest.mark.browser

SHARED = Path(os.environ.get("MPNB_SHARED", ROOT.parent / "shared"))
DATA = SHARED / "data" / "crossvalidated" / "events.jsonl.gz"
DEMO = "%load_ext mpnb\n%mp demo"


@pytest.mark.skipif(not DATA.exists(), reason="the shared folder of real events is not here")
def test_real_events_are_explored_and_built_on(lab: Lab, page: Page) -> None:
    cells = [f"%load_ext mpnb\n%mp data {DATA}", "%mp explore", "%mp build insights"]
    run_all(page, lab, notebook(lab.folder, "real.ipynb", cells))
    explorer = page.locator(".mpnb-explorer")
    first = explorer.get_by_role("listbox").get_by_role("option").first
    first.wait_for(timeout=60_000)
    first.click()
    expect(explorer.get_by_role("button", name="Count it")).to_be_visible()
    page.locator(".mpnb-builder .mpnb-picture svg").first.wait_for()
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0


def test_two_notebooks_do_not_mix(lab: Lab, page: Page) -> None:
    other = (
        'rows = [{"event": "Only here", "properties": {"time": 1735725600, "distinct_id": "u"}}]'
    )
    mine = [
        "%load_ext mpnb\nimport mpnb as mp\n" + other,
        'ws = mp.local(rows, now="2025-01-02T00:00:00+00:00")\n%mp use ws',
        "%mp explore",
    ]
    run_all(page, lab, notebook(lab.folder, "one.ipynb", [DEMO, "%mp explore"]))
    page.locator(".mpnb-explorer").get_by_role("option", name="Purchase").wait_for()
    second = page.context.new_page()
    run_all(second, lab, notebook(lab.folder, "two.ipynb", mine))
    explorer = second.locator(".mpnb-explorer")
    explorer.get_by_role("option", name="Only here").wait_for()
    assert explorer.get_by_role("option", name="Purchase").count() == 0
    assert page.locator(".mpnb-explorer").get_by_role("option", name="Only here").count() == 0


def test_what_the_engine_refuses_is_said_and_the_edit_stays(lab: Lab, page: Page) -> None:
    run_all(page, lab, notebook(lab.folder, "refused.ipynb", [DEMO, "%mp build insights"]))
    built = page.locator(".mpnb-builder")
    built.locator(".mpnb-picture svg").first.wait_for()
    refused = "%%mpquery insights\nmetric 88999"
    built.get_by_label("Cell text").fill(refused)
    expect(built.get_by_text("not known to the local engine")).to_be_visible()
    expect(built.get_by_label("Cell text")).to_have_value(refused)
    built.get_by_label("Cell text").fill('%%mpquery insights\n"Purchase"')
    built.locator(".mpnb-picture svg").first.wait_for()
