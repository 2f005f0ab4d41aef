"""Long arrays in mapped files: the same store whatever the room, bounded memory, a full disk."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from errno import ENOSPC, EOPNOTSUPP
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mpnb.engine.duckdb import folder, room
from mpnb.engine.duckdb.arrays import MemoryArrays
from mpnb.engine.duckdb.load import load
from mpnb.engine.duckdb.load.blocks import NO_CODES, NO_TOKENS, Piece
from mpnb.engine.duckdb.load.columns import Part, put_column
from mpnb.engine.duckdb.store import Store

USERS = [None, "a", "b", "c", "only its profile"]


def events(seed: int) -> list[dict[str, Any]]:
    """Rows with ties, duplicates, and properties of every form."""
    chance = random.Random(seed)
    found = []
    for number in range(300):
        properties: dict[str, Any] = {
            "time": 1_700_000_000 + chance.randrange(20),
            "distinct_id": chance.choice(USERS[:4]),
            "$insert_id": f"i{chance.randrange(40)}",
            "mp_processing_time_ms": chance.randrange(5),
            "plan": chance.choice(["free", "paid", 7, None, ["x"], {"y": 1.0}]),
            "number": number,
        }
        if chance.random() < 0.05:
            properties["rare"] = chance.choice(["one", "two"])
        if chance.random() < 0.5:
            properties["$device_id"] = f"d{chance.randrange(9)}"
        if chance.random() < 0.3:
            properties["$user_id"] = f"u{chance.randrange(5)}"
        name = chance.choice("xyz")
        if chance.random() < 0.1:
            name, properties["$distinct_ids"] = "$merge", chance.sample("abcd", 2)
        found.append({"event": name, "properties": properties})
    return found


def file_of(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def content(store: Path) -> dict[str, bytes]:
    version = store / (store / "current").read_text().strip()
    return {path.name: path.read_bytes() for path in version.iterdir()}


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every array is mapped, and worked on a few entries at a time, in compiled passes."""
    duckdb = "mpnb.engine.duckdb"
    for name in ("room", "load.order", "load.loaded", "load.assemble"):
        monkeypatch.setattr(f"{duckdb}.{name}.STEP", 7)
    monkeypatch.setattr(f"{duckdb}.room.SMALL", 1)
    monkeypatch.setattr(f"{duckdb}.load.stored.TEXTS", 3)
    monkeypatch.setattr(f"{duckdb}.load.order.MANY_ROWS", 1)
    monkeypatch.setattr(f"{duckdb}.load.order.MANY_TEXTS", 3)
    monkeypatch.setattr(f"{duckdb}.arrays._PIECE", 5)
    monkeypatch.setattr(f"{duckdb}.arrays._FEW_BYTES", 50)
    return


IDENTITIES = ["as_is", "simplified", "original"]


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("seed", range(4))
def test_the_room_changes_no_byte(
    tmp_path: Path, seed: int, identity: str, request: pytest.FixtureRequest
) -> None:
    rows = events(seed)
    one, two = file_of(tmp_path / "1.jsonl", rows[:200]), file_of(tmp_path / "2.jsonl", rows[150:])
    settings = {"identity": identity, "time_storage": "project_local"}
    asked: dict[str, Any] = {"timezone": "Europe/Rome", "settings": settings}
    stores = []
    for number in range(2):
        whole, steps = tmp_path / f"whole{number}", tmp_path / f"steps{number}"
        load([one, two], whole, **asked)
        load(one, steps, **asked)
        load(two, steps)
        stores.append((content(whole), content(steps)))
        if not number:
            request.getfixturevalue("narrow")
    assert stores[0] == stores[1]
    assert len(Store.open(tmp_path / "whole1").time) < 350


def test_narrow_is_mapped(tmp_path: Path, narrow: None) -> None:
    made = room.in_folder(tmp_path)(3, np.int32)
    made[:] = 5
    room.forget(made)
    assert len(room.mapped_by(made[1:])) == 1
    assert made.tolist() == [5, 5, 5]
    assert list(tmp_path.iterdir()) == []


def test_users_known_from_a_profile_alone_stay_behind_those_with_events(tmp_path: Path) -> None:
    """When more is loaded on top, they are still users without events."""
    rows, store = events(1), tmp_path / "store"
    profiles = [{"$distinct_id": "an early one", "$properties": {"plan": "paid"}}]
    load(file_of(tmp_path / "1.jsonl", rows[:100]), store, profiles=profiles)
    load(file_of(tmp_path / "2.jsonl", rows[100:]), store)
    opened = Store.open(store)
    assert list(opened.users) == ["a", "b", "c", "an early one"]
    assert opened.n_event_users == 3
    first = opened.profile_column("$mp_first_event_time")
    assert first is not None
    assert first.value(3) is None


def tokens(*texts: str) -> pa.Array:
    return pa.array([text.encode() for text in texts], pa.large_binary())


def numbers(*values: float) -> Piece:
    return Piece(None, NO_CODES, NO_TOKENS, np.array(values))


def written(pieces: list[Piece]) -> tuple[dict[str, Any], MemoryArrays]:
    target, parts, start = MemoryArrays(), [], 0
    for piece in pieces:
        size = len(piece.codes if piece.numbers is None else piece.numbers)
        parts.append(Part(piece, np.arange(start, start + size)))
        start += size
    facts, _ = put_column(target, "p", "size", start, parts)
    return facts, target.finish({})


