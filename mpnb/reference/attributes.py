"""What a class says of its fields.

Enters a class, leaves field → text. The surprise: a string below a field is not kept by Python, so
it is read from the source; without it, only docstrings speak.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from mpnb.query.question import Question
from mpnb.reference.docstring import read


def told(cls: Any) -> dict[str, str]:
    """What a class of mpnb and those that it extends say of fields; the nearest class wins.

    A question's fields mean what the arguments do of the function that makes it.
    """
    line = inspect.getmro(cls) if inspect.isclass(cls) else ()
    own = [base for base in line if base.__module__.partition(".")[0] == "mpnb"]
    said = {name: text for base in reversed(own) for name, text in _said(base) if text}
    return {**_asked(cls), **said}


def _asked(cls: Any) -> dict[str, str]:
    kind = getattr(cls, "kind", None) if Question in getattr(cls, "__mro__", ()) else None
    asks = getattr(sys.modules[cls.__module__], kind) if kind else None
    return dict(read(asks.__doc__).args) if asks else {}


def _said(cls: type) -> Iterator[tuple[str, str]]:
    yield from _below(cls)
    yield from read(cls.__doc__).args


def _below(cls: type) -> Iterator[tuple[str, str]]:
    try:
        source = inspect.getsource(cls)
    except (OSError, TypeError):  # frozen into an executable, or made in a loop
        return
    node = ast.parse(textwrap.dedent(source)).body[0]
    for field, text in pairwise(node.body if isinstance(node, ast.ClassDef) else []):
        match field, text:
            case ast.AnnAssign(ast.Name(name)), ast.Expr(ast.Constant(str(said))):
                yield name, " ".join(said.split())
