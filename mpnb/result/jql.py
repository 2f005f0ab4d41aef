"""Answers of JQL scripts: whatever a script returned enters, a frame leaves.

The surprise: a script decides the shape of its answer. Groups (``key`` and ``value``), lists of
percentiles and lists of objects become columns; every other shape is one column, so that nothing
is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mpnb.errors import QueryError
from mpnb.result.base import ResultWithDataFrame

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class JQLResult(ResultWithDataFrame):
    """What a JQL script returned; `raw` is the list as it came."""

    _raw: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        object.__setattr__(self, "raw", self._raw)

    def to_dict(self) -> dict[str, Any]:
        """The list and its length, ready for JSON."""
        return {"raw": self._raw, "row_count": len(self._raw)}

    def _frame(self) -> pd.DataFrame:
        # pandas is loaded here and not above, so that importing mpnb stays light.
        import pandas as pd

        return pd.DataFrame(_records(self._raw))


def _records(raw: list[Any]) -> list[dict[str, Any]]:
    if len(raw) == 1 and isinstance(raw[0], list) and _are_objects(raw[0]):
        raw = raw[0]  # percentiles come as a list in a list
    if not _are_objects(raw):
        return [{"value": item} for item in raw]
    if all(isinstance(row.get("key"), list) and "value" in row for row in raw):
        several = {isinstance(row["value"], list) for row in raw}
        if len(several) > 1:
            raise QueryError("Some groups of the script's answer have one value and some several.")
        return [_group(row) for row in raw]
    return [dict(row) for row in raw]


def _are_objects(items: list[Any]) -> bool:
    return bool(items) and all(isinstance(item, Mapping) for item in items)


def _group(row: Mapping[str, Any]) -> dict[str, Any]:
    """A group by its key: a column for each part of the key and each of several values."""
    found = {f"key_{at}": part for at, part in enumerate(row["key"])}
    value = row["value"]
    if isinstance(value, list):
        found |= {f"value_{at}": part for at, part in enumerate(value)}
    else:
        found["value"] = value
    return found | {name: part for name, part in row.items() if name not in ("key", "value")}
