"""How an error looks in a cell: one readable block, no traceback.

Enters: an exception of mpnb, with the text it is about where there is one. Leaves: `CellError`,
which IPython shows as the block alone. The surprise: the cell still fails, so that running all
cells stops there, and the exception itself stays at hand as ``__cause__``.
"""

from __future__ import annotations

from mpnb.errors import MixpanelHeadlessError


class CellError(MixpanelHeadlessError):
    """An error that a person made in a cell, ready to be read by that person."""

    default_code = "CELL_ERROR"

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of a traceback."""
        return [self.message]
