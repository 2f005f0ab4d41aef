"""Synthetic export files for benchmarks: the same lines for the same numbers, on every machine.

Enters: how many events. Leaves: `events-000.jsonl.gz` … in a folder, a raw export of 90 days: one
user per 20 events, 20 event names, about ten properties a line. The surprise: the lines of a file
are one stretch of days in no order, as exports are; users come back in every file.

    python -m tests.benchmarks.generate 1000000 FOLDER
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

EVENTS = [
    "Open App", "Sign Up", "Search", "View Item", "Add to Cart", "Checkout", "Purchase", "Share",
    "Rate", "Invite", "Log In", "Log Out", "Support", "Cancel", "Upgrade", "Browse", "Filter",
    "Watch", "Save", "Notify",
]  # fmt: skip
WEIGHTS = np.array([20, 3, 12, 16, 8, 5, 4, 2, 2, 1, 8, 2, 1, 1, 1, 6, 4, 2, 1, 1], float)
PLATFORMS = ["ios", "android", "web", "tv"]
COUNTRIES = ["US", "DE", "FR", "GB", "BR", "IN", "JP", "CA", "ES", "IT", "NL", "SE"]
PLANS = ["free", "pro", "team"]
BROWSERS = ["Chrome", "Safari", "Firefox", "Edge"]
START = 1_735_689_600  # 2025-01-01
DAYS = 90
EVENTS_PER_USER = 20
LINES_PER_FILE = 1_000_000
_CHUNK = 100_000

_LINE = (
    '{"event":"%s","properties":{"time":%d,"distinct_id":"user-%07d","$insert_id":"%016x%08x",'
    '"$browser":"%s","country":"%s","plan":"%s","platform":"%s","version":"%d.%d",'
    '"campaign":"spring-%d","logged_in":%s,"mp_processing_time_ms":%d%s}}\n'
)


def generate(events: int, folder: Path) -> list[Path]:
    """Write the files and return them in order."""
    folder.mkdir(parents=True, exist_ok=True)
    files = max(1, -(-events // LINES_PER_FILE))
    paths = []
    for number in range(files):
        path = folder / f"events-{number:03}.jsonl.gz"
        first, last = events * number // files, events * (number + 1) // files
        with gzip.GzipFile(path, "wb", compresslevel=4, mtime=0) as out:
            for text in _texts(events, number, files, last - first):
                out.write(text.encode())
        paths.append(path)
    return paths


def _texts(events: int, number: int, files: int, lines: int) -> Iterator[str]:
    rng = np.random.default_rng([events, number])
    users = max(1, events // EVENTS_PER_USER)
    low = START + DAYS * 86400 * number // files
    high = START + DAYS * 86400 * (number + 1) // files
    for start in range(0, lines, _CHUNK):
        yield "".join(_lines(rng, users, low, high, min(_CHUNK, lines - start)))


def _lines(rng: np.random.Generator, users: int, low: int, high: int, count: int) -> Iterator[str]:
    event = rng.choice(len(EVENTS), count, p=WEIGHTS / WEIGHTS.sum()).tolist()
    time = rng.integers(low, high, count).tolist()
    user = rng.integers(0, users, count).tolist()
    ids = rng.integers(0, 2**62, count).tolist()
    amount = np.round(rng.gamma(2.0, 30.0, count), 2).tolist()
    mix = rng.integers(0, 2**31, count).tolist()
    for e, t, u, i, a, m in zip(event, time, user, ids, amount, mix, strict=True):
        paid = f',"amount":{a!r}' if e in (4, 5, 6) else ""
        yield _LINE % (
            EVENTS[e], t, u, i, m, BROWSERS[m % 4], COUNTRIES[u * 7 % 12], PLANS[u % 10 // 5 + (u % 10 > 8)],
            PLATFORMS[(u + m // 4 % 5 // 4) % 4], 1 + m % 3, m // 8 % 10, m // 16 % 40,
            "true" if m & 1 else "false", t * 1000 + 3_000 + m % 100_000, paid,
        )  # fmt: skip


if __name__ == "__main__":
    for made in generate(int(sys.argv[1]), Path(sys.argv[2])):
        print(made)
