"""What was read of a project lately, so that a change can be logged with what was there before.

Enters: answers of the app API. Leaves: a row by its address. The surprise: nothing is asked for the
log's sake; a thing that this workspace never read has no ``before``, and one that somebody else
changed since has the one that was read.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

MOST_ROWS = 1000


class Seen:
    """Rows by their addresses, those that were read last."""

    def __init__(self) -> None:
        self._rows: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()

    def before(self, path: str) -> Any:
        """The row at an address as it was read last; None when it was not."""
        return self._rows.get(path.strip("/"))

    def note(self, method: str, path: str, answer: Any) -> None:
        """Take note of an answer: of a row, of rows in a list, or that a row is gone."""
        here = path.strip("/")
        found = answer.get("results", answer) if isinstance(answer, Mapping) else answer
        name = here.rpartition("/")[2]
        with self._lock:
            if method == "DELETE":
                self._rows.pop(here, None)
            elif isinstance(found, Mapping) and str(found.get("id")) == name:
                self._keep(here, found)
            elif isinstance(found, list) and method == "GET":
                for row in found:
                    if isinstance(row, Mapping) and "id" in row:
                        self._keep(f"{here}/{row['id']}", row)

    def _keep(self, path: str, row: Any) -> None:
        self._rows[path] = row
        self._rows.move_to_end(path)
        while len(self._rows) > MOST_ROWS:
            self._rows.popitem(last=False)
