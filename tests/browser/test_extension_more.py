"""The extension by keyboard and by mouse, through a restart, and where only Python knows mpnb."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.access import dark, grave
from tests.browser.conftest import Lab, notebook, run_all

pytestmark = pytest.mark.browser

DEMO = "%load_ext mpnb\n%mp demo"
SOURCES = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .map(cell => cell.model.sharedModel.getSource())"""
RESTART = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"


def begun(lab: Lab, page: Page, name: str, *cells: str) -> Locator:
    run_all(page, lab, notebook(lab.folder, name, [DEMO, *cells]))
    expect(page.locator(".mpnb-status-item")).to_contain_text("demo shop", timeout=60_000)
    return page.locator(".mpnb-sidebar")


def test_by_keyboard_alone(lab: Lab, page: Page) -> None:
    bar = begun(lab, page, "keys.ipynb", "1 + 1")
    page.locator(".jp-CodeCell").last.click()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Alt+m")
    expect(bar.get_by_label("Search names")).to_be_focused()
    page.keyboard.type("purch")
    button = bar.get_by_title('Insert "Purchase"', exact=True)
    expect(button).to_be_visible()
    for _ in range(6):
        page.keyboard.press("Tab")
        if button.evaluate("node => node === document.activeElement"):
            break
    expect(button).to_be_focused()
    assert button.evaluate("node => getComputedStyle(node).outlineStyle !== 'none'")
    page.keyboard.press("Enter")
    expect(page.locator(".jp-CodeCell")).to_have_count(3)
    assert '"Purchase"' in page.evaluate(SOURCES)[2]
    page.locator(".jp-CodeCell").last.click()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Alt+q")
    expect(page.locator(".jp-CodeCell")).to_have_count(4)
    assert page.evaluate(SOURCES)[3].startswith("%%mpquery")
    assert grave(page, ".mpnb-sidebar") == []
    dark(page)
    assert grave(page, ".mpnb-sidebar") == []


def test_a_name_is_dragged_into_a_cell(lab: Lab, page: Page) -> None:
    bar = begun(lab, page, "drag.ipynb", "")
    page.evaluate("window.jupyterapp.commands.execute('mpnb:show-sidebar')")
    target = page.locator(".jp-CodeCell .cm-content").last
    bar.get_by_role("button", name="Search", exact=True).or_(
        bar.get_by_role("button", name="View Item")
    ).last.drag_to(target)
    expect(target).to_contain_text('"')
    assert any(name in page.evaluate(SOURCES)[1] for name in ("Search", "View Item"))


def test_a_restart_empties_the_sidebar_until_mpnb_is_loaded_again(lab: Lab, page: Page) -> None:
    bar = begun(lab, page, "again.ipynb", "1 + 1")
    page.evaluate("window.jupyterapp.commands.execute('mpnb:show-sidebar')")
    bar.get_by_title('Insert "Purchase"', exact=True).wait_for()
    page.evaluate(RESTART)
    expect(bar.get_by_title('Insert "Purchase"', exact=True)).to_have_count(0)
    expect(bar.get_by_text("run %load_ext mpnb")).to_be_visible()
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    bar.get_by_title('Insert "Purchase"', exact=True).wait_for(timeout=60_000)


def test_a_saved_report_opens_by_the_sidebar_and_by_a_command(lab: Lab, page: Page) -> None:
    cell = '%%mpquery funnel --save "Opened again" --no-display\n"Sign Up" -> "Purchase"'
    bar = begun(lab, page, "reports.ipynb", cell)
    page.evaluate("window.jupyterapp.commands.execute('mpnb:show-sidebar')")
    bar.get_by_text("Saved reports").click()
    bar.get_by_role("button", name="Opened again").click()
    expect(page.locator(".jp-CodeCell")).to_have_count(3)
    assert page.evaluate(SOURCES)[2].startswith("%mp open")
    page.evaluate("window.jupyterapp.commands.execute('mpnb:open-report', { id: 12 })")
    expect(page.locator(".jp-CodeCell")).to_have_count(4)
    assert "%mp open 12" in page.evaluate(SOURCES)


def test_python_alone_does_not_wake_the_extension(lab: Lab, page: Page) -> None:
    cells = ["import mpnb as mp", 'mp.Filter.equals("a", "b")', "'%%mpquery'"]
    sent: list[str] = []
    page.on(
        "websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame)))
    )
    run_all(page, lab, notebook(lab.folder, "python.ipynb", cells))
    page.locator(".jp-OutputArea-output").nth(1).wait_for()
    page.wait_for_timeout(1500)
    assert page.locator(".mpnb-sidebar, .mpnb-hl-word").count() == 0
    assert not page.locator(".mpnb-status-item").is_visible()
    assert sent, "the page talks to its kernel"
    assert not [frame for frame in sent if "mpnb.browser" in frame]
