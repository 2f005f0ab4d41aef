"""Standard input, output and errors as text, whatever the locale of the machine says.

Enters: the three streams, the words of the line. Leaves: streams that can carry any text. The
surprise: where the locale has no Unicode, JSON is written in ASCII, which says the same; other text
shows what cannot be written as ``\\\\u2026``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from mpnb.errors import ParamValidationError


def prepare() -> None:
    """Make the streams fit for any text.

    Raises:
        OSError: standard output is closed, so that nobody would see an answer.
    """
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # lives as long as we
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # lives as long as we
        raise OSError("Standard output is closed: nothing was asked.")
    for stream in (sys.stdout, sys.stderr):
        _changed(stream, errors="backslashreplace")
    _changed(sys.stdin, encoding="utf-8-sig", errors="strict")


def _changed(stream: object, **to: str) -> None:
    change = getattr(stream, "reconfigure", None)  # tests and notebooks have streams of their own
    if change is not None:
        change(**to)


def narrow() -> bool:
    """Whether standard output cannot carry all of Unicode."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return not encoding.lower().replace("_", "-").startswith("utf")


def as_text(words: Sequence[str]) -> list[str]:
    """The words of a line as the person wrote them, in UTF-8 if the locale does not say how.

    Raises:
        ParamValidationError: one is no text.
    """
    try:
        return [os.fsencode(w).decode() if _is_raw(w) else w for w in words]
    except UnicodeError:
        raise ParamValidationError("A word of the line is no UTF-8 text.") from None


def _is_raw(word: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in word)
