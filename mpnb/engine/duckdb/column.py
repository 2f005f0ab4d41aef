"""A property over the rows of a store, or over its users.

Enters: the stored form of a property. Leaves: either doubles, or codes into a list of values. The
surprise: code 0 and NaN always mean undefined, which covers both an absent key and null.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpnb.engine.duckdb.arrays import Arrays
from mpnb.engine.duckdb.load.blocks import code_type
from mpnb.engine.duckdb.load.tokens import of_texts, to_texts, to_value, to_values

Vector = npt.NDArray[Any]


NOTHING = pa.nulls(1, pa.large_string())


@dataclass(frozen=True, eq=False)
class Column:
    """One property.

    Attributes:
        name: the property.
        kind: `number` when every value is a number and there are many; else `dict`.
        count: rows on which the property is defined.
        numbers: one double per row, NaN where undefined; empty for `dict`.
        codes: one unsigned code per row, 0 where undefined; empty for `number`.
        stored: the value of each code as it is kept: null, then texts or JSON texts.
        text: True when all values are strings, and `stored` holds them as they are.
    """

    name: str
    kind: Literal["number", "dict"]
    count: int
    numbers: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    codes: Vector = field(default_factory=lambda: np.zeros(0, np.uint8))
    stored: pa.Array = field(default_factory=lambda: NOTHING)
    text: bool = False

    def __len__(self) -> int:
        return len(self.numbers) if self.kind == "number" else len(self.codes)

    @cached_property
    def values(self) -> list[Any]:
        """The value of each code in native JSON types; `values[0]` is None."""
        return list(self.stored.to_pylist()) if self.text else [None, *to_values(self.tokens)]

    @cached_property
    def tokens(self) -> pa.Array:
        """The JSON text of the values of codes 1, 2, …"""
        return of_texts(self.stored[1:]) if self.text else self.stored[1:].cast(pa.large_binary())

    @cached_property
    def texts(self) -> pa.Array:
        """Each value cast to string, by code; null first."""
        return self.stored if self.text else pa.concat_arrays([NOTHING, to_texts(self.tokens)])

    @cached_property
    def defined(self) -> npt.NDArray[np.bool_]:
        """Which rows have the property."""
        known = ~np.isnan(self.numbers) if self.kind == "number" else self.codes != 0
        return np.asarray(known, bool)

    def value(self, row: int) -> Any:
        """The value at one row in its native JSON type, None where undefined."""
        if self.kind == "number":
            return plain(float(self.numbers[row]))
        found = self.stored[int(self.codes[row])].as_py()
        return found if self.text or found is None else to_value(found.encode("utf-8"))

    def take(self, rows: Vector) -> Column:
        """The column over chosen rows; -1 stands for a row that has nothing."""
        missing = rows < 0
        if self.kind == "number":
            numbers = np.where(missing, np.nan, self.numbers[rows]) if len(self) else _nan(rows)
            return replace(self, count=int(np.sum(~np.isnan(numbers))), numbers=numbers)
        codes = self.codes[rows] if len(self) else np.zeros(len(rows), np.uint8)
        codes[missing] = 0
        return replace(self, count=int(np.count_nonzero(codes)), codes=codes)


def open_column(
    arrays: Arrays, facts: dict[str, Any], length: int, *, unique: bool = True
) -> Column:
    """Read a column that `put_column` wrote; dense forms are views, sparse ones are spread out.

    Args:
        arrays: where it is.
        facts: what `put_column` returned.
        length: rows of the store.
        unique: give equal values one code even where they were stored with several.
    """
    name, key, count = facts["name"], facts["key"], facts["count"]
    if facts["form"] == "number":
        return Column(name, "number", count, arrays.vector(f"{key}.numbers"))
    codes, stored = arrays.vector(f"{key}.codes"), arrays.texts(f"{key}.values")
    if unique and not facts["unique"]:
        encoded = stored[1:].dictionary_encode()
        lookup = np.concatenate([[0], encoded.indices.to_numpy().astype(np.int64) + 1])
        codes = lookup.astype(code_type(len(encoded.dictionary)))[codes]
        stored = pa.concat_arrays([NOTHING, encoded.dictionary])
    if facts["form"] == "sparse":
        spread = np.zeros(length, codes.dtype)
        spread[arrays.vector(f"{key}.rows")] = codes
        codes = spread
    return Column(name, "dict", count, codes=codes, stored=stored, text=facts["text"])


def plain(number: float) -> int | float | None:
    """A double as JSON would write it: whole numbers as integers, NaN as None."""
    if np.isnan(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def column_of_values(name: str, codes: Vector, tokens: list[bytes]) -> Column:
    """A dict column from 1-based codes and JSON texts."""
    narrow = codes.astype(code_type(len(tokens)), copy=False)
    texts = pa.array([None, *tokens], pa.large_binary()).cast(pa.large_string())
    return Column(name, "dict", int(np.count_nonzero(narrow)), codes=narrow, stored=texts)


def column_of_texts(name: str, codes: Vector, texts: pa.Array) -> Column:
    """A dict column from 1-based codes and strings."""
    narrow = codes.astype(code_type(len(texts)), copy=False)
    stored = pa.concat_arrays([NOTHING, texts.cast(pa.large_string())])
    count = int(np.count_nonzero(narrow))
    return Column(name, "dict", count, codes=narrow, stored=stored, text=True)


def _nan(rows: Vector) -> npt.NDArray[np.float64]:
    return np.full(len(rows), np.nan)
