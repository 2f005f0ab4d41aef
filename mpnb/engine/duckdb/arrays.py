"""Where a store's columns live: in memory, or in a folder of Arrow IPC files that are mapped.

Enters: named numpy arrays and Arrow text arrays, and one JSON object of facts (`meta`). Leaves: the
same arrays; from a folder they are views over the mapped file, read when touched. The surprise: a
folder of arrays never changes once it is written; a store moves on by writing a new one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from mmap import PROT_READ, mmap
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Protocol

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from mpnb.engine.duckdb.room import Room, in_folder, in_memory, let_go, mapped_by
from mpnb.errors import ConfigError

Vector = npt.NDArray[Any]
FORMAT = 2
"""Raised when the layout changes; a folder of another format is refused, not misread."""

_META = "meta.json"
_FEW_BYTES = 4_000_000
_PIECE = 8_000_000


class Arrays(Protocol):
    """Named arrays and the facts about them."""

    @property
    def meta(self) -> dict[str, Any]:
        """JSON facts: counts, names, forms of columns."""
        ...

    def vector(self, name: str) -> Vector:
        """A numeric array by name, read-only."""
        ...

    def texts(self, name: str) -> pa.Array:
        """An array of texts or JSON texts by name."""
        ...


class Target(Protocol):
    """Takes arrays; `finish` makes them readable."""

    @property
    def room(self) -> Room:
        """Where arrays are made that are worked on before they are put."""
        ...

    def put(self, name: str, array: Vector | pa.Array) -> None:
        """Keep an array under a name; several threads may do so at once."""

    def put_texts(self, name: str, chunks: Iterable[pa.Array]) -> None:
        """Keep the concatenation of text arrays, the first of them one null."""

    def finish(self, meta: dict[str, Any]) -> Arrays:
        """Keep the facts, with a `version` that names the content, and open what was written."""
        ...


class _Digest:
    """Names content: the same arrays under the same names give the same text."""

    def __init__(self) -> None:
        self._hashes: dict[str, str] = {}

    def add(self, name: str, array: pa.Array, maps: Sequence[mmap] = ()) -> None:
        found = hashlib.sha256(f"{array.type}:{len(array)}".encode())
        for buffer in array.buffers():
            if buffer is not None:
                for piece in _pieces(buffer, maps):
                    found.update(piece)
        self._hashes[name] = found.hexdigest()

    def version(self, meta: dict[str, Any]) -> str:
        facts = orjson.dumps([self._hashes, meta], option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(facts).hexdigest()[:16]


class MemoryArrays:
    """Arrays in memory: both the target and what is read from it."""

    room = staticmethod(in_memory)

    def __init__(self) -> None:
        self._arrays: dict[str, pa.Array] = {}
        self._digest = _Digest()
        self.meta: dict[str, Any] = {}

    def put(self, name: str, array: Vector | pa.Array) -> None:
        """Keep an array under a name."""
        self._arrays[name] = _arrow(array)
        self._digest.add(name, self._arrays[name])

    def put_texts(self, name: str, chunks: Iterable[pa.Array]) -> None:
        """Keep the concatenation of text arrays under a name."""
        self.put(name, pa.concat_arrays(list(chunks)))

    def finish(self, meta: dict[str, Any]) -> MemoryArrays:
        """Keep the facts and return itself."""
        self.meta = {**meta, "format": FORMAT, "version": self._digest.version(meta)}
        return self

    def vector(self, name: str) -> Vector:
        """A numeric array by name."""
        return _numpy(self._arrays[name])

    def texts(self, name: str) -> pa.Array:
        """An array of texts by name."""
        return self._arrays[name]


class FolderTarget:
    """Writes arrays into a new folder, one Arrow IPC file each."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.room: Room = in_folder(folder)
        self._folder = folder
        self._digest = _Digest()

    def put(self, name: str, array: Vector | pa.Array, maps: Sequence[mmap] = ()) -> None:
        """Write an array to its file; `maps` are what it is mapped by."""
        arrow = _arrow(array)
        maps = maps or mapped_by(array)
        self._digest.add(name, arrow, maps)
        batch = pa.record_batch([arrow], names=["values"])
        with (self._folder / f"{name}.arrow").open("wb", buffering=0) as file:
            sink = pa.PythonFile(_Sink(file, maps), mode="w")
            with sink, pa.ipc.new_file(sink, batch.schema) as writer:
                writer.write_batch(batch)

    def put_texts(self, name: str, chunks: Iterable[pa.Array]) -> None:
        """Write the concatenation of text arrays to a file; one of them is in memory at a time."""
        few, size = [], 0
        for chunk in chunks:
            few.append(chunk)
            size += chunk.nbytes
            if size > _FEW_BYTES:
                self.put(name, *joined_texts(chain(few, chunks), self._folder))
                return
        self.put(name, pa.concat_arrays(few))

    def finish(self, meta: dict[str, Any]) -> FolderArrays:
        """Write the facts and open the folder."""
        whole = {**meta, "format": FORMAT, "version": self._digest.version(meta)}
        (self._folder / _META).write_bytes(orjson.dumps(whole, option=orjson.OPT_INDENT_2))
        return FolderArrays(self._folder)


