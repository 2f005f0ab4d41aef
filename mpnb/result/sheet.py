"""A frame as text for spreadsheets: CSV and tab-separated values.

Enters: a frame. Leaves: text. The surprise: a spreadsheet runs a cell that begins with ``=``,
``+``, ``-`` or ``@`` as a formula; texts that do so get an apostrophe in front, numbers stay.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(value: Any) -> Any:
    """A cell that no spreadsheet runs.

    >>> safe("=HYPERLINK(1)"), safe(-5), safe("a-b"), safe(None)
    ("'=HYPERLINK(1)", -5, 'a-b', '')
    """
    if value is None or value != value:
        return ""
    if isinstance(value, (bool, int, float)):
        return value
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def write(frame: pd.DataFrame, separator: str = ",") -> str:
    """All rows of a frame under its column names."""
    rows = frame.astype(object).itertuples(index=False, name=None)
    return written([list(frame.columns), *rows], separator)


def written(rows: Iterable[Iterable[Any]], separator: str = ",") -> str:
    """Rows as text; cells with quotes, separators or line breaks are quoted."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(
        [safe(cell) for cell in row] for row in rows
    )
    return out.getvalue()
