"""What the extension does as kernels, projects and notebooks change, and where mpnb is not loaded."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab, notebook, run_all
from tests.browser.test_extension_more import DEMO, SOURCES, begun

pytestmark = pytest.mark.browser

SHOW = "window.jupyterapp.commands.execute('mpnb:show-sidebar')"
SESSION = "window.jupyterapp.shell.currentWidget.sessionContext"
RUN = "window.jupyterapp.commands.execute('notebook:run-cell')"
PURCHASE = 'Insert "Purchase"'
INSERT = "window.jupyterapp.commands.isEnabled('mpnb:insert-cell')"
PROJECT = """from pydantic import SecretStr
import os, mpnb as mp
from mpnb import emulator
from mpnb.account import ServiceAccount
from mpnb.session import Project, Session
served = emulator.serve(mp.demo(), token="a-token")
running = served.__enter__()
os.environ["MP_API_BASE_URL"] = running.url
account = ServiceAccount(name="team", username="u", secret=SecretStr(running.token), region="us")
named = Project(id=str(running.identity.project_id))
remote = mp.Workspace(session=Session(account=account, project=named))"""
ASKED = '%%mpquery --no-display\n"Purchase"\nfrom 2025-06-01 to 2025-06-07'


def test_the_head_stays_in_sight_and_rows_keep_their_focus(lab: Lab, page: Page) -> None:
    bar = begun(lab, page, "head.ipynb")
    page.set_viewport_size({"width": 1000, "height": 500})
    page.evaluate(SHOW)
    row = bar.get_by_title(PURCHASE, exact=True)
    row.wait_for()
    for _ in range(2):
        tops = bar.evaluate(
            "bar => [bar, bar.querySelector('label')].map(one => one.getBoundingClientRect().top)"
        )
        assert tops[0] < tops[1] < tops[0] + 40
        bar.locator("li button:visible").last.scroll_into_view_if_needed()
    row.focus()
    before = row.element_handle()
    bar.get_by_role("button", name="Refresh").evaluate("button => button.click()")
    page.wait_for_function("node => !node.isConnected", arg=before)
    expect(row).to_be_focused()


def test_the_status_and_what_was_paid_for_follow_the_project(lab: Lab, page: Page) -> None:
    run_all(page, lab, notebook(lab.folder, "project.ipynb", [DEMO, PROJECT, "%mp use remote"]))
    status, bar = page.locator(".mpnb-status-item"), page.locator(".mpnb-sidebar")
    expect(status).to_contain_text("Mixpanel project", timeout=60_000)
    page.evaluate(SHOW)
    expect(status).to_contain_text("team")
    expect(status).to_be_visible()
    left = status.inner_text()
    assert "requests left: " in left
    expect(bar.get_by_title(PURCHASE, exact=True)).to_have_count(0)
    bar.get_by_role("button", name="Read (1 request)").first.click()
    expect(bar.get_by_title(PURCHASE, exact=True)).to_be_visible(timeout=20_000)
    page.evaluate("text => window.jupyterapp.commands.execute('mpnb:insert-cell', {text})", ASKED)
    page.evaluate(RUN)
    expect(status).not_to_have_text(left, timeout=30_000)
    expect(bar.get_by_title(PURCHASE, exact=True)).to_be_visible()


def test_another_kernel_ends_the_line_and_loading_opens_one(lab: Lab, page: Page) -> None:
    bar = begun(lab, page, "other.ipynb")
    page.evaluate(SHOW)
    row = bar.get_by_title(PURCHASE, exact=True)
    row.wait_for()
    page.evaluate(f"{SESSION}.changeKernel({{ name: 'python3' }}).then(() => null)")
    expect(row).to_have_count(0)
    expect(page.locator(".mpnb-status-item")).not_to_be_visible()
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    row.wait_for(timeout=60_000)
    expect(page.locator(".mpnb-status-item")).to_be_visible()


def test_a_lost_kernel_is_said_and_no_edit_is_lost(lab: Lab, page: Page) -> None:
    bar = begun(lab, page, "lost.ipynb", "%mp build insights")
    built = page.locator(".mpnb-builder")
    built.locator(".mpnb-picture svg").first.wait_for(timeout=60_000)
    page.evaluate(SHOW)
    page.evaluate(f"{SESSION}.shutdown()")
    expect(bar.get_by_text("run %load_ext mpnb")).to_be_visible()
    mine = '%%mpquery insights\n"Purchase"\nby country'
    text = built.get_by_label("Cell text")
    text.fill(mine)
    expect(built.get_by_text("your edits are still here")).to_be_visible(timeout=20_000)
    expect(text).to_have_value(mine)


def test_nothing_at_all_where_mpnb_is_not_loaded(lab: Lab, page: Page) -> None:
    sent: list[str] = []
    asked: list[str] = []
    page.on(
        "websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame)))
    )
    run_all(page, lab, notebook(lab.folder, "nothing.ipynb", ["1 + 1", "'text'"]))
    page.on("request", lambda request: asked.append(request.url))
    page.locator(".jp-OutputArea-output").nth(1).wait_for()
    page.keyboard.press("Control+Alt+q")
    page.wait_for_timeout(1500)
    assert sent, "the page talks to its kernel"
    assert not [frame for frame in sent if "comm_open" in frame and "mpnb" in frame]
    assert not [url for url in asked if "mpnb" in url]
    marked = "[...document.querySelectorAll('[class*=mpnb], [id*=mpnb]')].map(n => n.className)"
    shown = [name for name in page.evaluate(marked) if "mpnb-status-item" not in name]
    assert shown == []
    assert not page.locator(".mpnb-status-item").is_visible()
    assert page.evaluate(INSERT) is False
    assert page.evaluate(SOURCES) == ["1 + 1", "'text'"]


def test_a_report_saved_in_a_widget_is_in_the_sidebar_at_once(lab: Lab, page: Page) -> None:
    cells = [DEMO, PROJECT, "%mp use remote", f"built = ws.build({ASKED!r})\nbuilt"]
    run_all(page, lab, notebook(lab.folder, "news.ipynb", cells))
    built = page.locator(".mpnb-builder")
    built.get_by_role("button", name="Save as report").click(timeout=60_000)
    status = page.locator(".mpnb-status-item")
    expect(status).to_contain_text("60 of 60 an hour")
    built.get_by_role("button", name=re.compile("^Run")).click()
    expect(status).to_contain_text("59 of 60 an hour")  # without another cell
    page.evaluate(SHOW)
    bar = page.locator(".mpnb-sidebar")
    group = bar.locator("details").filter(has_text="Saved reports")
    group.locator("summary").click()
    group.get_by_role("button", name="Read (1 request)").click()
    expect(group.locator("summary")).to_have_text("Saved reports (0)")
    built.get_by_label("Report's name").fill("Seen at once")
    built.get_by_role("button", name="Save", exact=True).click()
    expect(group.get_by_role("button", name="Seen at once")).to_be_visible()
    expect(group.get_by_role("button", name="Read (1 request)")).to_have_count(0)
    gone = "[remote.delete_bookmark(one.id, confirm=True) for one in remote.list_bookmarks_v2()]"
    page.evaluate("text => window.jupyterapp.commands.execute('mpnb:insert-cell', {text})", gone)
    page.evaluate(RUN)
    expect(group.locator("summary")).to_have_text("Saved reports (0)")


def test_a_report_of_a_local_store_comes_without_holding_anything_up(lab: Lab, page: Page) -> None:
    bar = begun(lab, page, "soon.ipynb", "%mp build insights")
    built = page.locator(".mpnb-builder")
    built.get_by_role("button", name="Save as report").click(timeout=60_000)
    page.evaluate(SHOW)
    bar.locator("summary").filter(has_text="Saved reports").click()
    name = f"Soon {time.time_ns()}"
    built.get_by_label("Report's name").fill(name)
    built.get_by_role("button", name="Save", exact=True).click()
    expect(bar.get_by_role("button", name=name)).to_be_visible()
    expect(built.get_by_text("Saved as report")).to_be_visible()
