"""The commands of `mp` as data: read from `commands.txt`, one row each.

Enters: rows. Leaves: groups and commands. The surprise: only what a command line needs is read,
so that help is quick. A row is ``name = call words…``; the words are

* ``<id:int>`` an argument, ``[name]`` one that may be left out, ``<ids:int...>`` several;
* ``--flag,-f>argument:type`` an option and the argument of the method that it becomes, where the
  name differs; a dot leads into an object (``--status>query_params.status``);
* after it ``?`` a switch, ``/`` a switch with an off form, ``*`` repeatable, ``!`` required,
  ``{a|b}`` choices of the parser (exit code 2), ``(a|b)`` of the command (3), ``=value`` a default;
* ``@`` the five formats and ``--jq``.

Types: str, int, path, ``names`` and ``ints`` (separated by commas), ``json`` (text, ``@FILE``,
``-``). The call is a method of a workspace, with fixed arguments as JSON behind it, or
``module:function`` of this package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

FORMATS = ("json", "jsonl", "table", "csv", "plain")
TYPES = ("str", "int", "path", "names", "ints", "json", "format", "jq")
PROGRAM = "mp"
ROWS = Path(__file__).with_name("commands.txt")

OPTION = re.compile(
    r"(?P<flags>-[\w,-]+)(?:>(?P<into>[\w.]+))?(?::(?P<type>\w+))?(?P<marks>[?/*!]*)"
    r"(?:\{(?P<choices>[^}]*)\}|\((?P<checked>[^)]*)\))?(?:=(?P<default>.*))?"
)
ARGUMENT = re.compile(r"[<\[](?P<name>\w+)(?:>(?P<into>\w+))?(?::(?P<type>\w+))?(?P<many>\.{3})?")


@dataclass(frozen=True)
class Option:
    """One option or argument of a command."""

    flags: tuple[str, ...]
    """As they are written; none for an argument."""
    name: str
    into: str
    """The argument of the method that it becomes."""
    type: str = "str"
    switch: bool = False
    pair: bool = False
    """A switch with an off form, ``--no-…``."""
    many: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    """Choices that the command refuses, with exit code 3, instead of the parser."""
    default: Any = None

    @property
    def key(self) -> str:
        """Where the parser keeps the value."""
        return self.into.replace(".", "__")


@dataclass(frozen=True)
class Command:
    """One command, with the words that lead to it."""

    path: tuple[str, ...]
    row: str = field(repr=False)

    @cached_property
    def call(self) -> str:
        """A method of a workspace, or ``module:function``."""
        return re.split(r"[\s{]", self.row, maxsplit=1)[0]

    @cached_property
    def fixed(self) -> dict[str, Any]:
        """Arguments that are given unless an option says otherwise."""
        first = self.row.split()[0]
        found: dict[str, Any] = json.loads(first[len(self.call) :] or "{}")
        return found

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """Its arguments and options, in order."""
        return tuple(_options(self.row.split()[1:]))

    @property
    def is_own(self) -> bool:
        """Whether a function of this package runs it, instead of a method of the workspace."""
        return ":" in self.call


def _options(words: list[str]) -> Iterator[Option]:
    for word in words:
        if word == "@":
            form = ("format", "format", "format")  # name, argument, type
            yield Option(("--format", "-f"), *form, choices=FORMATS, default="json")
            yield Option(("--jq",), "jq", "jq", "jq")
        elif word[0] == "-":
            yield _option(word)
        else:
            yield _argument(word)


def _option(word: str) -> Option:
    found = OPTION.fullmatch(word)
    if found is None:
        raise ValueError(f"commands.txt: cannot read {word!r}")
    flags = tuple(found["flags"].split(","))
    name = next(flag for flag in flags if flag.startswith("--"))[2:].replace("-", "_")
    marks, default = found["marks"], found["default"]
    kind = found["type"] or "str"
    return Option(
        flags,
        name,
        found["into"] or name,
        kind,
        switch="?" in marks,
        pair="/" in marks,
        many="*" in marks,
        required="!" in marks,
        choices=_split(found["choices"]),
        checked=_split(found["checked"]),
        default=_default(default, kind, "/" in marks or "?" in marks),
    )


def _argument(word: str) -> Option:
    found = ARGUMENT.match(word)
    if found is None:
        raise ValueError(f"commands.txt: cannot read {word!r}")
    name = found["name"]
    return Option(
        (),
        name,
        found["into"] or name,
        found["type"] or "str",
        many=bool(found["many"]),
        required=word[0] == "<",
    )


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(text.split("|")) if text else ()


def _default(text: str | None, kind: str, switch: bool) -> Any:
    if text is None:
        return None
    if switch:
        return text == "true"
    return int(text) if kind == "int" else text


@lru_cache(maxsize=1)
def groups() -> dict[str, str]:
    """Words that lead to several commands → what they are about."""
    return _read()[0]


@lru_cache(maxsize=1)
def commands() -> dict[tuple[str, ...], Command]:
    """Words → the command that they lead to."""
    return _read()[1]


@lru_cache(maxsize=1)
def _read() -> tuple[dict[str, str], dict[tuple[str, ...], Command]]:
    about: dict[str, str] = {}
    found: dict[tuple[str, ...], Command] = {}
    group: tuple[str, ...] = ()
    for line in ROWS.read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith(" "):
            name, _, row = line.strip().partition(" = ")
            path = (*group, *name.split())
            found[path] = Command(path, row)
        else:
            name, _, summary = line.partition(": ")
            group = () if name == PROGRAM else tuple(name.split())
            about[" ".join(group)] = summary
    return about, found
