"""Widgets in a host that has the widget protocol and nothing else, with outputs laid out as VS Code does.

The host is a page whose rules let it load nothing from anywhere; its model has the members that
anywidget documents, and any other that a script reaches for is an error.
"""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from mpnb.widget import pending
from mpnb.widget.base import Live
from mpnb.widget.builder import Builder, build
from mpnb.widget.explorer import explore
from tests.emulator.conftest import project

pytestmark = pytest.mark.browser

RULES = (
    "default-src 'none'; script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; img-src data:"
)
OUTPUT = '<div class="output_container"><div class="output">{}</div></div>'
CELL = f'<div class="cell_container">{OUTPUT}{OUTPUT}</div>'
TWIN = '<div class="mpnb-twin">{}</div>'
PAGE = f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{RULES}"><title>A host</title><main>
{CELL.format(TWIN.format("of a cell above"), "")}
{CELL.format('<div id="live"></div>', TWIN.format("mine"))}
{CELL.format("", TWIN.format("of a cell below"))}</main></html>"""
HOST = """async ({ esm, state }) => {
  const only = (object, name) => new Proxy(object, { get(target, key) {
    if (key in target || typeof key === "symbol" || key === "then") return target[key];
    globalThis.reached = `${name}.${String(key)}`;
    throw new Error(`no ${globalThis.reached} in the protocol`);
  } });
  const heard = new Set();
  const hear = (messages) => messages.forEach((one) => heard.forEach((take) => take(one, [])));
  setInterval(async () => hear(await fromKernel()), 40);
  const model = only({
    get: (key) => state[key],
    set() {}, save_changes() {},
    send: (content) => void toKernel(content),
    on: (name, take) => name === "msg:custom" && heard.add(take),
    off: (name, take) => heard.delete(take),
    widget_manager: only({ get_model: () => Promise.reject(new Error("not here")) }, "manager"),
  }, "model");
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  const widget = (await import(url)).default;
  await widget.initialize?.({ model });
  await widget.render({ model, el: document.getElementById("live") });
}"""


def shown(page: Page, monkeypatch: pytest.MonkeyPatch, widget: Live) -> Locator:
    """Show a widget in the host; its messages go both ways."""
    said: list[Any] = []
    lock = threading.Lock()

    def send(content: Any, buffers: Any = None) -> None:
        with lock:
            said.append(content)

    def drained() -> list[Any]:
        with lock:
            told = list(said)
            said.clear()
        return told

    monkeypatch.setattr(widget, "send", send)
    page.expose_function("toKernel", lambda content: widget._heard(widget, content, []))
    page.expose_function("fromKernel", drained)
    page.goto("about:blank")
    page.set_content(PAGE)
    state = {"text": widget.text, "part": widget.part}
    page.evaluate(HOST, {"esm": widget._esm, "state": state})
    return page.locator(".mpnb")


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the page's console holds against it: forbidden loads, and scripts that fail."""
    found: list[str] = []
    page.on("console", lambda one: found.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda one: found.append(str(one)))
    return found


def test_the_explorer_needs_the_protocol_only(
    page: Page, monkeypatch: pytest.MonkeyPatch, complaints: list[str]
) -> None:
    live = shown(page, monkeypatch, explore(project()))
    live.get_by_role("option", name="Buy").click()
    live.get_by_role("button", name="Count it").click()
    live.get_by_role("button", name="Insert below").click()
    expect(live.get_by_text("%mp paste")).to_be_visible()
    assert pending.take() == '%%mpquery insights\n"Buy"'
    live.get_by_role("button", name="Open in builder").click()
    expect(live.get_by_text("shows no widget inside another")).to_be_visible()
    assert page.evaluate("globalThis.reached") is None
    assert complaints == []


def test_the_builder_needs_it_only_and_hides_its_own_twin(
    page: Page, monkeypatch: pytest.MonkeyPatch, complaints: list[str]
) -> None:
    built = build(project(), "funnel")
    assert isinstance(built, Builder)
    live = shown(page, monkeypatch, built)
    live.locator("figure svg").first.wait_for()
    page.get_by_text("mine", exact=True).wait_for(state="hidden")
    expect(page.get_by_text("of a cell above")).to_be_visible()
    expect(page.get_by_text("of a cell below")).to_be_visible()
    live.get_by_label("Cell text").fill('%%mpquery insights\n"View"')
    expect(live.locator("figure").first).to_have_attribute("aria-label", re.compile("^View "))
    assert page.evaluate("globalThis.reached") is None
    assert complaints == []
