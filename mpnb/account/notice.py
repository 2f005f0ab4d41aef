"""One-line notices: something was decided or repaired that the person should know.

Enters: a sentence. Leaves: a warning of the kind `AccountNotice`. The surprise: it is a warning and
no log line, so that notebooks show it and ``warnings`` can silence it; Python shows each once.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

PACKAGE = str(Path(__file__).parent.parent)


class AccountNotice(UserWarning):
    """What was chosen where two settings disagree, or what was put right in the files."""


def tell(sentence: str) -> None:
    """Show one line, as said by the line of the person's own code that led here."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(sentence, AccountNotice, stacklevel=level)
