"""Completion inside cells, by the kernel, in every front end.

Enters: the text of a cell and a position. Leaves: candidates from the grammar and the schema. The
surprise: only what is known here is looked at, never the network, because a front end waits for a
second and then gives up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher

from mpnb import chart
from mpnb.magic import project
from mpnb.magic.commands import COMMANDS
from mpnb.magic.errors import CellError
from mpnb.magic.notebook import Notebook
from mpnb.magic.query_cell import KINDS, QueryMagics
from mpnb.query.words import Kind
from mpnb.text.completion import Schema as Names
from mpnb.text.completion import complete as complete_text

CELL = re.compile(r"%%mpquery\b[ \t]*([^\n]*)(?:\n|$)")
LINE = re.compile(r"^\s*%mp[ \t]+(\S*)$")
ARGUMENT = re.compile(r"^\s*%mp[ \t]+(props|values|explore)[ \t]+(\"?[^\"]*)$")
PRIORITY = 100
OPTIONS = sorted(
    option
    for option in vars(QueryMagics.mpquery)["parser"]._option_string_actions
    if option.startswith("--")
)


@dataclass(frozen=True)
class Offer:
    """Candidates for one place, and the piece of text that each of them replaces."""

    fragment: str
    items: list[SimpleCompletion]


def matcher(notebook: Notebook) -> Any:
    """A matcher for `IPCompleter.custom_matchers`, bound to one notebook's state."""

    @context_matcher(identifier="mpnb", priority=PRIORITY)
    def complete(context: CompletionContext) -> dict[str, Any]:
        offer = offers(notebook, context.full_text, _offset(context))
        if offer is None:
            return {"completions": [], "suppress": False}
        return {
            "completions": offer.items,
            "matched_fragment": offer.fragment,
            "suppress": True,
            "ordered": True,
        }

    return complete


def offers(notebook: Notebook, full_text: str, cursor: int) -> Offer | None:
    """What may stand at the cursor; None when the cell is not ours."""
    typed = full_text[:cursor].rsplit("\n", 1)[-1]
    argument = ARGUMENT.search(typed)
    if argument:
        return _argument(notebook, argument[1], argument[2])
    line = LINE.search(typed)
    if line:
        return _starting(line[1], {name: row.help for name, row in COMMANDS.items()})
    head = CELL.match(full_text)
    if not head:
        return None
    if cursor < head.end() or not head[0].endswith("\n"):
        return _in_head(full_text[head.start(1) : cursor])
    return _in_body(notebook, head[1].split(), full_text[head.end() :], cursor - head.end())


def _argument(notebook: Notebook, command: str, fragment: str) -> Offer:
    """A property behind ``%mp values``, an event behind the others; in quotes where needed."""
    known, of_property = _names(notebook), command == "values"
    names = known.properties(None) if of_property else known.events()
    quoted = fragment.startswith('"')
    plain = [name for name in names if '"' not in name and "\\" not in name]
    written = [f'"{name}"' if quoted or not name.isidentifier() else name for name in plain]
    items = [
        SimpleCompletion(text, type="property" if of_property else "event")
        for text in written
        if text.lstrip('"').lower().startswith(fragment.lstrip('"').lower())
    ]
    return Offer(fragment, items)


def _names(notebook: Notebook) -> Names:
    """The names to complete with; of a project those that were listed before."""
    try:
        workspace = notebook.workspace
    except CellError:  # none was chosen yet
        return notebook.names
    found = project.names(workspace) if workspace.schema is None else None
    return found or notebook.names


def _in_head(before: str) -> Offer:
    """The first line: a kind, an option, or a chart behind ``--show``."""
    *earlier, word = re.split(r"\s+", before)
    if earlier and earlier[-1] == "--show":
        kind = next((kind for kind in earlier if kind in KINDS), "insights")
        return _starting(word, dict.fromkeys(chart.names(kind), "chart"))
    if word.startswith("-"):
        return _starting(word, dict.fromkeys(OPTIONS, "option"))
    return _starting(word, dict.fromkeys(KINDS, "kind of question"))


def _in_body(notebook: Notebook, words: list[str], body: str, at: int) -> Offer:
    kind = cast(Kind, words[0] if words and words[0] in KINDS else "insights")
    found = complete_text(body, at, kind, _names(notebook))
    start = min((candidate.start for candidate in found), default=at)
    items = [
        SimpleCompletion(body[start : candidate.start] + candidate.text, type=candidate.type)
        for candidate in found
    ]
    return Offer(body[start:at], items)


def _starting(fragment: str, words: dict[str, str]) -> Offer:
    items = [SimpleCompletion(w, type=why) for w, why in words.items() if w.startswith(fragment)]
    return Offer(fragment, items)


def _offset(context: CompletionContext) -> int:
    """The cursor as a position in the whole text; IPython gives line and column."""
    lines = context.full_text.split("\n")
    return sum(len(line) + 1 for line in lines[: context.cursor_line]) + context.cursor_position
