"""What all five questions share: extras, and the way to the other forms.

The surprise: the forms (params, text, Python) live in later layers, so they are reached by name
through the registry in `forms.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from mpnb.query import forms
from mpnb.query.words import JSON, Kind


@dataclass(frozen=True)
class Extra:
    """A value in a params object that the vocabulary does not cover; carried untouched."""

    path: tuple[str | int, ...]
    """Keys and places that lead to it in the params."""
    value: JSON
    """What stands there."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Base of the five questions."""

    kind: ClassVar[Kind]

    extras: tuple[Extra, ...] = ()
    """What a saved report holds beyond the vocabulary; carried untouched."""

    def to_params(self, *, today: date | None = None) -> dict[str, Any]:
        """Return the bookmark JSON; `today` (default: the system's date) fills an open end."""
        params: dict[str, Any] = forms.load("params")(self, today=today)
        return params

    def to_text(self) -> str:
        """Return the question in the cell language."""
        return str(forms.load("text")(self))

    def to_python(self) -> str:
        """Return the Python call that asks the question."""
        return str(forms.load("python")(self))

    def edit(self, ws: Any = None, *, name: str | None = None) -> Any:
        """Open the question in a builder.

        Args:
            ws: the workspace that answers; by default the one that the notebook uses.
            name: the variable that the answer is bound to.

        Raises:
            ParamValidationError: no workspace is given, and the notebook uses none.
        """
        return forms.load("builder")(self, ws, name)
