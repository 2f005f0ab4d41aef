"""Where mpnb keeps what it made: stores, kept answers, the budget, the audit log.

Enters: the environment. Leaves: a folder. The surprise: it is not ``~/.mp``, which belongs to
accounts and is shared with other clients.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """Where mpnb keeps what it made: ``MPNB_HOME``, else the user's folder for program state."""
    chosen = os.environ.get("MPNB_HOME")
    return Path(chosen) if chosen else platformdirs.user_state_path("mpnb")
