"""A page of the help as HTML, for a notebook.

Enters a page or the hits of a search, leaves one ``<div>`` with everything escaped. The surprise:
it sets no colour of its own, so it reads on a light page and on a dark one.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from mpnb.reference.models import HelpEntry, SearchResult
from mpnb.reference.render import Block, laid_out, render

_BACKTICKS = re.compile(r"(`{1,2})([^`]+)\1")
_TITLE = "font-weight:600;margin:0.8em 0 0.2em"
_CODE = "white-space:pre-wrap;margin:0.4em 0;padding-left:0.8em;border-left:2px solid currentColor"
_NAME = "text-align:left;vertical-align:top;padding:0.25em 1.2em 0.25em 0;line-height:1.5"
_TOLD = "text-align:left;vertical-align:top;padding:0.25em 0;line-height:1.5"


def bundle(entry: HelpEntry | SearchResult) -> dict[str, Any]:
    """What a notebook shows of a page: plain text, and HTML where there is a browser."""
    return {"text/plain": render(entry).rstrip("\n"), "text/html": page(entry)}


def page(entry: HelpEntry | SearchResult) -> str:
    """A page as HTML that takes the colours of what is around it."""
    title, blocks = laid_out(entry)
    head = f'<div style="font-size:1.15em;font-weight:600">{escape(title)}</div>'
    return f'<div style="max-width:60em">{head}{"".join(map(_block, blocks))}</div>'


def _block(block: Block) -> str:
    parts = [f'<div style="{_TITLE}">{escape(block.title)}</div>'] if block.title else []
    if block.prose:
        parts += [f"<p>{_said(part)}</p>" for part in block.prose.split("\n\n")]
    if block.code:
        parts.append(f'<pre style="{_CODE}">{escape(block.code)}</pre>')
    if block.rows:
        parts.append(f"<table>{''.join(_row(name, told) for name, told in block.rows)}</table>")
    return "".join(parts)


def _said(text: str) -> str:
    """Words, with what stands in backticks as code."""
    return _BACKTICKS.sub(r"<code>\2</code>", escape(text))


def _row(name: str, told: str) -> str:
    if told.startswith("https://"):
        link = f'<a href="{escape(told)}">{escape(name)}</a>'
        return f'<tr><td style="{_NAME}" colspan="2">{link}</td></tr>'
    depth = len(name) - len(name.lstrip())
    indent = f";padding-left:{depth / 2:g}em" if depth else ""
    code = f'<code style="white-space:nowrap">{escape(name.strip())}</code>'
    named = f'<td style="{_NAME}{indent}">{code}</td>'
    return f'<tr>{named}<td style="{_TOLD}">{_said(told)}</td></tr>'
