"""The cell text that waits for ``%mp paste``, where no extension can write cells.

Enters: text from a widget. Leaves: the same, once. The surprise: there is one place for all widgets
of a kernel, because a person pastes what was offered last.
"""

from __future__ import annotations

from mpnb.errors import ParamValidationError

_offered: list[str] = []


def offer(text: str) -> None:
    """Keep a text to paste; it replaces an earlier one."""
    _offered[:] = [text]


def take() -> str:
    """The text that was offered last.

    Raises:
        ParamValidationError: nothing was offered.
    """
    if not _offered:
        raise ParamValidationError(
            "There is nothing to paste: press “Insert below” in a widget first."
        )
    return _offered[-1]
