"""Compiled passes: where they are loaded, cached and spread over threads.

``load`` imports a module of kernels (and with it numba) when it is first needed; ``spread`` runs a
kernel over ranges of rows, one thread each. The surprise: kernels release the interpreter lock and
run on plain threads instead of numba's own parallel loops, which take far longer to compile.
"""

from __future__ import annotations

import importlib
import itertools
import os
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import platformdirs

from mpnb.engine import halting

T = TypeVar("T")

FEW_ROWS = 200_000
"""Stores below this many rows are answered with numpy, so that nothing has to be compiled."""


@cache
def load(name: str) -> ModuleType:
    """Import ``mpnb.engine.duckdb.<name>``, a module of numba kernels, with a writable cache."""
    compiler()
    return importlib.import_module(f"mpnb.engine.duckdb.{name}")


@cache
def compiler() -> Any:
    """Numba itself, told where compiled code is kept."""
    if "numba" not in sys.modules:
        os.environ.setdefault("NUMBA_CACHE_DIR", str(_cache_folder()))
    return importlib.import_module("numba")


def _cache_folder() -> Path:
    """Compiled code outlives the process; site-packages may be read-only, so it is kept apart."""
    folder = Path(platformdirs.user_cache_dir("mpnb")) / "numba"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="mpnb-numba-"))


@cache
def threads() -> int:
    """How many threads a pass uses: the processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads(), thread_name_prefix="mpnb-pass")


def splits(offsets: npt.NDArray[Any], n_rows: int) -> list[tuple[int, int]]:
    """Ranges of rows of about equal size that cut no user in two; rows without user come last."""
    marks = [n_rows * part // threads() for part in range(1, threads())]
    last = len(offsets) - 1
    cuts = [int(offsets[min(int(np.searchsorted(offsets, m)), last)]) for m in marks]
    edges = sorted({0, n_rows, *cuts})
    return list(itertools.pairwise(edges))


def user_splits(offsets: npt.NDArray[Any]) -> list[tuple[int, int]]:
    """Ranges of user codes with about equally many rows each."""
    n_users = len(offsets) - 1
    marks = [int(offsets[-1]) * part // threads() for part in range(1, threads())]
    edges = sorted({0, n_users, *(min(int(np.searchsorted(offsets, m)), n_users) for m in marks)})
    return list(itertools.pairwise(edges))


def spread(work: Callable[[int, int], T], ranges: list[tuple[int, int]]) -> list[T]:
    """Call ``work`` for every range on its own thread; answers in the order of the ranges."""
    halting.look()
    if len(ranges) <= 1:
        return [work(low, high) for low, high in ranges]
    return list(_pool().map(lambda bounds: work(*bounds), ranges))


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A read-only plain view, so that mapped and in-memory columns share one compiled kernel."""
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