@pytest.mark.parametrize("many", [2, 1000])
@pytest.mark.parametrize(
    "texts",
    [("1.50", "-0.0", "2e1"), ("9007199254740993", "1"), ("1e20", "0.5"), ('"2"', "3"), ("true",)],
)
def test_numbers_beside_codes_are_stored_as_if_all_were_codes(
    texts: tuple[str, ...], many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mpnb.engine.duckdb.load.columns.MANY_VALUES", many)
    plain = Piece(None, np.arange(len(texts) + 1, dtype=np.uint8), tokens(*texts))
    beside = numbers(3.0, np.nan, 0.25, 20.0, 0.0)
    facts, mixed = written([beside, plain])
    expected, coded = written([beside.coded(), plain])
    form = "numbers" if facts["form"] == "number" else "codes"
    if form == "numbers":  # they are counted only where they were codes
        del facts["distinct"], expected["distinct"]
    assert facts == expected
    assert mixed.vector(f"p.{form}").tobytes() == coded.vector(f"p.{form}").tobytes()
    if form == "codes":
        assert mixed.texts("p.values") == coded.texts("p.values")


def test_a_full_disk_is_an_error_before_a_page_is_written(
    tmp_path: Path, narrow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    rows = events(2)
    load(file_of(tmp_path / "1.jsonl", rows[:100]), store)
    before = content(store)

    def full(*given: object) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr("mpnb.engine.duckdb.room.os.posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        load(file_of(tmp_path / "2.jsonl", rows[100:]), store)
    assert content(store) == before
    assert not list(store.glob(f"{folder._NEW}*"))


@pytest.mark.parametrize("problem", [AttributeError(), OSError(EOPNOTSUPP, "not here")])
def test_where_space_cannot_be_reserved_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def missing(*given: object) -> None:
        raise problem

    monkeypatch.setattr("mpnb.engine.duckdb.room.os.posix_fallocate", missing)
    made = room.in_folder(tmp_path)(room.SMALL + 5, np.int8)
    made[-1] = 3
    assert not made[:-1].any()
    assert (int(made[-1]), len(made)) == (3, room.SMALL + 5)


MEASURED = """
import sys, threading, time
from pathlib import Path
from zoneinfo import ZoneInfo
import numpy as np, pyarrow as pa
from mpnb.engine.duckdb import folder, jit
from mpnb.engine.duckdb.load.assemble import assemble
from mpnb.engine.duckdb.load.blocks import Block, Piece, NO_CODES, NO_TOKENS
from mpnb.engine.duckdb.load.profiles import Profiles
from mpnb.engine.duckdb.load.spool import Spool
from mpnb.engine.duckdb.load.stored import stored_block
from mpnb.engine.duckdb.settings import Settings

place, count = Path(sys.argv[1]), 100_000

def ids(first):
    digits = (np.arange(first, first + count)[:, None] // 10 ** np.arange(30, 0, -1.0)) % 10
    quoted = np.full((count, 32), 34, np.uint8)
    quoted[:, 1:31] = digits + 48
    bounds = np.arange(count + 1) * 32
    return pa.Array.from_buffers(
        pa.large_binary(), count, [None, pa.py_buffer(bounds), pa.py_buffer(quoted.tobytes())])

def block(number):
    chance = np.random.default_rng(number)
    few = pa.array([b'"%d"' % n for n in range(1000)], pa.large_binary())
    def coded():
        return Piece(None, chance.integers(1, 1001, count).astype(np.uint16), few)
    each = Piece(None, np.arange(1, count + 1, dtype=np.uint32), ids(number * count))
    size = Piece(None, NO_CODES, NO_TOKENS, chance.random(count))
    order = np.arange(number * count, (number + 1) * count)
    return Block(1_700_000_000_000 + chance.integers(0, 10**10, count), order, coded(), coded(),
                 {"$insert_id": each, "size": size, "plan": coded()})

own = lambda: int(Path("/proc/self/status").read_text().split("RssAnon:")[1].split()[0]) / 1024
seen = []
def watch():
    while True:
        seen.append(own())
        time.sleep(0.005)

def made(before, numbers):
    spool = Spool(place)
    with folder.locked(place), folder.writing(place) as target:
        blocks = [] if before is None else [stored_block(before, target.room)]
        blocks += [spool.keep(block(number)) for number in numbers]
        begun = own()
        seen.clear()
        written = assemble(blocks, Profiles(), ZoneInfo("UTC"), Settings(), target)
        print(max(seen) - begun, written.meta["n_rows"])
        spool.close()
        return folder.switch(place, written)

jit.load("load.ordering")
threading.Thread(target=watch, daemon=True).start()
made(made(None, range(30)), [30])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_three_million_rows_take_little_memory(tmp_path: Path) -> None:
    """Their texts alone have a hundred megabytes: all of them at once, then some more."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(tmp_path / "store")],
        capture_output=True,
        text=True,
        check=True,
    )
    found = [line.split() for line in done.stdout.splitlines()]
    assert [int(rows) for _, rows in found] == [3_000_000, 3_100_000]
    assert max(float(megabytes) for megabytes, _ in found) < 85, done.stdout
