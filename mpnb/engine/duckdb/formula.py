"""Formulas over columns (section 12): inputs and a formula enter, a source of values leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mpnb.engine.duckdb.sources import Source
from mpnb.errors import NotSupportedError

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store


def source(store: Store, text: str, inputs: Mapping[str, tuple[Source, str]]) -> Source:
    """The values of a formula, one per row, or per user when all inputs are of profiles."""
    raise NotSupportedError(f"The local engine cannot evaluate formulas yet: {text!r}.")
