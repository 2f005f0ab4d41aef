"""Small caches that belong to a store: look-up tables, masks of cohorts, computed properties.

A key and a maker enter, the made thing leaves; each store keeps the most recently used ones up to a
number of bytes, and lets go of them with itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import RLock
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

import numpy as np

MAX_BYTES: Final = 256 * 1024 * 1024
"""How much one store keeps."""

MAX_ENTRIES: Final = 512

Made = TypeVar("Made")

_caches: WeakKeyDictionary[Any, _Cache] = WeakKeyDictionary()
_lock = RLock()


class _Cache:
    def __init__(self) -> None:
        self.entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self.size = 0

    def put(self, key: Hashable, made: Any) -> None:
        size = weight(made)
        if size > MAX_BYTES // 2:
            return
        self.entries[key] = made, size
        self.size += size
        while self.size > MAX_BYTES or len(self.entries) > MAX_ENTRIES:
            _, (_, gone) = self.entries.popitem(last=False)
            self.size -= gone


def weight(made: Any) -> int:
    """About how many bytes a value holds; arrays exactly, other things by their number."""
    if isinstance(made, np.ndarray):
        return int(made.nbytes)
    if isinstance(made, list | tuple):
        return 64 * len(made) + sum(weight(part) for part in made if isinstance(part, np.ndarray))
    parts = getattr(made, "__dict__", {}).values()
    return 64 + sum(weight(part) for part in parts)


def cached(store: Any, key: Hashable, make: Callable[[], Made]) -> Made:
    """What `make` gives, from the store's cache when it was made before."""
    with _lock:
        cache = _caches.setdefault(store, _Cache())
        if key in cache.entries:
            cache.entries.move_to_end(key)
            return cast(Made, cache.entries[key][0])
    made = make()
    with _lock:
        if key not in cache.entries:
            cache.put(key, made)
    return made
