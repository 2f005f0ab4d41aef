"""How long the explorer takes to open over many events and properties, and each click after.

Enters: nothing; a store of 5,000 events and 200 properties is made in memory. Leaves: seconds. The
surprise: opening is measured as a person has it, with the first import of the widgets in it.
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


def measure() -> dict[str, float]:
    """Seconds of opening (first and again), of an event, a property, and one of 300,000 values."""
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    print(measure())
