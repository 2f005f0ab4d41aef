"""How long the explorer takes to open over many events and properties, and an edit to redraw.

Enters: nothing; a store of 5,000 events and 200 properties is made in memory, and the demo shop has
about a million events. Leaves: seconds. The surprise: opening is measured as a person has it, with
the first import of the widgets in it; an edit is measured up to the drawing that the page gets.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

CODE = """
import json, time
import mpnb

EVENTS, PROPERTIES, ROWS, DAY = 5_000, 200, 300_000, 86_400

def row(n):
    event = n % EVENTS
    own = {f"property {(7 * event + k * k + n // EVENTS) % PROPERTIES:03d}": n % (k + 2) for k in range(8)}
    place = {"time": 1_735_689_600 + n * 7_919 % (30 * DAY), "distinct_id": f"u{n % 1_000}"}
    return {"event": f"Event {event:04d}", "properties": {**place, **own, "note": f"text {n}"}}

ws = mpnb.local([row(n) for n in range(ROWS)], now="2025-01-31T12:00:00+00:00")

def measured(work):
    start = time.perf_counter()
    made = work()
    return time.perf_counter() - start, made

def opened():
    widget = ws.explore()
    json.dumps(widget._repr_mimebundle_()[0])
    first = widget.begin()
    json.dumps(first)
    return widget, first

found = {}
found["open"], (widget, first) = measured(opened)
assert len(first["events"]) == EVENTS
found["again"], _ = measured(opened)
found["event"], event = measured(lambda: widget.event("Event 0001"))
assert len(ws.engine.call("schema_graph", {})["properties"]) > PROPERTIES
name = event["properties"][0]["name"]
found["property"], _ = measured(lambda: widget.property(name, "Event 0001", "event"))
found["values"], values = measured(lambda: widget.property("note", None, "event"))
assert values["distinct"] == ROWS
print(json.dumps(found))
"""


EDITING = """
import json, threading, time
import mpnb
from mpnb import text
from mpnb.widget.builder import Builder

CELLS = {
    "insights": '"Purchase"\\nby country\\nlast {} days',
    "funnel": '"Sign Up" -> "Purchase"\\nby user.plan\\nlast {} days',
    "retention": '"Sign Up" -> "Purchase"\\nby platform\\nlast {} days',
    "flow": '"Sign Up"\\nforward 3\\nlast {} days',
}
ws = mpnb.demo()
slowest = 0.0
for kind, cell in CELLS.items():
    built, drawn = Builder(ws, kind), threading.Event()
    built.send = lambda content, buffers=None: "chart" in content.get("view", {}) and drawn.set()
    for days in (181, 180, 179, 178, 177):  # never the same question twice
        drawn.clear()
        start = time.perf_counter()
        built.edit("write", source=cell.format(days))
        assert drawn.wait(60)
        if days < 181:  # the first one compiles and reads what the cell is about
            slowest = max(slowest, time.perf_counter() - start)
print(json.dumps({"edit": slowest}))
"""


def measure() -> dict[str, float]:
    """Seconds of opening (first and again), of an event, a property, one of 300,000 values, and of
    the slowest edit of a builder."""
    found: dict[str, float] = {}
    for code in (CODE, EDITING):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
        )
        found |= json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    print(measure())
