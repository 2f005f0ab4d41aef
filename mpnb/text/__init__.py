"""The cell language, both ways: cell text ↔ question, completion, and errors with a caret.

Text and a kind of question enter, questions leave, and the other way round. The surprise: `print`
is the printer of questions here, not the builtin; and names are loaded on first use, so that
`text.python` does not load the parser.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mpnb.text.clauses import CLAUSES
    from mpnb.text.completion import Candidate, Schema, complete
    from mpnb.text.explain import explain_error
    from mpnb.text.printer import cell
    from mpnb.text.printer import print_query as print
    from mpnb.text.read import locate, parse
    from mpnb.text.reading import Span
    from mpnb.text.value import quote

_NAMES = {
    "CLAUSES": "mpnb.text.clauses:CLAUSES",
    "Candidate": "mpnb.text.completion:Candidate",
    "Schema": "mpnb.text.completion:Schema",
    "Span": "mpnb.text.reading:Span",
    "cell": "mpnb.text.printer:cell",
    "complete": "mpnb.text.completion:complete",
    "explain_error": "mpnb.text.explain:explain_error",
    "locate": "mpnb.text.read:locate",
    "parse": "mpnb.text.read:parse",
    "print": "mpnb.text.printer:print_query",
    "quote": "mpnb.text.value:quote",
}

__all__ = [
    "CLAUSES",
    "Candidate",
    "Schema",
    "Span",
    "cell",
    "complete",
    "explain_error",
    "locate",
    "parse",
    "print",
    "quote",
]


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module 'mpnb.text' has no attribute {name!r}")
    module, _, attribute = _NAMES[name].partition(":")
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value
