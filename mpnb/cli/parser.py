"""A row of the table as a parser, and what it read as arguments of a method.

Enters: a command and the words behind it. Leaves: a namespace; then arguments by name. The
surprise: an option that was not given is no argument, so that the defaults of the method hold.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from mpnb.cli.table import Command, Option
from mpnb.cli.words import WORDS
from mpnb.errors import ParamValidationError

MOST_BYTES = 16 << 20
"""The most that is read from standard input for one option."""


class Parser(argparse.ArgumentParser):
    """A parser without abbreviations, whose pages keep short."""

    def __init__(self, **given: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.HelpFormatter, **given)


def parser(command: Command, summary: str) -> Parser:
    """The parser of a command."""
    made = Parser(prog=" ".join(("mp", *command.path)), description=summary)
    for option in command.options:
        _declare(made, option)
    return made


def _declare(made: Parser, option: Option) -> None:
    told: dict[str, Any] = {"help": _help(option)}
    if not option.flags:
        several = "+" if option.required else "*"
        told["nargs"] = several if option.many else None if option.required else "?"
        made.add_argument(option.key, type=_type(option), metavar=option.name.upper(), **told)
        return
    told |= {"dest": option.key, "default": option.default}
    if option.pair:
        told |= {"action": argparse.BooleanOptionalAction, "required": option.required}
    elif option.switch:
        told |= {"action": "store_true", "default": bool(option.default)}
    else:
        told |= {"type": _type(option), "required": option.required}
        told |= {"action": "append"} if option.many else {}
        told |= {"choices": option.choices} if option.choices else {"metavar": _metavar(option)}
    made.add_argument(*option.flags, **told)


def _type(option: Option) -> Callable[[str], Any]:
    return {"int": int, "path": Path}.get(option.type, str)


def _metavar(option: Option) -> str:
    if option.checked:
        return "|".join(option.checked)
    kinds = {"int": "N", "path": "FILE", "names": "A,B,…", "ints": "1,2,…", "json": "JSON"}
    return kinds.get(option.type, "EXPR" if option.type == "jq" else "TEXT")


def _help(option: Option) -> str:
    said = WORDS.get(option.name, option.name.replace("_", " "))
    if option.type == "json":
        said += " (JSON, @FILE, or - for standard input)"
    if option.default is not None and not option.pair:
        said += f" (default: {option.default})"
    return said.replace("%", "%%")


def given(command: Command, options: argparse.Namespace) -> dict[str, Any]:
    """The values that were given, read, by the argument that each becomes.

    Raises:
        ParamValidationError: a value cannot be read as what it should be.
    """
    found: dict[str, Any] = dict(command.fixed)
    for option in command.options:
        value = getattr(options, option.key)
        if option.type in ("format", "jq") or value in (None, []):
            continue
        if option.switch and value is False:
            continue
        if option.name == "format" and "--format" in option.flags:
            continue
        _put(found, option.into.split("."), _read(option, value))
    return found


def _put(found: dict[str, Any], path: list[str], value: Any) -> None:
    *above, last = path
    for name in above:
        found = found.setdefault(name, {})
    found[last] = value


def _read(option: Option, value: Any) -> Any:
    shown = next((flag for flag in option.flags if flag.startswith("--")), option.name)
    if option.checked and value not in option.checked:
        raise ParamValidationError(f"{shown} is one of {', '.join(option.checked)}, not {value!r}.")
    if option.type in ("names", "ints"):
        found = _listed(option, value, shown)
        if option.required and not found:
            raise ParamValidationError(f"{shown} names nothing: {value!r}.")
        return found
    return read_json(value, shown) if option.type == "json" else value


def _listed(option: Option, value: str, shown: str) -> list[Any]:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    try:
        return parts if option.type == "names" else [int(part) for part in parts]
    except ValueError:
        raise ParamValidationError(
            f"{shown} takes whole numbers with commas between: {value!r}."
        ) from None


def read_json(text: str, shown: str) -> Any:
    """JSON that is given as text, as ``@FILE``, or as ``-`` for standard input.

    Raises:
        ParamValidationError: it is no JSON, or nothing can be read there.
    """
    if text == "-":
        text = piped(shown)
    elif text.startswith("@"):
        text = read_file(Path(text[1:]))
    try:
        return json.loads(text)
    except json.JSONDecodeError as problem:
        raise ParamValidationError(
            f"{shown} is no JSON: {problem.msg} at line {problem.lineno}, column {problem.colno}."
        ) from None


def read_file(path: Path) -> str:
    """The text of a file; ``-`` is standard input.

    Raises:
        ParamValidationError: it cannot be read.
    """
    if str(path) == "-":
        return piped("-")
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "it is no UTF-8 text"
        raise ParamValidationError(f"Cannot read {path}: {why}.") from None


def piped(shown: str) -> str:
    """What comes in on standard input.

    Raises:
        ParamValidationError: it is a terminal, or too much.
    """
    if sys.stdin is None or sys.stdin.isatty():
        raise ParamValidationError(f"{shown} reads standard input, and nothing is piped there.")
    try:
        text = sys.stdin.read(MOST_BYTES + 1)
    except UnicodeDecodeError:
        raise ParamValidationError(f"{shown}: standard input is no UTF-8 text.") from None
    if len(text) > MOST_BYTES:
        raise ParamValidationError(f"{shown}: more than {MOST_BYTES >> 20} MB on standard input.")
    return text


def arguments(method: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as arguments of a method: what its signature does not name goes into its model.

    A method that destroys is told that this is meant: a command line says what it means.
    """
    parameters = inspect.signature(method).parameters
    body = _model(parameters)
    direct = {name: value for name, value in values.items() if name in parameters}
    if body:
        direct.pop("params", None)
        fields = {name: value for name, value in values.items() if name not in direct}
        whole = fields.pop("params", None) if _is_whole(body, values) else None
        if whole is not None or fields or parameters["params"].default is inspect.Parameter.empty:
            direct["params"] = model(body, fields if whole is None else _object(body, whole))
    if "entries" in direct:
        direct["entries"] = _entries(str(parameters["entries"].annotation), direct["entries"])
    if "confirm" in parameters:
        direct["confirm"] = True
    return direct


