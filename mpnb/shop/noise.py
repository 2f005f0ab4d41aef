"""Random numbers that never change: a hash of a stream's name and an index.

Enters: a name and an array of indices. Leaves: numbers between 0 and 1. The surprise: no state and
no generator of a library, whose streams may change between releases, so the demo data (and every
notebook made from it) stay the same to the byte.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# The constants of splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
# generators", OOPSLA 2014), which passes the usual statistical tests when fed a counter.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def uniform(stream: str, index: npt.NDArray[np.integer]) -> Floats:
    """One number in [0, 1) for each index of a named stream."""
    seed = np.uint64(zlib.crc32(stream.encode()) * 0xBF58476D1CE4E5B9 % 2**64)
    state = (index.astype(np.uint64) + np.uint64(1)) * _STEP + seed
    state = (state ^ (state >> np.uint64(30))) * _MIX_1
    state = (state ^ (state >> np.uint64(27))) * _MIX_2
    state ^= state >> np.uint64(31)
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def pick(stream: str, index: npt.NDArray[np.integer], weights: list[float]) -> Ints:
    """A choice for each index: positions in `weights`, in proportion to them."""
    edges = np.cumsum(weights) / np.sum(weights)
    return np.searchsorted(edges[:-1], uniform(stream, index), side="right").astype(np.int64)


def between(stream: str, index: npt.NDArray[np.integer], low: int, high: int) -> Ints:
    """A whole number from `low` to `high`, both included, for each index."""
    return low + np.floor(uniform(stream, index) * (high - low + 1)).astype(np.int64)
