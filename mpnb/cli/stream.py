"""`mp stream …`: events and profiles as lines of JSON, as they come.

Enters: a range of days or conditions. Leaves: one line each on standard output, in constant memory.
The surprise: a reader that has enough (``| head``) ends the request.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from mpnb.cli import streams
from mpnb.cli.run import Run


def events(run: Run) -> None:
    """Write events one by one, as the Export API or a local store has them."""
    with run.workspace() as workspace:
        _write(workspace.stream_events(**run.given))


def profiles(run: Run) -> None:
    """Write profiles one by one."""
    with run.workspace() as workspace:
        _write(workspace.stream_profiles(**run.given))


def _write(rows: Iterable[dict[str, Any]]) -> None:
    ascii_only = streams.narrow()
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=ascii_only, default=_text) + "\n")


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
