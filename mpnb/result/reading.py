"""An answer that cannot be read is an error of its own, with a code.

Enters: a function that reads an answer. Leaves: the same function. The surprise: what Python says
of a part that is missing, or is something else, is kept in the message and nowhere else, because a
traceback would show the answer.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from mpnb.errors import MixpanelHeadlessError, ResponseValidationError

P = ParamSpec("P")
R = TypeVar("R")

MISSHAPEN = (AttributeError, KeyError, TypeError, ValueError)


def reading(what: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a reader raise `ResponseValidationError` where an answer does not have its shape."""

    def dress(reader: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(reader)
        def read(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return reader(*args, **kwargs)
            except MISSHAPEN as problem:
                if isinstance(problem, MixpanelHeadlessError):
                    raise
                why = f"{type(problem).__name__}: {problem}"
            raise ResponseValidationError(
                f"The answer of {what} does not have its shape ({why}). A proxy may answer instead "
                "of Mixpanel, or the API may have changed."
            )

        return read

    return dress
