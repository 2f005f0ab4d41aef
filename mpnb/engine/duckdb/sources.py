"""Where the values of a property come from: a column of events or profiles, or a formula.

A property as a question names it enters, a `Source` leaves: numbers, instants, or codes into
distinct values, one per row or one per user. The surprise: a source is never copied per row until
somebody asks; tests and labels are made once per distinct value.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import values
from mpnb.engine.duckdb.caches import cached

if TYPE_CHECKING:
    from mpnb.engine.duckdb.column import Column
    from mpnb.engine.duckdb.store import Store

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

TIME_NAMES = ("$time", "time")
USER_NAMES = ("$distinct_id", "distinct_id")


@dataclass(frozen=True, eq=False)
class Source:
    """Values, one per row or per user.

    Attributes:
        kind: what `array` holds: "number" float64 with NaN for undefined, "time" ms since 1970
            (int64, or float64 with NaN for undefined), "dict" codes into `values`.
        array: one entry per row, or per user when `per_user`.
        values: the distinct values of a "dict"; code 0 is undefined.
        per_user: True when there is one entry per user.
        key: names the source in the store's cache.
    """

    kind: Literal["number", "time", "dict"]
    array: Array
    key: Hashable
    values: Sequence[Any] = ()
    per_user: bool = False


class ColumnValues(Sequence[Any]):
    """The distinct values of a column, read when one is looked at: there may be millions."""

    def __init__(self, column: Column) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column.tokens) + 1

    def __getitem__(self, index: Any) -> Any:
        return self._column.values[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._column.values)


def clock(store: Store) -> values.Clock:
    """The clock that the store's values are read with."""
    return values.Clock(store.timezone, store.now)


def event_property(store: Store, name: str) -> Source:
    """An event property over rows; one that nobody sent is undefined everywhere."""
    if name in TIME_NAMES:
        return Source("time", store.time, ("time",))
    if name in USER_NAMES:
        return spread(store, user_ids(store))
    if name == "$event_name":
        codes = (store.event.astype(np.uint32) + 1) if len(store.events) else store.event
        return Source("dict", codes, ("event",), [None, *store.events])
    return _of_column(store.column(name), store.n_rows, ("event", name), per_user=False)


def profile_property(store: Store, name: str) -> Source:
    """A profile property over users."""
    if name in USER_NAMES:
        return user_ids(store)
    return _of_column(store.profile_column(name), store.n_users, ("profile", name), per_user=True)


def user_ids(store: Store) -> Source:
    """The id of each user."""
    codes = np.arange(1, store.n_users + 1, dtype=np.int32)
    return Source("dict", codes, ("user",), [None, *store.users], per_user=True)


def _of_column(column: Column | None, length: int, key: Hashable, per_user: bool) -> Source:
    if column is None:
        return Source("dict", np.zeros(length, np.uint8), key, [None], per_user)
    if column.kind == "number":
        return Source("number", column.numbers, key, per_user=per_user)
    return Source("dict", column.codes, key, ColumnValues(column), per_user)


class Distinct:
    """Collects distinct values; equal ones of one type share a code, 0 is undefined."""

    def __init__(self) -> None:
        self.values: list[Any] = [None]
        self._places: dict[Hashable, int] = {identity(None): 0}

    def codes(self, items: Sequence[Any]) -> npt.NDArray[np.int32]:
        """The code of each item; new values get new codes."""
        codes = np.empty(len(items), np.int32)
        for i, item in enumerate(items):
            code = self._places.setdefault(identity(item), len(self.values))
            if code == len(self.values):
                self.values.append(item)
            codes[i] = code
        return codes

    def source(self, codes: Array, key: Hashable, per_user: bool) -> Source:
        """The source of these codes; of numbers alone it is one of numbers."""
        if all(values.is_number(value) for value in self.values[1:]):
            numbers = np.array([np.nan if v is None else _double(v) for v in self.values])
            return Source("number", numbers[codes], key, per_user=per_user)
        return Source("dict", codes, key, self.values, per_user)


def _double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return np.nan


def distinct_values(items: Sequence[Any]) -> tuple[list[Any], npt.NDArray[np.int32]]:
    """Distinct values, undefined first, and the code of each item."""
    found = Distinct()
    codes = found.codes(items)
    return found.values, codes


def identity(value: Any) -> Hashable:
    """A key that tells values apart as I-8 does: 1 is 1.0, but never "1" or true."""
    if isinstance(value, list):
        return ("list", *(identity(item) for item in value))
    if isinstance(value, dict):
        return ("object", *((key, identity(item)) for key, item in sorted(value.items())))
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, int | float):
        return "number", value
    return type(value).__name__, value


