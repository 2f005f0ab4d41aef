"""The folder of a persistent store: which version is current, and how a new one takes over.

Enters: a path. Leaves: the arrays of the current version, or a place to write the next one. The
surprise: a version is written beside the current one and takes over in a single rename, so a load
that stops half-way leaves the store as it was.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from mpnb.engine.duckdb.arrays import FolderArrays, FolderTarget
from mpnb.errors import ConfigError

_CURRENT = "current"
_NEW = "new-"


def exists(folder: Path) -> bool:
    """Whether the folder holds a store."""
    return (folder / _CURRENT).is_file()


def current(folder: Path) -> FolderArrays:
    """The arrays of the current version.

    Raises:
        ConfigError: the folder holds no store, or one of another format.
    """
    if not exists(folder):
        raise ConfigError(f"{folder} is no local store; fill it with mpnb.local(SOURCE) first")
    return FolderArrays(folder / (folder / _CURRENT).read_text().strip())


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the store for writing; another process waits. What an earlier crash left is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        for left in folder.glob(f"{_NEW}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


@contextmanager
def writing(folder: Path) -> Iterator[FolderTarget]:
    """A target beside the current version; it is removed when writing fails."""
    place = folder / f"{_NEW}{uuid.uuid4().hex[:8]}"
    try:
        yield FolderTarget(place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def switch(folder: Path, written: FolderArrays) -> FolderArrays:
    """Make what was written the current version; of the others only the last one stays.

    It stays because somebody may have it open and not all of its columns mapped yet.
    """
    version = str(written.meta["version"])
    kept = {version, (folder / _CURRENT).read_text().strip() if exists(folder) else version}
    final = folder / version
    if not final.exists():
        os.replace(written.folder, final)
    pointer = folder / f"{_NEW}pointer"
    pointer.write_text(version + "\n")
    os.replace(pointer, folder / _CURRENT)
    for other in folder.iterdir():
        if other.is_dir() and other.name not in kept:
            shutil.rmtree(other, ignore_errors=True)  # mapped files live on until they are closed
    return FolderArrays(final)
