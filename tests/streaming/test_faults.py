"""A server that dies, a full disk, a killed process: real ones. Afterwards nothing is lost or twice.

The server is a process of its own that kills itself in mid-answer; the disk is full where the
operating system lets no file grow further; a load is killed between two of its writes.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import mpnb
from mpnb import pulled
from mpnb.engine.duckdb.store import Store
from mpnb.errors import MixpanelHeadlessError
from tests.streaming.conftest import Serve
from tests.streaming.project import World, lines, three_days, workspace

DAYS = ("2025-01-01", "2025-01-03")


def events() -> Counter[str]:
    """What the copy holds, event by event."""
    store: Store = workspace().on("local").engine.local.store  # type: ignore[attr-defined]
    rows = [store.event_json(i) for i in range(store.n_rows)]
    return Counter(str(row["properties"]["$insert_id"]) for row in rows)


def expected() -> Counter[str]:
    """What the server has."""
    rows = [row for day in three_days().values() for row in day]
    return Counter(row["properties"]["$insert_id"] for row in rows)


SERVER = """
import os, signal, sys
from tests.streaming.project import World, three_days
from tests.streaming.server import Answer, Server
deadly, port = sys.argv[1], int(sys.argv[2])
world = World(three_days())
def answering(asked):
    answer = world(asked)
    if asked.query.get("from_date") == deadly:
        dying.append(answer)
    return answer
dying = []
import tests.streaming.server as module
def sent(handler, answer, send=module._send):
    if answer in dying:
        import gzip
        body = gzip.compress(answer.body, 1, mtime=0)
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:60])
        handler.wfile.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    send(handler, answer)
module._send = sent
class AtPort(module.ThreadingHTTPServer):
    allow_reuse_address = True
    def __init__(self, address, handler):
        super().__init__((address[0], port), handler)
module.ThreadingHTTPServer = AtPort
made = Server(answering)
made.start()
print(made.url, flush=True)
signal.pause()
"""


@contextlib.contextmanager
def process_serving(deadly: str, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process that kills itself in the middle of a day."""
    command = [sys.executable, "-c", SERVER, deadly, str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def test_a_server_that_dies_mid_export(
    serve: Serve, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with process_serving("2025-01-02", 0) as (process, url):
        monkeypatch.setenv("MP_API_BASE_URL", url)
        with pytest.raises(MixpanelHeadlessError):
            workspace().pull(*DAYS, profiles=False)
        assert process.wait(30) == -signal.SIGKILL
    assert sorted(events()) == sorted(i for i in expected() if i.startswith("2025-01-01"))
    port = int(url.rpartition(":")[2])
    with process_serving("never", port) as (_, again):
        assert again == url
        report = workspace().pull(*DAYS, profiles=False)
        assert (report.kept, report.fetched) == (1, ["2025-01-02", "2025-01-03"])
    assert events() == expected()
    assert not list(place.rglob("part-*"))


FULL = """
import resource, sys
from mpnb.pulled import PullError
from tests.streaming.project import workspace
ws = workspace()
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), -1))
try:
    print(ws.pull("2025-01-01", "2025-01-03", profiles=False).loaded.rows)
except PullError as problem:
    print("full:", problem)
"""


def run(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, env=dict(os.environ)
    )


@pytest.mark.parametrize("most", [0, 150, 500, 800, 50_000])
def test_a_disk_that_is_full_at_any_time(serve: Serve, place: Path, most: int) -> None:
    """No file may grow beyond some bytes: days, the columns of the store, its facts or the note."""
    serve(World(three_days()))
    child = run(FULL, str(most))
    assert child.returncode == 0, child.stderr
    assert child.stdout.startswith("36" if most == 50_000 else "full:"), child.stdout
    assert "Make room" in child.stdout or most == 50_000
    report = workspace().pull(*DAYS, profiles=False)
    assert report.kept + len(report.fetched) == 3
    assert events() == expected()
    assert not [*place.rglob("part-*"), *place.rglob("new-*")]


KILLED = """
import os, signal, sys
from mpnb import pulled
from mpnb.engine.duckdb import arrays, folder
from tests.streaming.project import workspace
where, left = sys.argv[1], int(sys.argv[2])
def deadly(owner, name):
    did = getattr(owner, name)
    def done(*args, **kwargs):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return did(*args, **kwargs)
    setattr(owner, name, done)
owners = {"put": arrays.FolderTarget, "finish": arrays.FolderTarget, "replace": os,
          "switch": folder, "_write_note": pulled.Copy}
deadly(owners[where], where)
workspace().pull("2025-01-01", "2025-01-03", profiles=False)
"""


@pytest.mark.parametrize(
    ("where", "time", "before"),
    [
        ("replace", 1, False),
        ("put", 1, False),
        ("put", 7, True),
        ("finish", 1, True),
        ("switch", 1, False),
        ("replace", 3, True),
        ("replace", 4, True),
        ("replace", 5, True),
        ("_write_note", 1, True),
    ],
)
def test_a_load_that_is_killed(
    serve: Serve, place: Path, where: str, time: int, before: bool
) -> None:
    """Killed before a write or a rename: of a day, of the store, of its pointer, of the note."""
    serve(World(three_days()))
    if before:
        workspace().pull(DAYS[0], DAYS[0], profiles=False)
    child = run(KILLED, where, str(time))
    assert child.returncode == -signal.SIGKILL, child.stderr
    if before:
        first = Counter(i for i in expected() if i.startswith(DAYS[0]))
        assert events() in (first, expected())  # it opens, and answers from before or after
    workspace().pull(*DAYS, profiles=False)
    assert events() == expected()
    assert not [*place.rglob("part-*"), *place.rglob("new-*")]


def test_a_load_that_is_killed_leaves_the_store(tmp_path: Path) -> None:
    """The same for files that somebody loads into a store of his own."""
    days = three_days()
    for day, rows in days.items():
        (tmp_path / f"{day}.jsonl").write_bytes(lines(rows))
    code = """
import os, signal, sys
import mpnb
from mpnb.engine.duckdb import folder
folder.switch = lambda *given: os.kill(os.getpid(), signal.SIGKILL)
mpnb.local(sys.argv[1], store=sys.argv[2])
"""
    one, two = (str(tmp_path / f"{day}.jsonl") for day in list(days)[:2])
    kept = str(tmp_path / "store")
    assert mpnb.local(one, store=kept).engine.store.n_rows == 12  # type: ignore[attr-defined]
    assert run(code, two, kept).returncode == -signal.SIGKILL
    assert mpnb.local(kept).engine.store.n_rows == 12  # type: ignore[attr-defined]
    assert mpnb.local(two, store=kept).engine.store.n_rows == 24  # type: ignore[attr-defined]
    assert not list(Path(kept).glob("new-*"))


def test_a_full_spool_is_a_full_disk(
    serve: Serve, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Days that are read while they come: what was read finds no room."""
    monkeypatch.setattr("mpnb.pulls.COMPILED_FROM", 1)
    monkeypatch.setattr("mpnb.engine.duckdb.load.spool.os.pwrite", _no_room)
    serve(World(three_days()))
    with pytest.raises(pulled.PullError, match="No space left"):
        workspace().pull(*DAYS, profiles=False)
    monkeypatch.undo()


def _no_room(*given: object) -> int:
    raise OSError(28, "No space left on device")