def as_dict(store: Store, source: Source) -> Source:
    """The same values as codes into distinct values (numbers and instants are sorted for it)."""
    if source.kind == "dict":
        return source
    return cached(store, ("dict", source.key, source.per_user), lambda: encode(source))


def encode(source: Source) -> Source:
    """`as_dict` without a cache."""
    if source.kind == "dict":
        return source
    found, codes = np.unique(source.array, return_inverse=True, equal_nan=True)
    if len(found) and np.isnan(found[-1]):
        found, last = found[:-1], len(found) - 1
        codes = np.where(codes == last, 0, codes + 1)
    else:
        codes = codes + 1
    read: Callable[[float], Any] = values.of_ms if source.kind == "time" else float
    distinct = [None, *(read(item) for item in found.tolist())]
    return replace(
        source, kind="dict", array=codes.astype(_code_type(len(distinct))), values=distinct
    )


def _code_type(count: int) -> type[np.unsignedinteger[Any]]:
    if count <= 256:
        return np.uint8
    return np.uint16 if count <= 65536 else np.uint32


def as_ms(source: Source) -> Array | None:
    """Instants in ms of a source of instants or numbers, NaN for undefined; None for others."""
    if source.kind == "time":
        return source.array
    if source.kind == "number":
        numbers = source.array
        # Huge numbers become infinite here; they are no date-times, as is said below.
        with np.errstate(over="ignore"):
            ms = np.round(np.where(np.abs(numbers) > values.MS_FROM, numbers, numbers * 1000), 3)
        # Beyond the years 1 to 9999 a number is no date-time.
        return np.where((ms >= _FIRST_MS) & (ms <= _LAST_MS), ms, np.nan)
    return None


_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999


def as_numbers(source: Source) -> Array | None:
    """Numbers of a source of numbers or instants (Unix seconds); None for others."""
    if source.kind == "number":
        return source.array
    return source.array / 1000 if source.kind == "time" else None


def known(source: Source) -> Mask:
    """Where a source has a value."""
    found: Mask = source.array != 0 if source.kind == "dict" else ~np.isnan(source.array)
    return found


def table(
    store: Store, source: Source, key: Hashable, make: Callable[[Any], Any], dtype: Any
) -> Array:
    """`make(value)` for every distinct value of a dict source; cached under `key`."""
    name = ("table", source.key, source.per_user, key)
    return cached(
        store,
        name,
        lambda: np.fromiter((make(v) for v in source.values), dtype, len(source.values)),
    )


def take(lookup: Array, codes: Array) -> Array:
    """`lookup[codes]`; a mask that only few codes decide is compared, which is faster."""
    if lookup.dtype == np.bool_ and codes.itemsize <= 2:
        for wanted in (True, False):
            few = np.flatnonzero(lookup == wanted).astype(codes.dtype)
            if len(few) <= _FEW // codes.itemsize:
                found = _any_equal(codes, few)
                return found if wanted else np.logical_not(found, out=found)
    # The codes are all in range; "clip" only spares the check.
    return lookup.take(codes, mode="clip")


_FEW = 12
"""So many comparisons of single bytes cost less than looking each of them up."""


def _any_equal(codes: Array, few: Array) -> Mask:
    found, one = np.zeros(len(codes), np.bool_), np.empty(len(codes), np.bool_)
    for code in few:
        np.equal(codes, code, out=one)
        np.logical_or(found, one, out=found)
    return found


def spread(store: Store, source: Source) -> Source:
    """A source per row; rows without a user are undefined."""
    if not source.per_user:
        return source
    missing = 0 if source.kind == "dict" else np.nan
    array = source.array.astype(float) if source.kind == "time" else source.array
    return replace(source, array=spread_array(store, source, array, missing), per_user=False)


def spread_mask(store: Store, mask: Mask, without_user: bool) -> Mask:
    """A mask per row from one per user; `without_user` is for rows that have none."""
    return _per_row(store, np.append(mask, without_user))


def spread_array(store: Store, source: Source, array: Array, missing: object) -> Array:
    """An array that goes with a source, one entry per row; `missing` for rows without a user."""
    if not source.per_user:
        return array
    return _per_row(store, np.append(array, np.array([missing], array.dtype)))


def _per_row(store: Store, array: Array) -> Array:
    """One entry per row from one per user and a last one for rows without a user.

    Rows are sorted by user, so repeating is several times faster than looking up.
    """
    return np.repeat(array, np.diff(store.offsets, append=store.n_rows))
