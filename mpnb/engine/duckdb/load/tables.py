"""Tables to blocks: CSV, Parquet and data frames, one event per row.

Enters: batches of columns and a mapping of our names to theirs. Leaves: blocks, and the rows that
are no events. The surprise: CSV has no types, so each cell is typed by itself: a number, true or
false, else text; an empty cell is undefined. Ids and event names stay text.
"""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import io
import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from mpnb.engine.duckdb.load.blocks import NO_TOKENS, Block, Piece, clock_of, code_type
from mpnb.engine.duckdb.load.report import BadLine, LoadError
from mpnb.engine.duckdb.load.tokens import to_token

Vector = npt.NDArray[Any]
Bad = Callable[[int, str], None]

_HEAD = 1 << 20
BATCH_ROWS = 200_000
NEEDED = ("event", "time")
TEXT = ("event", "distinct_id", "$insert_id", "$device_id", "$user_id")
"""Columns whose cells are text whatever they look like."""

_SYNONYMS = {"insert_id": "$insert_id"}
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def names_of(columns: list[str], mapping: Mapping[str, str] | None, source: str) -> dict[str, str]:
    """Our name of each column: the mapping's, else its own.

    Raises:
        LoadError: the mapping names a column that is not there, or event or time is missing.
    """
    ours = {}
    for name, column in (mapping or {}).items():
        if column not in columns:
            near = difflib.get_close_matches(str(column), columns, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise LoadError(
                f"{source} has no column {column!r} (mapped to {name!r}){hint} "
                f"Its columns are {', '.join(map(repr, columns))}"
            )
        ours[column] = _SYNONYMS.get(name, name)
    for column in columns:
        if column not in ours and column not in ours.values():
            ours[column] = column
    for name in NEEDED:
        if name not in ours.values():
            raise LoadError(
                f"{source} has no column {name!r}; say which one it is, for example "
                f'mapping={{"event": "action", "time": "ts", "distinct_id": "user"}}. '
                f"Its columns are {', '.join(map(repr, columns))}"
            )
    return ours


def block_of(columns: Mapping[str, Any], order: int, bad: Bad, *, typed: bool) -> tuple[Block, int]:
    """A block of one batch.

    Args:
        columns: Arrow arrays, or lists of Python values, by our names.
        order: place of the first row in the load.
        bad: told the row and the reason when a row is no event.
        typed: False when cells are text that has yet to be typed.

    Returns:
        The block and the number of rows of the batch.
    """
    length = len(columns["event"])
    clock, good = _clocks(columns["time"], bad)
    event = _piece(columns["event"], _text_cell if not typed else _as_text)
    codes = event.codes.astype(np.int64)
    for row in np.flatnonzero(good & (codes == 0)).tolist():
        bad(row, "`event` is missing")
    keep = np.flatnonzero(good & (codes != 0))
    pieces = {}
    for name, column in columns.items():
        if name not in NEEDED:
            cell = _as_text if typed else _text_cell
            pieces[name] = _piece(column, cell if name in TEXT else None if typed else _cell)
    pieces = {name: _chosen(piece, keep, length) for name, piece in pieces.items()}
    ids = pieces.pop("distinct_id", None) or pieces.pop("$distinct_id", None)
    block = Block(
        clock[keep],
        order + keep,
        _chosen(event, keep, length),
        ids or Piece(np.zeros(0, np.int32), np.zeros(0, np.uint8), NO_TOKENS),
        {name: piece for name, piece in pieces.items() if len(piece.tokens)},
    )
    return block, length


def csv_batches(
    path: Path, mapping: Mapping[str, str] | None, bad: Bad
) -> Iterator[dict[str, Any]]:
    """The batches of a CSV file, cells as text.

    Raises:
        LoadError: the file cannot be read as CSV, or the mapping does not fit.
    """
    delimiter, columns = _header(path)
    names = names_of(columns, mapping, path.name)

    def skip(row: Any) -> str:
        line = -1 if row.number is None else row.number - 1
        bad(line, f"{row.actual_columns} cells instead of {row.expected_columns}")
        return "skip"

    parsing = pa.csv.ParseOptions(
        delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip
    )
    reading = pa.csv.ReadOptions(use_threads=False, block_size=16 << 20)
    try:
        converting = pa.csv.ConvertOptions(
            column_types={name: pa.string() for name in columns},
            null_values=[""],
            strings_can_be_null=True,
        )
        for batch in pa.csv.open_csv(path, reading, parsing, converting):
            yield {names[name]: batch.column(name) for name in batch.schema.names}
    except (pa.ArrowInvalid, OSError) as error:
        raise LoadError(f"{path.name} cannot be read as CSV: {error}") from error


def _header(path: Path) -> tuple[str, list[str]]:
    """The delimiter of a CSV file and the names of its columns."""
    try:
        with pa.input_stream(str(path)) as file:
            head = file.read(_HEAD).decode("utf-8-sig", "replace")
    except (pa.ArrowInvalid, OSError) as error:
        raise LoadError(f"{path.name} cannot be read as CSV: {error}") from error
    delimiter = max(",;\t|", key=head.partition("\n")[0].count)
    columns = next(csv.reader(io.StringIO(head), delimiter=delimiter), [])
    if not columns:
        raise LoadError(f"{path.name} is empty: a CSV file needs a line with the names of columns")
    return delimiter, columns


def parquet_batches(path: Path, mapping: Mapping[str, str] | None) -> Iterator[dict[str, Any]]:
    """The batches of a Parquet file.

    Raises:
        LoadError: the file cannot be read as Parquet, or the mapping does not fit.
    """
    try:
        with pa.parquet.ParquetFile(path) as file:
            names = names_of(file.schema_arrow.names, mapping, path.name)
            for batch in file.iter_batches(BATCH_ROWS):
                yield {names[name]: batch.column(name) for name in batch.schema.names}
    except (pa.ArrowInvalid, OSError) as error:
        raise LoadError(f"{path.name} cannot be read as Parquet: {error}") from error


def frame_batches(frame: Any, mapping: Mapping[str, str] | None) -> Iterator[dict[str, Any]]:
    """The batches of a data frame: pandas, or anything with the Arrow stream interface."""
    if isinstance(frame, pa.Table) or not hasattr(frame, "iloc"):
        table = frame if isinstance(frame, pa.Table) else pa.table(frame)
        names = names_of(table.column_names, mapping, "the table")
        for batch in table.to_batches(BATCH_ROWS):
            yield {names[name]: batch.column(name) for name in batch.schema.names}
        return
    names = names_of([str(name) for name in frame.columns], mapping, "the data frame")
    for start in range(0, len(frame), BATCH_ROWS):
        part = frame.iloc[start : start + BATCH_ROWS]
        yield {names[str(name)]: _series(part[name]) for name in frame.columns}


def profile_records(frame: Any) -> list[dict[str, Any]]:
    """The engage records of a data frame: a column of ids, and one per property.

    Raises:
        LoadError: no column is named ``$distinct_id`` or ``distinct_id``.
    """
    columns = frame if hasattr(frame, "iloc") else pa.table(frame).to_pandas()
    named = [str(name) for name in columns.columns]
    owner = next((name for name in ("$distinct_id", "distinct_id") if name in named), None)
    if owner is None:
        raise LoadError(
            "the profiles have no column '$distinct_id'; their columns are "
            f"{', '.join(map(repr, named))}"
        )
    records = []
    for row in columns.to_dict("records"):
        values = {str(name): _profile_cell(value) for name, value in row.items()}
        user = values.pop(owner)
        known = {"$distinct_id": None if user is None else _as_text(user)}
        records.append({**known, "$properties": values.pop("$properties", values)})
    return records


def _profile_cell(value: Any) -> Any:
    """A cell as JSON has it; `None`, not-a-number and not-a-time are no value."""
    return None if value is None or value != value else _plain(value)


def _series(series: Any) -> Any:
    try:
        return pa.array(series, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return series.tolist()  # values of several types


def _piece(column: Any, cell: Callable[[Any], Any] | None) -> Piece:
    """A column as a piece; `cell` changes each distinct value first."""
    if not isinstance(column, pa.Array):
        return _piece_of_values(column, cell)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_nested(column.type) or pa.types.is_null(column.type):
        return _piece_of_values(column.to_pylist(), cell)
    encoded = column.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy().astype(np.int64) + 1
    tokens = [_token(value, cell) for value in encoded.dictionary.to_pylist()]
    return _without_null(codes, tokens)


def _piece_of_values(values: list[Any], cell: Callable[[Any], Any] | None) -> Piece:
    known: dict[bytes, int] = {b"null": 0}
    codes = np.fromiter(
        (known.setdefault(_token(value, cell), len(known)) for value in values),
        np.int64,
        len(values),
    )
    return _without_null(codes, list(known)[1:])


def _without_null(codes: Vector, tokens: list[bytes]) -> Piece:
    null = np.array([False, *(token == b"null" for token in tokens)])
    codes = np.where(null[codes], 0, codes).astype(code_type(len(tokens)))
    return Piece(None, codes, pa.array(tokens, pa.large_binary()))


def _token(value: Any, cell: Callable[[Any], Any] | None) -> bytes:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return b"null"
    plain = _plain(value)
    try:
        return to_token(plain if cell is None else cell(plain))
    except TypeError:
        return to_token(str(value))


def _plain(value: Any) -> Any:
    """Dates as the text that the query rules read as dates, the rest as it is."""
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(dt.UTC).replace(tzinfo=None)
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, np.generic):
        return value.item()
    return float(value) if type(value).__name__ == "Decimal" else value


def _as_text(value: Any) -> Any:
    """Numbers of an id column as text; whole ones without a fraction."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else str(value)


def _text_cell(value: str) -> Any:
    return value or None


def _cell(value: str) -> Any:
    """What a CSV cell means."""
    if _NUMBER.fullmatch(value):
        return float(value) if re.search("[.eE]", value) else int(value)
    return {"true": True, "false": False}.get(value.lower(), value)


def _chosen(piece: Piece, keep: Vector, length: int) -> Piece:
    return piece if len(keep) == length else Piece(None, piece.codes[keep], piece.tokens)


def _clocks(column: Any, bad: Bad) -> tuple[Vector, npt.NDArray[np.bool_]]:
    """Milliseconds of each row, and which rows have a time."""
    array = column if isinstance(column, pa.Array) else None
    if array is not None and pa.types.is_timestamp(array.type):
        ms = array.cast(pa.timestamp("ms", array.type.tz), safe=False).cast(pa.int64())
        clock, good = ms.fill_null(0).to_numpy(), np.asarray(ms.is_valid())
        for row in np.flatnonzero(~good).tolist():
            bad(row, "`time` is missing")
        return clock, good
    values = column if array is None else array.to_pylist()
    clock, good = np.zeros(len(values), np.int64), np.ones(len(values), bool)
    for row, value in enumerate(values):
        try:
            clock[row] = _clock(value)
        except BadLine as error:
            good[row] = False
            bad(row, error.message)
    return clock, good


def _clock(value: Any) -> int:
    """Milliseconds of one time: a number, ISO text, or a date-time."""
    if isinstance(value, float) and math.isnan(value):
        value = None
    if isinstance(value, str):
        value = _moment(value.strip())
    if isinstance(value, dt.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return (aware - _EPOCH) // dt.timedelta(milliseconds=1)
    if isinstance(value, dt.date):
        return (value - _EPOCH.date()).days * 86_400_000
    return clock_of(_plain(value))


def _moment(text: str) -> Any:
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        return float(text) if re.search("[.eE]", text) else int(text)
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise BadLine(f"`time` is neither a number nor an ISO date: {text[:40]!r}") from None


def is_table(frame: Any) -> bool:
    """Whether a source is a data frame or table."""
    return hasattr(frame, "iloc") or hasattr(frame, "__arrow_c_stream__")
