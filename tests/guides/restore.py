"""Code again, from guides whose code blocks were flattened into one line per comment.

Enters: a flattened block. Leaves: Python source. The surprise: where a comment ends and code begins
is nowhere marked; code is what compiles and is not a bare word, and two operands side by side
outside of brackets are two statements.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator
from itertools import pairwise

TOKEN = re.compile(
    r"""[rbfu]*(?:\"(?:\\.|[^"\\])*\"|'(?:\\.|[^'\\])*')  # text
    | [A-Za-z_]\w* | \d[\d_.]*(?:e-?\d+)? | \s+
    | [-+*/<>=!|&%]=? | .""",
    re.VERBOSE,
)
INSIDE = re.compile(r"""[)\]}]|\w+=(?!=)|[A-Za-z_][\w.]*\(|["'\[{]""")
"""How code goes on inside of brackets."""
CLOSING = {"(": ")", "[": "]", "{": "}"}
STATEMENTS = frozenset(
    {"import", "from", "for", "try", "except", "if", "with", "while", "return", "raise", "def"}
)
END = "\u23ce"
"""Put into a block by hand: the comment, or every open `for` and `try`, ends here."""


def blocks(text: str) -> list[str]:
    """The code blocks of a Markdown file."""
    return re.findall(r"^```[^\n]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def restore(flat: str) -> str:
    """Python source of a flattened block."""
    out = Source()
    for piece in re.split(r"(?:^|\n)\s*(?=# )", flat.strip()):
        if piece.startswith("# "):
            out.comment(piece[2:])
        elif piece.strip():
            out.code(piece)
    return "\n".join(out.lines)


class Source:
    """Lines of source, with the brackets and blocks that are open at the end."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.held: list[str] = []  # tokens of the statement that is not over
        self.blocks: list[str] = []  # headers that statements go into
        self.fresh = False  # the last header has nothing in it yet

    def comment(self, text: str) -> None:
        """A comment, and the code that may follow it."""
        text = text.partition(END)[2] if END in text else self._code_in(text)
        if text and not self.held and not self.fresh:
            self.blocks.clear()
        self.code(text)

    def code(self, text: str) -> None:
        """Code, split into statements."""
        for part in text.split(END):
            for token in TOKEN.findall(part):
                self._take(token)
            self._settle()
            if END in text:
                self.blocks.clear()

    def _settle(self) -> None:
        if not _open(self.held):
            self._finish()

    def _take(self, token: str) -> None:
        if not token.isspace() and _starts_anew(self.held, token):
            self._finish()
        if self.held or not token.isspace():
            self.held.append(" " if token.isspace() else token)
        if token == ":" and not _open(self.held) and self.held[0] in STATEMENTS:
            self._finish()

    def _finish(self) -> None:
        statement = "".join(self.held).strip()
        self.held = []
        if not statement:
            return
        if statement.startswith("except"):
            while self.blocks.pop() != "try:":
                pass
        self.lines.append("    " * len(self.blocks) + statement)
        self.fresh = statement.endswith(":")
        if self.fresh:
            self.blocks.append(statement)

    def _code_in(self, text: str) -> str:
        """What follows a comment in the same line, if anything does."""
        starts = [0, *(match.end() for match in re.finditer(r"\s+", text))]
        for start in starts:
            rest = text[start:]
            if self._goes_on(rest) if self.held else _stands_alone(rest):
                return rest
        return ""

    def _goes_on(self, rest: str) -> bool:
        if "".join(self.held).lstrip().startswith("from "):
            return rest.split(maxsplit=1)[0].endswith(",")
        if not INSIDE.match(rest):
            return False
        trial = Source()
        trial.held = list(self.held)
        trial.code(rest)
        return _compiles(trial) and all(map(_is_code, _statements(trial)[1:]))


def _starts_anew(held: list[str], token: str) -> bool:
    """Whether a token cannot go on with the statement: two operands side by side."""
    if _open(held):
        return False
    before = next((item for item in reversed(held) if not item.isspace()), "")
    if token in STATEMENTS:
        importing = token == "import" and "from" in held and "import" not in held
        return bool(before) and not importing
    ends = (
        before in (")", "]", "}") or before[-1:] in "\"'" or before[:1].isalnum() or "_" in before
    )
    begins = token[0].isalnum() or token[0] in "\"'_"
    return (
        bool(before)
        and ends
        and begins
        and not keyword.iskeyword(before)
        and not keyword.iskeyword(token)
    )


def _open(tokens: list[str]) -> list[str]:
    """The brackets that would close what is open."""
    waiting: list[str] = []
    for token in tokens:
        if token in CLOSING:
            waiting.append(CLOSING[token])
        elif waiting and token == waiting[-1]:
            waiting.pop()
    return waiting[::-1]


def _whole(trial: Source) -> str:
    """The source with everything closed that is open."""
    lines = list(trial.lines)
    if trial.held:
        names = "_" if "".join(trial.held).rstrip().endswith("import (") else ""
        statement = "".join([*trial.held, names, *_open(trial.held)]).strip()
        lines.append("    " * len(trial.blocks) + statement)
    if trial.fresh and not trial.held:
        lines.append("    " * len(trial.blocks) + "pass")
    return "\n".join(lines) + ("\nfinally:\n    pass" if _tries(lines) else "")


def _tries(lines: list[str]) -> bool:
    words = [line.strip() for line in lines]
    return "try:" in words and not any(word.startswith("except") for word in words)


def _compiles(trial: Source) -> bool:
    try:
        compile(_whole(trial), "block", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _stands_alone(rest: str) -> bool:
    """Whether text is code from its first word: all compiles, and no statement is mere words."""
    if _is_prose(TOKEN.findall(rest)):
        return False
    trial = Source()
    try:
        trial.code(rest)
    except IndexError:  # an `except` without its `try`
        return False
    return _compiles(trial) and all(map(_is_code, _statements(trial)))


def _is_prose(tokens: list[str]) -> bool:
    """Whether a sentence ends there, or a bracket stands apart from the name before it."""
    stops = any(a == "." and b.isspace() for a, b in pairwise(tokens))
    apart = any(
        a.isidentifier() and not keyword.iskeyword(a) and b == " " and c == "("
        for a, b, c in zip(tokens, tokens[1:], tokens[2:], strict=False)
    )
    return stops or apart


def _statements(trial: Source) -> list[ast.stmt]:
    return list(_flat(ast.parse(_whole(trial)).body))


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        for name in ("body", "handlers", "orelse", "finalbody"):
            for inner in getattr(node, name, []):
                yield from _flat(inner.body if isinstance(inner, ast.ExceptHandler) else [inner])


def _is_code(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call | ast.Attribute)
    return not isinstance(node, ast.AnnAssign)