def _model(parameters: Mapping[str, inspect.Parameter]) -> str:
    """Name of the model that the parameter `params` takes; empty when there is none."""
    found = parameters.get("params")
    name = str(found.annotation).partition(" ")[0] if found is not None else ""
    return name if name.endswith("Params") else ""


def _is_whole(body: str, values: Mapping[str, Any]) -> bool:
    """Whether the option `params` is the model itself, and no field of it."""
    return "params" in values and "params" not in _class(body).model_fields


def _object(body: str, whole: Any) -> Any:
    """The model's JSON; a list alone stands for the only field of its model."""
    names = list(_class(body).model_fields)
    return {names[0]: whole} if isinstance(whole, list) and len(names) == 1 else whole


def _entries(annotation: str, values: Any) -> Any:
    name = annotation.partition("[")[2].rstrip("]")
    if not isinstance(values, list):
        raise ParamValidationError("--entries is a list of objects.")
    return [model(name, value) for value in values]


def _class(name: str) -> Any:
    return getattr(import_module("mpnb"), name)


def model(name: str, fields: Any) -> Any:
    """A public model, made from fields.

    Raises:
        ParamValidationError: a field is missing or not right; no value is shown.
    """
    invalid = import_module("pydantic").ValidationError
    try:
        return _class(name).model_validate(fields)
    except invalid as problem:
        found = [
            f"{'.'.join(str(part) for part in error['loc']) or name}: {error['msg']}"
            for error in problem.errors(include_url=False, include_input=False)
        ]
        raise ParamValidationError("; ".join(found)) from None
