"""Docstrings by their sections.

Enters the text of a docstring, leaves its sections. The surprise: a section is a heading such as
``Args:`` alone on its line and what is indented below it; everything else is the body.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from mpnb.reference.models import DocSections

SECTIONS = {
    "Args": "args",
    "Arguments": "args",
    "Attributes": "args",
    "Returns": "returns",
    "Yields": "returns",
    "Raises": "raises",
    "Example": "example",
    "Examples": "example",
    "Note": "notes",
    "Notes": "notes",
}
"""Heading → the section that it opens."""
_ITEM = re.compile(r"([*\w][\w.*]*(?:, [*\w][\w.*]*)*):(?:\s+|$)(.*)")


def read(text: str | None) -> DocSections:
    """Take a docstring apart; one without a heading has a summary and a body."""
    parts: dict[str, list[str]] = {"body": []}
    name = "body"
    for line in inspect.cleandoc(text or "").splitlines():
        heading = line[:-1] if line.endswith(":") else ""
        if heading in SECTIONS:
            name = SECTIONS[heading]
            parts.setdefault(name, [])
        else:
            if line and not line[0].isspace():
                name = "body"
            parts[name].append(line)
    body = _joined(parts["body"])
    summary, _, rest = body.partition("\n\n")
    return DocSections(
        summary=" ".join(summary.split()),
        body=rest.strip(),
        args=tuple(_items(parts.get("args", []))),
        returns=_flowing(parts.get("returns", [])),
        raises=tuple(_items(parts.get("raises", []))),
        example=_joined(parts.get("example", [])),
        notes=_joined(parts.get("notes", [])),
    )


def _joined(lines: list[str]) -> str:
    return inspect.cleandoc("\n" + "\n".join(lines)).strip()


def _flowing(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


def _items(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Names with their texts; a line that names nothing goes on with the one before."""
    names, words = "", list[str]()
    outer = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    for line in lines:
        found = _ITEM.fullmatch(line.strip()) if len(line) - len(line.lstrip()) == outer else None
        if found:
            yield from _named(names, words)
            names, words = found[1], [found[2]]
        else:
            words.append(line.strip())
    yield from _named(names, words)


def _named(names: str, words: list[str]) -> Iterator[tuple[str, str]]:
    text = " ".join(" ".join(words).split())
    for name in names.split(", ") if names else ():
        yield name, text
