"""How fast events stream and how fast a project is pulled, over loopback with gzip.

Enters: a number of events. Leaves: rows of name, events a second, greatest memory in MB: what the
process holds for itself, and all with the pages of files it has mapped, libraries included. The
surprise: the server and each measurement are processes of their own, so that memory is the client's
alone; the files are made once and served as they are.

    python -m tests.benchmarks.streaming 5000000
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.benchmarks.generate import DAYS, START, generate

FIRST = datetime.fromtimestamp(START, UTC).date()
LAST = FIRST + timedelta(days=DAYS - 1)
_STATUS = Path("/proc/self/status")
_TIME = re.compile(rb'"time":(\d+)')


@dataclass(frozen=True)
class Measured:
    """One measurement."""

    name: str
    events: int
    seconds: float
    megabytes: float
    mapped: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


def streaming(events: int = 1_000_000) -> list[Measured]:
    """Measure the stream, normalised and raw, and the pull."""
    with tempfile.TemporaryDirectory() as place:
        days = Path(place) / "days"
        _split(generate(events, Path(place) / "files"), days)
        with _served(days) as url:
            return [_child(what, url) for what in ("normalised", "raw", "fetch", "pull")]


def best_of(rounds: Iterable[list[Measured]]) -> dict[str, Measured]:
    """Each measurement by its name: the quickest of the rounds, with the most memory of any."""
    found: dict[str, Measured] = {}
    for row in (row for rows in rounds for row in rows):
        seen = found.get(row.name, row)
        found[row.name] = replace(
            min(seen, row, key=lambda one: one.seconds),
            megabytes=max(seen.megabytes, row.megabytes),
            mapped=max(seen.mapped, row.mapped),
        )
    return found


def _split(files: list[Path], days: Path) -> None:
    """One packed file a day, as the Export API answers."""
    days.mkdir()
    with contextlib.ExitStack() as stack:
        out: dict[date, Any] = {}
        for path in files:
            for line in stack.enter_context(gzip.open(path)):
                found = _TIME.search(line)
                assert found is not None
                day = datetime.fromtimestamp(int(found[1]), UTC).date()
                if day not in out:
                    out[day] = stack.enter_context(gzip.open(days / f"{day}.gz", "wb", 4))
                out[day].write(line)


@contextlib.contextmanager
def _served(days: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.streaming", "serve", str(days)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def _serve(days: Path) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = re.findall(r"(?:from|to)_date=([\d-]+)", self.path)
            paths = [p for p in sorted(days.iterdir()) if min(asked) <= p.stem <= max(asked)]
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(sum(p.stat().st_size for p in paths)))
            self.end_headers()
            for path in paths:
                with path.open("rb") as file:
                    while part := file.read(1 << 18):
                        self.wfile.write(part)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


def _child(what: str, url: str) -> Measured:
    with tempfile.TemporaryDirectory() as state:
        own = {**os.environ, "MP_API_BASE_URL": url, "MPNB_HOME": state}
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.streaming", "measure", what],
            env=own,
            stdout=subprocess.PIPE,
            check=True,
        )
    return Measured(**json.loads(done.stdout))


def _measure(what: str) -> Measured:
    import mpnb

    account = mpnb.ServiceAccount(name="b", region="us", username="u", secret="s")  # type: ignore[arg-type]
    project = mpnb.Project(id="1", timezone="UTC")
    session = mpnb.Session(account=account, project=project)
    ws = mpnb.Workspace(session=session, on_limit="ignore", cache=False)
    span = (FIRST.isoformat(), LAST.isoformat())
    watch, begun = _Watch(), time.perf_counter()
    if what in ("normalised", "raw"):
        rows = ws.stream_events(from_date=span[0], to_date=span[1], raw=what == "raw")
        count = sum(1 for _ in rows)
    else:
        marks: list[tuple[float, float, float]] = []

        def tell(told: Any) -> None:
            if told.stage == "load" and not marks:
                marks.append((time.perf_counter() - begun, *watch.look()))

        count = ws.pull(*span, profiles=False, progress=tell).events
        if what == "fetch":
            return Measured(what, count, *marks[0])
    ws.close()
    return Measured(what, count, time.perf_counter() - begun, *watch.look())


class _Watch:
    """The most memory that this process had, in MB; sampled, because Linux keeps no peak of parts.

    Memory of its own is what is backed by no file; the whole includes mapped files and libraries.
    """

    def __init__(self) -> None:
        self.own = self.whole = 0.0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            self.look()
            time.sleep(0.01)

    def look(self) -> tuple[float, float]:
        status = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
        own, whole = (int(status[name].split()[0]) / 1024 for name in ("RssAnon", "VmHWM"))
        self.own, self.whole = max(self.own, own), max(self.whole, whole)
        return self.own, self.whole


def main(words: list[str]) -> None:
    """Serve, measure, or run the whole."""
    if words[0] == "serve":
        _serve(Path(words[1]))
    elif words[0] == "measure":
        print(json.dumps(vars(_measure(words[1]))))
    else:
        for row in streaming(int(words[0])):
            print(
                f"{row.name:12} {row.rate:12,.0f} events/s {row.megabytes:8,.0f} MB"
                f" {row.mapped:8,.0f} MB with mapped files"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
