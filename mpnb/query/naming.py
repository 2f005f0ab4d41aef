"""Tells an expression of the selector language from the plain name of a property.

Enters: what somebody wrote where either may stand. Leaves: which of the two it is. The surprise:
brackets and operators decide nothing, because names such as ``Price (USD)`` have them too; only a
property that is named in the language's own way makes an expression.
"""

from __future__ import annotations

import re

NAMED = re.compile(r"(?:properties|user|event)\[[\"']")


def is_expression(text: str) -> bool:
    """Whether text names properties as the selector language does: ``properties["amount"]``."""
    return NAMED.search(text) is not None
