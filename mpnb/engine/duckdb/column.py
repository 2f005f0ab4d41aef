"""A property over the rows of a store, or over its users.

Enters: the stored form of a property. Leaves: either doubles, or codes into a list of values. The
surprise: code 0 and NaN always mean undefined, which covers both an absent key and null.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpnb.engine.duckdb.arrays import Arrays
from mpnb.engine.duckdb.load.blocks import NO_TOKENS, code_type
from mpnb.engine.duckdb.load.tokens import distinct, to_values

Vector = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Column:
    """One property.

    Attributes:
        name: the property.
        kind: `number` when every value is a number and there are many; else `dict`.
        numbers: one double per row, NaN where undefined; empty for `dict`.
        codes: one unsigned code per row, 0 where undefined; empty for `number`.
        tokens: JSON text of the values of codes 1, 2, …; empty for `number`.
        count: rows on which the property is defined.
    """

    name: str
    kind: Literal["number", "dict"]
    count: int
    numbers: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    codes: Vector = field(default_factory=lambda: np.zeros(0, np.uint8))
    tokens: pa.Array = field(default_factory=lambda: NO_TOKENS)

    def __len__(self) -> int:
        return len(self.numbers) if self.kind == "number" else len(self.codes)

    @cached_property
    def values(self) -> list[Any]:
        """The value of each code in native JSON types; `values[0]` is None."""
        return [None, *to_values(self.tokens)]

    @cached_property
    def defined(self) -> npt.NDArray[np.bool_]:
        """Which rows have the property."""
        known = ~np.isnan(self.numbers) if self.kind == "number" else self.codes != 0
        return np.asarray(known, bool)

    def value(self, row: int) -> Any:
        """The value at one row in its native JSON type, None where undefined."""
        if self.kind == "number":
            return plain(float(self.numbers[row]))
        code = int(self.codes[row])
        return to_values(self.tokens[code - 1 : code])[0] if code else None

    def take(self, rows: Vector) -> Column:
        """The column over chosen rows; -1 stands for a row that has nothing."""
        missing = rows < 0
        if self.kind == "number":
            numbers = np.where(missing, np.nan, self.numbers[rows]) if len(self) else _nan(rows)
            return Column(self.name, "number", int(np.sum(~np.isnan(numbers))), numbers)
        codes = self.codes[rows] if len(self) else np.zeros(len(rows), np.uint8)
        codes[missing] = 0
        count = int(np.count_nonzero(codes))
        return Column(self.name, "dict", count, codes=codes, tokens=self.tokens)


def open_column(arrays: Arrays, facts: dict[str, Any], length: int) -> Column:
    """Read a column that `put_column` wrote; dense forms are views, sparse ones are spread out."""
    name, key, count = facts["name"], facts["key"], facts["count"]
    if facts["form"] == "number":
        return Column(name, "number", count, arrays.vector(f"{key}.numbers"))
    codes, tokens = arrays.vector(f"{key}.codes"), arrays.texts(f"{key}.tokens")
    if not facts["unique"]:
        codes, tokens = _made_unique(codes, tokens)
    if facts["form"] == "sparse":
        spread = np.zeros(length, codes.dtype)
        spread[arrays.vector(f"{key}.rows")] = codes
        codes = spread
    return Column(name, "dict", count, codes=codes, tokens=tokens)


def plain(number: float) -> int | float | None:
    """A double as JSON would write it: whole numbers as integers, NaN as None."""
    if np.isnan(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def column_of_values(name: str, codes: Vector, tokens: list[bytes]) -> Column:
    """A dict column from 1-based codes and JSON texts."""
    narrow = codes.astype(code_type(len(tokens)), copy=False)
    texts = pa.array(tokens, pa.large_binary())
    return Column(name, "dict", int(np.count_nonzero(narrow)), codes=narrow, tokens=texts)


def _made_unique(codes: Vector, tokens: pa.Array) -> tuple[Vector, pa.Array]:
    values, where = distinct([tokens])
    lookup = np.concatenate([[0], where + 1]).astype(code_type(len(values)))
    return lookup[codes], values


def _nan(rows: Vector) -> npt.NDArray[np.float64]:
    return np.full(len(rows), np.nan)
