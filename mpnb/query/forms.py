"""Registry of the forms that a question can take: name → "module:function".

Enters a name, leaves the function. The surprise: the modules belong to later layers, which is why
they are named as text and loaded on first use.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

FORMS: dict[str, str] = {
    "params": "mpnb.params:build",
    "text": "mpnb.text:print",
    "python": "mpnb.text.python:to_python",
    "builder": "mpnb.widget.builder:edit",
    "read": "mpnb.params:read",
    "meaning": "mpnb.params:meaningful_extras",
}


@cache
def load(form: str) -> Callable[..., Any]:
    """Return the function that turns a question into the form (`read`: params into a question)."""
    module, _, name = FORMS[form].partition(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function
