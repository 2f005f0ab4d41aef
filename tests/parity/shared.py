"""Where the recorded cases are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(
    os.environ.get("MPNB_SHARED", Path(__file__).resolve().parents[3] / "shared")
).resolve()

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the folder of recorded cases is absent (set MPNB_SHARED)"
)
