"""One engine at one size in a process of its own: either the load, or the questions.

    python -m tests.benchmarks.child load|ask ENGINE DATA STORE REPEATS

Leaves a JSON object on its last line of output; `answers` are lists of labels and a number.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks import memory
from tests.benchmarks.engines import ENGINES, Engine
from tests.benchmarks.questions import QUESTIONS, Answer

ENOUGH_SECONDS = 4.0
"""A question is not asked again when it took this long in all, after three times."""


def load(engine: Engine, data: Path, store: Path) -> dict[str, Any]:
    """Load into an empty folder."""
    shutil.rmtree(store, ignore_errors=True)
    store.parent.mkdir(parents=True, exist_ok=True)
    memory.start()
    start = time.perf_counter()
    engine.load(sorted(data.glob("*.jsonl.gz")), store)
    seconds = time.perf_counter() - start
    size = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
    return {"seconds": seconds, "peak": memory.peak(), "disk": size}


def ask(engine: Engine, store: Path, repeats: int) -> dict[str, Any]:
    """Open, then ask each question several times; the first time is told apart."""
    start = time.perf_counter()
    engine.open(store)
    opened = time.perf_counter() - start
    return {
        "open": opened,
        "questions": {q.name: _measured(engine, q, repeats) for q in QUESTIONS},
    }


def _measured(engine: Engine, question: Any, repeats: int) -> dict[str, Any]:
    run, read = engine.prepare(question)
    memory.start()
    start = time.perf_counter()
    found = run()
    first = time.perf_counter() - start
    times: list[float] = []
    while len(times) < repeats and (len(times) < 3 or sum(times) < ENOUGH_SECONDS):
        start = time.perf_counter()
        found = run()
        times.append(time.perf_counter() - start)
    peak = memory.peak()
    check = engine.check(question)
    return {
        "first": first,
        "best": min(times),
        "peak": peak,
        "answer": _listed(read(found)),
        "check": None if check is None else _listed(check),
    }


def _listed(answer: Answer) -> list[Any]:
    return sorted([*labels, number] for labels, number in answer.items())


if __name__ == "__main__":
    what, name, data, store, repeats = sys.argv[1:]
    engine = ENGINES[name]()
    if what == "load":
        print(json.dumps(load(engine, Path(data), Path(store))))
    else:
        print(json.dumps(ask(engine, Path(store), int(repeats))))
