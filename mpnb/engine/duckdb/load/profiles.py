"""Profiles: what is known of users and groups apart from their events.

Enters: engage records `{"$distinct_id", "$properties"}`, for groups with `$group_key` and
`$group_id`. Leaves: one column per property over user codes. The surprise: several profiles of one
user are laid over each other, the one loaded last on top, property by property.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb.arrays import Target
from mpnb.engine.duckdb.load.blocks import Piece
from mpnb.engine.duckdb.load.columns import Part, put_column
from mpnb.engine.duckdb.load.report import BadLine
from mpnb.engine.duckdb.load.tokens import to_text, to_token, to_value


@dataclass(frozen=True)
class Profile:
    """One record: whose it is and what it says."""

    id: str
    group_key: str | None
    properties: Mapping[str, Any]


def profile_of(record: Any) -> Profile:
    """Read an engage record.

    Raises:
        BadLine: it is no object, has no id, or its properties are no object.
    """
    if not isinstance(record, Mapping):
        raise BadLine("a profile must be an object")
    group_key = record.get("$group_key")
    names = ("$group_id", "$distinct_id") if group_key is not None else ("$distinct_id",)
    owner = next((record[name] for name in names if record.get(name) is not None), None)
    if owner is None or owner == "":
        raise BadLine(f"`{names[0]}` is missing")
    if "$properties" not in record and any(not name.startswith("$") for name in record):
        raise BadLine("`$properties` is missing; what stands beside `$distinct_id` is not read")
    properties = record.get("$properties", {})
    if not isinstance(properties, Mapping):
        raise BadLine("`$properties` is not an object")
    return Profile(to_text(owner), None if group_key is None else str(group_key), properties)


@dataclass
class Profiles:
    """All profiles of a load, in load order."""

    records: list[Profile] = field(default_factory=list)

    @classmethod
    def of(cls, records: Iterable[Any]) -> Profiles:
        """Read engage records; the first that is none raises `BadLine`."""
        return cls([profile_of(record) for record in records])

    @property
    def ids(self) -> list[str]:
        """The stored ids of the users' profiles."""
        return [record.id for record in self.records if record.group_key is None]

    def put(
        self, target: Target, users: pa.Array, resolve: Callable[[str], str]
    ) -> list[dict[str, Any]]:
        """Write the users' profile properties over `users`, and all records as they came."""
        own = [record for record in self.records if record.group_key is None]
        target.put("profiles", pa.array(_lines(self.records), pa.large_binary()))
        resolved = pa.array([resolve(record.id) for record in own], pa.large_string())
        codes = pc.index_in(resolved, value_set=users).to_numpy()
        has = np.zeros(len(users), np.uint8)
        has[codes] = 1
        target.put("has_profile", has)
        return put_profiles(target, codes.tolist(), [r.properties for r in own], len(users))

    @classmethod
    def read(cls, lines: pa.Array) -> Profiles:
        """The records that `put` kept."""
        return cls.of(to_value(line) for line in lines.to_pylist())


def put_profiles(
    target: Target, codes: Sequence[int], records: Sequence[Mapping[str, Any]], length: int
) -> list[dict[str, Any]]:
    """Write one column per property; `codes` says which row each record belongs to."""
    columns: dict[str, dict[int, bytes]] = {}
    for code, properties in zip(codes, records, strict=True):
        for name, value in properties.items():
            token = to_token(value)
            if token != b"null":
                columns.setdefault(str(name), {})[code] = token
    facts = []
    for number, name in enumerate(sorted(columns)):
        rows = np.fromiter(columns[name], np.int64, len(columns[name]))
        tokens = pa.array(list(columns[name].values()), pa.large_binary())
        piece = Piece(None, np.arange(1, len(tokens) + 1, dtype=np.uint32), tokens)
        found, _ = put_column(target, f"u{number}", name, length, [Part(piece, rows)])
        facts.append(found)
    return facts


def _lines(records: Sequence[Profile]) -> list[bytes]:
    """Each record as JSON; of equal ones the last."""
    lines: dict[bytes, None] = {}
    for record in records:
        owner = {"$distinct_id": record.id}
        if record.group_key is not None:
            owner = {"$group_key": record.group_key, "$group_id": record.id}
        line = to_token({**owner, "$properties": dict(record.properties)})
        lines.pop(line, None)
        lines[line] = None
    return list(lines)
