"""Peak resident memory of a stretch of work, in bytes.

The surprise: Linux lets a process start its own high-water mark afresh; elsewhere the mark of the
whole process is what is left, which is why each engine is measured in a process of its own. Pages
of mapped files count as long as they are resident.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def start() -> None:
    """Forget the peak so far, where that can be done."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak() -> int:
    """The most memory that was resident since `start`."""
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
