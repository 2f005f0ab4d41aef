"""Kernels as plain Python for small inputs and as machine code for large ones.

Enters: a module of plain functions over numpy arrays. Leaves: the same functions compiled by numba,
cached on disk. The surprise: numba itself is imported at the first large input only, so the first
question on a small store waits for no compiler.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

from mpnb.engine.duckdb import jit

SMALL_ROWS = 50_000
"""Below this many rows Python is fast enough, and compiling is not worth the wait."""

_small_rows: ContextVar[int] = ContextVar("small_rows", default=SMALL_ROWS)

KERNELS = "mpnb.engine.duckdb.kernels_"


def is_small(n_rows: int) -> bool:
    """True when so many rows are answered without a compiler."""
    return n_rows < _small_rows.get()


@contextmanager
def small_below(n_rows: int) -> Iterator[None]:
    """Move the limit for a while: 0 compiles everything, to compare or to warm up."""
    token = _small_rows.set(n_rows)
    try:
        yield
    finally:
        _small_rows.reset(token)


def pick(module: ModuleType, n_rows: int) -> Any:
    """The module itself for a small input, else its compiled twin."""
    return module if is_small(n_rows) else compile_module(module)


@cache
def compile_module(module: ModuleType) -> SimpleNamespace:
    """All functions of a module, compiled so that they release the interpreter lock.

    Functions are copied into one namespace first: a kernel then calls the compiled helpers and not
    the plain ones. Those that the module lists as INLINED become part of their callers.
    """
    numba = jit.compiler()
    space = dict(vars(module))
    for name, value in vars(module).items():
        if not isinstance(value, FunctionType):
            continue
        if value.__module__ == module.__name__:
            twin = FunctionType(value.__code__, space, name, value.__defaults__)
            twin.__qualname__, twin.__module__ = value.__qualname__, value.__module__
            inline = "always" if name in getattr(module, "INLINED", ()) else "never"
            options = {"cache": True, "nogil": True, "error_model": "numpy", "inline": inline}
            space[name] = numba.njit(**options)(twin)
        elif value.__module__.startswith(KERNELS):
            space[name] = getattr(compile_module(sys.modules[value.__module__]), name)
    return SimpleNamespace(**space)