class FolderArrays:
    """Arrays of a folder, each mapped when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.meta: dict[str, Any] = orjson.loads((folder / _META).read_bytes())
        except (OSError, ValueError) as error:
            raise ConfigError(f"{folder} is no local store: {error}") from error
        if self.meta.get("format") != FORMAT:
            raise ConfigError(
                f"{folder} was written in format {self.meta.get('format')}, this version reads "
                f"format {FORMAT}: load the original files again"
            )
        self._mapped: dict[str, pa.Array] = {}

    def vector(self, name: str) -> Vector:
        """A numeric array by name, a view over the mapped file."""
        return _numpy(self.texts(name))

    def texts(self, name: str) -> pa.Array:
        """An array by name, mapped."""
        if name not in self._mapped:
            path = os.fspath(self.folder / f"{name}.arrow")
            try:
                batch = pa.ipc.open_file(pa.memory_map(path)).get_batch(0)
            except FileNotFoundError as error:
                raise ConfigError(
                    f"{self.folder} is gone: the store was loaded anew since it was opened; "
                    "open it again"
                ) from error
            self._mapped[name] = batch.column(0)
        return self._mapped[name]


class _Sink:
    """A file that is written in pieces, after each of which mapped pages are let go."""

    def __init__(self, file: BinaryIO, maps: Sequence[mmap]) -> None:
        self._file, self._maps = file, maps
        self.closed = False

    def write(self, data: Any) -> int:
        """Write all of it.

        Raises:
            OSError: the disk is full.
        """
        size = 0
        for piece in _pieces(data, self._maps):
            size += len(piece)
            while piece:
                piece = piece[self._file.write(piece) :]
        return size

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Take no more."""
        self.closed = True


def _pieces(buffer: Any, maps: Sequence[mmap]) -> Iterator[memoryview]:
    """The bytes of a buffer, some at a time; mapped pages that are done with are let go."""
    view = memoryview(buffer).cast("B")
    for start in range(0, len(view), _PIECE):
        yield view[start : start + _PIECE]
        if len(view) > _PIECE:
            for pages in maps:
                let_go(pages)


def joined_texts(chunks: Iterable[pa.Array], folder: Path) -> tuple[pa.Array, list[mmap]]:
    """Text arrays one after the other, over files without a name; the first of them is one null.

    Returns:
        The array, and what it is mapped by.
    """
    length = end = 0
    with TemporaryFile(dir=folder) as bounds, TemporaryFile(dir=folder) as text:
        bounds.write(bytes(8))
        for chunk in chunks:
            _, own, data = chunk.buffers()
            offsets = np.frombuffer(own, np.int64)[chunk.offset :][: len(chunk) + 1]
            first, last = int(offsets[0]), int(offsets[-1])
            bounds.write((offsets[1:] + (end - first)).tobytes())
            text.write(memoryview(data or b"")[first:last])
            length, end = length + len(chunk), end + last - first
        bounds.flush()
        text.flush()
        maps = [mmap(file.fileno(), 0, prot=PROT_READ) for file in (bounds, text)]
    valid = np.full(-(-length // 8), 255, np.uint8)
    valid[0] = 254
    valid[-1] &= 255 >> (-length % 8)
    buffers = [pa.py_buffer(valid), *map(pa.py_buffer, maps)]
    return pa.Array.from_buffers(pa.large_string(), length, buffers), maps


def _arrow(array: Vector | pa.Array) -> pa.Array:
    return array if isinstance(array, pa.Array) else pa.array(np.ascontiguousarray(array))


def _numpy(array: pa.Array) -> Vector:
    vector: Vector = array.to_numpy(zero_copy_only=True)
    vector.flags.writeable = False
    return vector
