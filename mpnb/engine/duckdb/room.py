"""Room for long arrays: in memory, or in mapped files that the system may write out.

Enters: a length and a type. Leaves: an array to be filled. The surprise: a mapped array's file has
no name, is gone with the array, and has its space on the disk from the start, so that a full disk
is an `OSError` here and not the end of the process when a page is written.
"""

from __future__ import annotations

import mmap as mapping
import os
from collections.abc import Callable
from errno import EINVAL, EOPNOTSUPP
from mmap import mmap
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[Any]
Room = Callable[[int, Any], Vector]
"""Makes an array of a length and a type; what it holds is not said."""

SMALL = 1 << 20
"""Arrays of fewer bytes are in memory."""
STEP = 1 << 18
"""Entries of a long array that are worked on at a time, which bounds what numpy makes between."""
_ZEROS = bytes(1 << 20)


def in_memory(length: int, dtype: Any) -> Vector:
    """An array in memory."""
    return np.empty(length, dtype)


def in_folder(folder: Path) -> Room:
    """Room on the disk of a folder.

    The arrays raise `OSError` when they are made and the disk is full.
    """

    def room(length: int, dtype: Any) -> Vector:
        size = length * np.dtype(dtype).itemsize
        if size < SMALL:
            return np.empty(length, dtype)
        with TemporaryFile(dir=folder, buffering=0) as file:
            _reserve(file.fileno(), size)
            return np.frombuffer(mmap(file.fileno(), size), dtype)

    return room


def forget(array: Vector) -> None:
    """Let the pages of a mapped array go until they are touched again; nothing else changes."""
    for pages in mapped_by(array):
        let_go(pages)


def mapped_by(array: Any) -> list[mmap]:
    """What an array is mapped by, when `in_folder` made it or what it is a part of."""
    while isinstance(array, np.ndarray | memoryview):
        array = array.base if isinstance(array, np.ndarray) else array.obj
    return [array] if isinstance(array, mmap) else []


def let_go(pages: mmap) -> None:
    """Take mapped pages out of the memory of this process; the file keeps them."""
    if hasattr(mapping, "MADV_DONTNEED"):  # Windows has none
        pages.madvise(mapping.MADV_DONTNEED)


def filled(room: Room, length: int, dtype: Any, value: Any) -> Vector:
    """An array that holds one value everywhere."""
    made = room(length, dtype)
    made[:] = value
    return made


def joined(room: Room, arrays: list[Vector], dtype: Any) -> Vector:
    """Arrays one after the other; the list is emptied on the way."""
    made = room(sum(map(len, arrays)), dtype)
    end = len(made)
    while arrays:
        last = arrays.pop()
        made[end - len(last) : end] = last
        end -= len(last)
    return made


def taken(values: Vector, places: Vector, room: Room = in_memory) -> Vector:
    """`values[places]`, a stretch at a time: numpy makes a wide copy of the places it is given."""
    found = room(len(places), values.dtype)
    for part in stretches(len(places)):
        found[part] = values[places[part]]
    return found


def chosen(values: Vector, keep: Vector, room: Room = in_memory) -> Vector:
    """`values[keep]` for a mask, a stretch at a time."""
    found, end = room(int(np.count_nonzero(keep)), values.dtype), 0
    for part in stretches(len(values)):
        some = values[part][keep[part]]
        found[end : end + len(some)] = some
        end += len(some)
    return found


def stretches(length: int) -> list[slice]:
    """The slices of `STEP` entries that an array of a length has."""
    return [slice(start, min(start + STEP, length)) for start in range(0, length, STEP)]


def _reserve(file: int, size: int) -> None:
    """Give a file its space on the disk."""
    try:
        os.posix_fallocate(file, 0, size)
        return
    except AttributeError:  # macOS has no such call
        pass
    except OSError as problem:
        if problem.errno not in (EINVAL, EOPNOTSUPP):  # not every file system can
            raise
    for start in range(0, size, len(_ZEROS)):
        zeros = memoryview(_ZEROS)[: size - start]
        while zeros:
            zeros = zeros[os.write(file, zeros) :]
