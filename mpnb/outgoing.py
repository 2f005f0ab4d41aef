"""What can be sent to Mixpanel: rows, tables, export files and local stores, as one kind of record.

Enters: any of them. Leaves: records ``{"event", "properties"}``. The surprise: times may be
`datetime` values, ISO texts or numbers; without a zone they are taken as UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from mpnb.engine.duckdb.load import files, tables
from mpnb.engine.duckdb.store import Store
from mpnb.errors import ParamValidationError

ROWS = 50_000
"""Rows of a store that are turned into records at a time."""
NAMES = {"event": "event_name", "time": "event_time", "$insert_id": "insert_id"}

Record = dict[str, Any]


def event_records(source: Any, mapping: Mapping[str, str] | None = None) -> Iterator[Record]:
    """The events of a source.

    Args:
        source: rows in the raw or the normalised form, a data frame, a path of an export file or a
            folder of them, a local workspace, or a `Store`.
        mapping: for data frames, which column is what: ``{"event": "action", "time": "at"}``.

    Raises:
        ParamValidationError: it is none of these, or a frame lacks a column.
        LoadError: a path cannot be read.
    """
    store = getattr(getattr(source, "engine", None), "store", source)
    if isinstance(store, Store):
        return _of_store(store)
    if isinstance(source, (str, Path)):
        return _of_path(Path(source).expanduser())
    if tables.is_table(source):
        return _of_frame(source, dict(mapping or {}))
    if isinstance(source, Mapping):
        return iter([_record(source)])
    if isinstance(source, Iterable):
        return map(_record, source)
    raise ParamValidationError(
        f"{type(source).__name__} holds no events: give rows, a data frame, a path, or a local "
        "workspace."
    )


def _record(row: Any) -> Record:
    """A row in the raw form; what is no row comes out as it is and is refused by name later."""
    if not isinstance(row, Mapping):
        return {"event": None, "properties": row}
    properties = row.get("properties")
    if not isinstance(properties, Mapping):
        return dict(row)
    if "event_name" in row:
        own = {key: row.get(name) for key, name in NAMES.items() if key != "event"}
        own["distinct_id"] = row.get("distinct_id")
        known = {key: value for key, value in own.items() if value is not None}
        properties = {**properties, **known}
    moment = _moment(properties.get("time"))
    return {
        "event": row.get("event", row.get("event_name")),
        "properties": {**properties, **({"time": moment} if moment is not None else {})},
    }


def _moment(value: Any) -> Any:
    """A time as milliseconds; numbers stay."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return value
    if isinstance(value, np.datetime64):
        return int(value.astype("datetime64[ms]").astype(np.int64))
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return round(aware.timestamp() * 1000)
    return value.item() if isinstance(value, np.generic) else value


def _of_path(path: Path) -> Iterator[Record]:
    found, _ = files.sources(path)
    for source in found:
        if source.kind == "document":
            yield from map(_record, files.document(source.path)[0])
        elif source.kind == "lines":
            for text in files.stretches(source.path):
                for line in text.split(b"\n")[:-1]:
                    if line.strip():
                        yield _line(line)
        else:
            raise ParamValidationError(
                f"{source.name} is no file of events: for tables, read it with pandas and give "
                "the frame."
            )


def _line(line: bytes) -> Record:
    try:
        return _record(orjson.loads(line))
    except ValueError:
        return {"event": None, "properties": None}


def _of_frame(frame: Any, mapping: dict[str, str]) -> Iterator[Record]:
    """The rows of a data frame; cells that are not known are left out."""
    data = frame if hasattr(frame, "iloc") else frame.to_pandas()
    columns = [str(name) for name in data.columns]
    own = {
        key: mapping.get(key) or next((n for n in (key, NAMES.get(key, key)) if n in columns), "")
        for key in ("event", "time", "distinct_id", "$insert_id")
    }
    for key in ("event", "time"):
        if own[key] not in columns:
            raise ParamValidationError(
                f"The table has no column for {key}: mapping={{{key!r}: 'its column'}} says which."
            )
    names = {column: key for key, column in own.items() if column}
    for cells in zip(*(data[column].tolist() for column in data.columns), strict=True):
        known = {
            names.get(column, column): _cell(value)
            for column, value in zip(columns, cells, strict=True)
            if not _missing(value)
        }
        yield _record({"event": known.pop("event", None), "properties": known})


def _missing(value: Any) -> bool:
    """None, NaN, NaT and pandas' NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def _cell(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.isoformat() if isinstance(value, datetime) else value


def _of_store(store: Store) -> Iterator[Record]:
    """The events of a store, in its order."""
    ids = store.users
    columns = [(name, store.column(name)) for name in sorted(store.property_facts)]
    for first in range(0, store.n_rows, ROWS):
        rows = slice(first, min(first + ROWS, store.n_rows))
        made: list[Record] = [
            {"event": store.events[event], "properties": {"time": time}}
            for event, time in zip(
                store.event[rows].tolist(), store.time[rows].tolist(), strict=True
            )
        ]
        for record, user in zip(made, store.user[rows].tolist(), strict=True):
            if user < store.n_users:
                record["properties"]["distinct_id"] = ids[user]
        for name, column in columns:
            if column is not None:
                _put(made, name, column, rows)
        yield from made


def _put(made: list[Record], name: str, column: Any, rows: slice) -> None:
    """Set a property on the records of some rows."""
    if column.kind == "number":
        for record, number in zip(made, column.numbers[rows].tolist(), strict=True):
            if number == number:
                whole = number.is_integer() and abs(number) < 2**53
                record["properties"][name] = int(number) if whole else number
        return
    values = column.values
    for record, code in zip(made, column.codes[rows].tolist(), strict=True):
        if code:
            record["properties"][name] = values[code]
