"""How long a keystroke in the explorer's search takes over 10,000 events, in a real browser.

Enters: nothing; the events are made in memory. Leaves: seconds, None where no Chromium is installed.
The surprise: no JupyterLab runs; a page without a notebook is enough, because the names are in the
page and no message is sent. The slowest of five words counts, to the end of the layout.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import sync_playwright

import mpnb
from mpnb.widget import base
from mpnb.widget.explorer import Explorer
from tests.browser.conftest import CHROMIUM_OPTIONS, chromium

EVENTS = 10_000
SHOW = """async (loader) => {
    const heard = new Set();
    const model = {
        get: (name) => (name === "part" ? "explorer" : ""),
        on: (_, take) => heard.add(take),
        off: (_, take) => heard.delete(take),
        send: async (message) => {
            for (const one of await kernel(message)) for (const take of [...heard]) take(one);
        },
    };
    const made = await import(URL.createObjectURL(new Blob([loader], { type: "text/javascript" })));
    await made.default.render({ model, el: document.getElementById("host") });
}"""
SLOWEST = """() => {
    const root = document.querySelector(".mpnb-explorer"), times = [];
    const field = root.querySelector("input[type=search]");
    for (const word of ["e", "event 0", "event 00", "nothing has this", ""]) {
        const before = performance.now();
        field.value = word;
        field.dispatchEvent(new Event("input"));
        root.offsetHeight;
        times.push(performance.now() - before);
    }
    return Math.max(...times);
}"""


def measure() -> float | None:
    """Seconds of the slowest keystroke."""
    path = chromium()
    if path is None:
        return None
    rows = [
        {"event": f"Event {n:05d}", "properties": {"time": 1_735_689_600 + n, "distinct_id": "u"}}
        for n in range(EVENTS)
    ]
    widget = Explorer(mpnb.local(rows, now="2025-01-05T00:00:00+00:00"))

    def kernel(message: dict[str, Any]) -> list[Any]:
        told: list[Any] = []
        widget.send = lambda content, buffers=None: told.append(content)
        widget._answer(message)
        return told

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        page = browser.new_page()
        page.set_content('<div id="host"></div>')
        page.expose_function("kernel", kernel)
        page.evaluate(SHOW, base.loader())
        page.get_by_text(f"{EVENTS:,} events").wait_for()
        slowest: float = page.evaluate(SLOWEST)
        browser.close()
    return slowest / 1000


if __name__ == "__main__":
    print(measure())
