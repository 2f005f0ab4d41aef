"""Answers as text for a terminal, a file or another program.

Enters: an answer and a format. Leaves: text on standard output. The surprise: nothing is wrapped
or coloured, so that what is piped is whole; a filter (``--jq``) needs the package jq.
"""

from __future__ import annotations

import csv
import dataclasses
import enum
import io
import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from mpnb.cli import streams
from mpnb.errors import ConfigError, ParamValidationError

SECRETS = frozenset({"password", "secret"})
"""Fields of models that are not shown; rows of answers may have columns of these names."""

AS_SENT = frozenset(
    {
        "AuditResponse",
        "BulkPatchResult",
        "DataVolumeAnomaly",
        "DeleteSchemasResponse",
        "EventDeletionRequest",
        "SchemaEnforcementConfig",
        "SchemaEntry",
    }
)
"""Models whose fields are spelled as Mixpanel sends them: scripts know them so, and may send them
back. The others are spelled as in Python."""

NAMING = ("name", "value", "event", "id")
"""Keys that name an item in plain output, best first."""


LONGEST_CELL = 60
"""Characters of a cell in a terminal; what is piped is whole."""


def write(answer: Any, form: str, jq: str | None = None) -> None:
    """Print an answer.

    Args:
        answer: a model, a result, a list of them, or plain data.
        form: json, jsonl, table, csv or plain.
        jq: a filter over the JSON.

    Raises:
        ParamValidationError: an unknown format; a filter with another format, or one that fails.
        ConfigError: a filter, and jq is not installed.
    """
    if jq is not None:
        _filtered(data(answer), form, jq)
    elif form in ("table", "csv"):
        names, rows = table(answer)
        _line(_boxed(names, rows) if form == "table" else _comma_separated(names, rows))
    elif form == "plain":
        _line(_plain(data(answer)))
    elif form == "jsonl":
        found = data(answer)
        for item in found if isinstance(found, list) else [found]:
            _line(_json(item))
    elif form == "json":
        _line(_json(data(answer), indent=2))
    else:
        raise ParamValidationError(f"There is no format {form!r}.")


def note(said: str, *, quiet: bool = False) -> None:
    """Say something to a person, on standard error."""
    if not quiet:
        print(said, file=sys.stderr)


def data(answer: Any) -> Any:
    """An answer as JSON data."""
    dump = getattr(answer, "model_dump", None)
    if dump is not None:
        return _masked(data(dump(by_alias=type(answer).__name__ in AS_SENT)))
    told = getattr(answer, "to_dict", None)
    if told is not None and not isinstance(answer, type):
        return data(told())
    if dataclasses.is_dataclass(answer) and not isinstance(answer, type):
        return data({f.name: getattr(answer, f.name) for f in dataclasses.fields(answer)})
    if isinstance(answer, Mapping):
        return {str(key): data(value) for key, value in answer.items()}
    if isinstance(answer, (list, tuple, set, frozenset)):
        return [data(item) for item in answer]
    if isinstance(answer, float):  # NaN and infinities are no JSON
        return answer if answer - answer == 0 else None
    if isinstance(answer, enum.Enum):
        return answer.value
    return answer if answer is None or isinstance(answer, (str, int)) else _scalar(answer)


def _masked(found: Any) -> Any:
    """What a model holds, without the secrets that servers send back."""
    if isinstance(found, dict):
        return {k: "…" if k in SECRETS and v else _masked(v) for k, v in found.items()}
    return [_masked(item) for item in found] if isinstance(found, list) else found


def _scalar(value: Any) -> Any:
    moment = getattr(value, "isoformat", None)
    if moment is not None:
        return moment()
    item = getattr(value, "item", None)  # a number of numpy
    return data(item()) if item is not None else str(value)


def table(answer: Any) -> tuple[list[str], list[dict[str, Any]]]:
    """An answer as names of columns and rows; a result gives those of its frame."""
    frame = getattr(answer, "df", None)
    if frame is not None:
        rows = [data(row) for row in frame.reset_index(drop=True).to_dict("records")]
        return [str(name) for name in frame.columns], rows
    found = data(answer)
    items = found if isinstance(found, list) else [found]
    rows = [item if isinstance(item, dict) else {"value": item} for item in items]
    return list(dict.fromkeys(name for row in rows for name in row)), rows


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=streams.narrow())


def _line(text: str) -> None:
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def _boxed(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return "(none)"
    names, rows = _for_eyes(names, rows) if sys.stdout.isatty() else (names, rows)
    numeric = {n for n in names if all(_is_number(row.get(n)) for row in rows)}
    lines = [[name.replace("_", " ").upper() for name in names]]
    lines += [[_cell(row.get(name), "Yes", "No") for name in names] for row in rows]
    wide = [max(len(line[i]) for line in lines) for i in range(len(names))]
    shown = [
        "  ".join(
            text.rjust(width) if name in numeric else text.ljust(width)
            for text, width, name in zip(line, wide, names, strict=True)
        ).rstrip()
        for line in lines
    ]
    return "\n".join(
        [
            shown[0],
            "  ".join(("-" if streams.narrow() else "─") * width for width in wide),
            *shown[1:],
        ]
    )


def _for_eyes(
    names: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> tuple[Sequence[str], Sequence[Mapping[str, Any]]]:
    """A table for a terminal: no columns without values, no cell longer than a line can bear."""
    filled = [name for name in names if any(_cell(row.get(name), "Yes", "No") for row in rows)]
    short = [{name: _short(row.get(name)) for name in filled} for row in rows]
    return (filled, short) if filled else (names, rows)


def _short(value: Any) -> Any:
    if _is_number(value):
        return value
    text = _cell(value, "Yes", "No")
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _cell(value: Any, yes: str, no: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return yes if value else no
    text = _json(value) if isinstance(value, (dict, list)) else str(value)
    return text.replace("\n", " ") if yes == "Yes" else text


def _comma_separated(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(row.get(name), "true", "false") for name in names] for row in rows)
    return file.getvalue()


def _plain(found: Any) -> str:
    if isinstance(found, dict):
        name = next((key for key in NAMING if key in found), None)
        if name is None:
            return "\n".join(
                f"{key}={_cell(value, 'true', 'false')}" for key, value in found.items()
            )
    items = found if isinstance(found, list) else [found]
    return "\n".join(_cell(_naming(item), "true", "false") for item in items)


def _naming(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    name = next((key for key in NAMING if key in item), None)
    return item[name] if name else next(iter(item.values()), None)


def compiled(form: str, jq: str) -> Any:
    """A filter that is ready; made before a question is asked, so that a slip costs none.

    Raises:
        ParamValidationError: a filter with a format that has none, or one that cannot be read.
        ConfigError: jq is not installed.
    """
    if form not in ("json", "jsonl"):
        raise ParamValidationError(f"--jq works with --format json or jsonl, not {form}.")
    try:
        engine = import_module("jq")
    except ModuleNotFoundError:
        raise ConfigError("--jq needs the package jq: pip install 'mpnb[jq]'") from None
    try:
        return engine.compile(jq)
    except ValueError as problem:
        raise ParamValidationError(f"--jq: {problem}") from None


def _filtered(found: Any, form: str, jq: str) -> None:
    ready = compiled(form, jq)
    try:
        results = ready.input_value(found).all()
    except ValueError as problem:
        raise ParamValidationError(f"--jq: {problem}") from None
    if form == "jsonl":
        for item in results:
            _line(_json(item))
    else:
        _line(_json(results[0] if len(results) == 1 else results, indent=2))
