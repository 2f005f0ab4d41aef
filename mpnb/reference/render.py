"""Pages as text, Markdown and JSON.

Enters a page or the hits of a search, leaves text that ends with a line break. The surprise: text
and Markdown are made of the same blocks, in one order; only their look differs.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mpnb.errors import ParamValidationError
from mpnb.reference.models import (
    FORMATS,
    FieldDoc,
    HelpEntry,
    HelpFormat,
    MemberDoc,
    ParamDoc,
    SearchResult,
    SignatureDoc,
)

WIDTH = 88


@dataclass(frozen=True)
class Block:
    """A part of a page: a title, then rows of a name and its text, code, or prose."""

    title: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    code: str = ""
    prose: str = ""


def render(entry: HelpEntry | SearchResult, format: HelpFormat = "text") -> str:
    """Lay a page out.

    Args:
        entry: a page, or what a search found.
        format: text, markdown or json.

    Raises:
        ParamValidationError: there is no such format.
    """
    if format not in FORMATS:
        raise ParamValidationError(
            f"format must be one of {', '.join(FORMATS)}, not {format!r}.", "HELP_FORMAT"
        )
    if format == "json":
        return json.dumps(entry.to_dict(), indent=2, ensure_ascii=False) + "\n"
    title, blocks = laid_out(entry)
    lay: Callable[[Block], str] = _markdown if format == "markdown" else _text
    head = f"# {title}" if format == "markdown" else f"{title}\n{'─' * len(title)}"
    return "\n\n".join([head, *(lay(block) for block in blocks)]) + "\n"


def laid_out(entry: HelpEntry | SearchResult) -> tuple[str, Iterator[Block]]:
    """The title of a page and its blocks in order, for any form of it."""
    if isinstance(entry, SearchResult):
        return f"search: {entry.term}", _found(entry)
    return f"{entry.qualname} ({entry.kind})", _page(entry)


def _found(result: SearchResult) -> Iterator[Block]:
    if result.hits:
        rows = tuple((hit.name, f"({hit.category}) {hit.summary}") for hit in result.hits)
        yield Block(f"{len(rows)} found", rows)
    else:
        yield Block(prose=f"Nothing is named or described by {result.term!r}.")
    if result.suggestions:
        yield Block("Nearest", tuple((name, "") for name in result.suggestions))


def _page(entry: HelpEntry) -> Iterator[Block]:
    if entry.signature is not None and entry.kind != "parameter":
        yield Block(code=written(entry.signature))
    for prose in (entry.summary, entry.doc.body):
        if prose:
            yield Block(prose=prose)
    if entry.bases or entry.domain:
        told = (("extends", ", ".join(entry.bases)), ("domain", entry.domain or ""))
        yield Block(rows=tuple(row for row in told if row[1]))
    yield from _parts(entry)
    for title, code in (("Example", entry.doc.example), ("Notes", entry.doc.notes)):
        if code:
            yield Block(title, code=code)
    more = [(usage.method, ", ".join(usage.params)) for usage in entry.used_by]
    for title, rows in (
        ("Types", entry.referenced_types),
        ("Taken by", more),
        ("See also", [(name, "") for name in entry.see_also]),
        ("More", [(hint.title, hint.url) for hint in entry.hints]),
    ):
        if rows:
            yield Block(title, tuple(rows))


def _parts(entry: HelpEntry) -> Iterator[Block]:
    if entry.values:
        yield Block("Values", tuple((value, "") for value in entry.values))
    if entry.value:
        yield Block("Value", code=entry.value)
    if entry.fields:
        yield Block("Fields", tuple((field.name, _of_field(field)) for field in entry.fields))
    elif entry.signature and entry.signature.params and entry.kind != "class":
        rows = tuple((param.name, _of_param(param)) for param in entry.signature.params)
        yield Block("Arguments", rows)
    if entry.doc.returns:
        yield Block("Returns", prose=entry.doc.returns)
    if entry.doc.raises:
        yield Block("Raises", entry.doc.raises)
    for title, items in (
        ("Made by", entry.construction),
        ("Properties", entry.properties),
        ("Methods", entry.methods),
        *((group.title, group.items) for group in entry.groups),
    ):
        if items:
            yield Block(title, _lines(items))


def _lines(items: Iterable[MemberDoc]) -> tuple[tuple[str, str], ...]:
    return tuple(("  " * item.depth + item.name, item.summary) for item in items)


def _of_param(param: ParamDoc) -> str:
    default = f"{param.default} by default" if param.default is not None else ""
    words = _words(param.values, param.annotation)
    return _joined(param.annotation, default, words, param.description)


def _of_field(field: FieldDoc) -> str:
    default = "required" if field.required else f"{field.default} by default"
    alias = f"{field.alias!r} in JSON" if field.alias else ""
    words = _words(field.values, field.annotation)
    return _joined(field.annotation, default, alias, *field.constraints, words, field.description)


def _words(values: tuple[str, ...], annotation: str | None) -> str:
    if not values or "Literal[" in (annotation or ""):
        return ""
    return f"one of {', '.join(values)}"


def _joined(*parts: str | None) -> str:
    return "; ".join(part for part in parts if part)


def written(signature: SignatureDoc) -> str:
    """A signature as one would write it, over several lines when it is long."""
    params: list[str] = []
    starred = False
    for param in signature.params:
        if param.kind == "keyword_only" and not starred:
            params.append("*")
        starred = starred or param.kind in ("keyword_only", "var_positional")
        params.append(_written_param(param))
    end = f" -> {signature.returns}" if signature.returns else ""
    flat = f"{signature.name}({', '.join(params)}){end}"
    if len(flat) <= WIDTH:
        return flat
    return "\n".join([f"{signature.name}(", *(f"    {param}," for param in params), f"){end}"])


def _written_param(param: ParamDoc) -> str:
    text = f"{param.name}: {param.annotation}" if param.annotation else param.name
    if param.default is None:
        return text
    return f"{text} = {param.default}" if param.annotation else f"{text}={param.default}"


def _text(block: Block) -> str:
    lines = [block.title] if block.title else []
    indent = "  " if block.title else ""
    if block.prose:
        for part in block.prose.split("\n\n"):
            lines.append(_filled(part, indent))
            lines.append("")
        lines.pop()
    if block.code:
        lines.append(textwrap.indent(block.code, indent))
    wide = min(max((len(name) for name, _ in block.rows), default=0), 30)
    for name, told in block.rows:
        lines.append(_row(name, told, indent, wide))
    return "\n".join(lines)


def _filled(part: str, indent: str) -> str:
    if part.startswith((" ", "-", "    ")) or "\n- " in part:
        return textwrap.indent(part, indent)
    return textwrap.fill(
        " ".join(part.split()), WIDTH, initial_indent=indent, subsequent_indent=indent
    )


def _row(name: str, told: str, indent: str, wide: int) -> str:
    if not told:
        return f"{indent}{name}"
    start = f"{indent}{name:<{wide}}  "
    below = " " * (len(indent) + wide + 2)
    lines = textwrap.wrap(told, max(WIDTH - len(below), 30), break_on_hyphens=False)
    if len(name) > wide:
        return "\n".join([f"{indent}{name}", *(below + line for line in lines)])
    return "\n".join([start + lines[0], *(below + line for line in lines[1:])])


def _markdown(block: Block) -> str:
    parts = [f"## {block.title}"] if block.title else []
    if block.prose:
        parts.append(block.prose)
    if block.code:
        parts.append(f"```python\n{block.code}\n```")
    if block.rows:
        parts.append("\n".join(_item(name, told) for name, told in block.rows))
    return "\n\n".join(parts)


def _item(name: str, told: str) -> str:
    lead = f"- `{name.strip()}`"
    if told.startswith("https://"):
        return f"- [{name}]({told})"
    return f"{lead}: {_escaped(told)}" if told else lead


def _escaped(text: str) -> str:
    for sign in ("\\", "*", "_", "<", "|", "["):
        text = text.replace(sign, "\\" + sign)
    return text
