"""Memory that was freed, given back to the system between the stages of a load.

Enters nothing, leaves nothing. The surprise: the allocators of C and of Arrow keep what was freed
for later, each thread its own, which after reading is more than all that a load still holds.
"""

from __future__ import annotations

import ctypes
import sys

import pyarrow as pa


def give_back() -> None:
    """Return what is free; where the system cannot be told, nothing happens."""
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)
