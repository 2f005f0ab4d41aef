"""What a person waits for in a fresh process: imports, the extension, first answers, completion.

Enters: nothing. Leaves: seconds by name. The surprise: the first question is measured three times:
with no compiled pass on disk and the process busy with nothing else, again with what that left on
disk, and on the demo shop, whose store is made beforehand.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

_IMPORT = """
import time; start = time.perf_counter()
import mpnb
print(time.perf_counter() - start)
"""

_EXTENSION = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
import time; start = time.perf_counter()
shell.run_line_magic("load_ext", "mpnb")
print(time.perf_counter() - start)
"""

_COMPLETION = """
import time
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "mpnb")
shell.run_line_magic("mp", "demo")
cells = [
    '%%mpquery funnel\\n"Si',
    '%%mpquery funnel\\n"Sign Up" -> "Pur',
    '%%mpquery insights\\nunique "Purchase"\\nby pl',
    '%%mpquery insights\\nunique "Purchase"\\nwhere country = "U',
]
times = []
for cell in cells * 3:
    start = time.perf_counter()
    with provisionalcompleter():
        found = list(shell.Completer.completions(cell, len(cell)))
    times.append(time.perf_counter() - start)
    assert found, cell
print(times[0], sorted(times)[len(times) // 2], max(times[1:]))
"""

_FIRST = """
import time
import mpnb
start = time.perf_counter()
ws = mpnb.demo()
ws.query_funnel(["Sign Up", "View Item", "Add to Cart", "Purchase"], conversion_window=7, last=90)
print(time.perf_counter() - start)
for ask in (
    lambda: ws.query("Purchase", math="unique", group_by="platform"),
    lambda: ws.query_retention("Sign Up", "Purchase"),
    lambda: ws.query_flow("Add to Cart", forward=3),
):
    start = time.perf_counter()
    ask()
    print(time.perf_counter() - start)
"""


def _run(code: str, **env: str) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | env,
        check=True,
        capture_output=True,
        text=True,
    )
    return [float(word) for word in done.stdout.split()[-12:] if word[0].isdigit()]


def measure(repeats: int) -> dict[str, float]:
    """All of it, the best of several processes each."""
    completion = _run(_COMPLETION)[-3:]
    _run("import mpnb; mpnb.demo()")
    with tempfile.TemporaryDirectory() as empty:
        cold = _run(_FIRST, NUMBA_CACHE_DIR=empty)
        warm = _run(_FIRST, NUMBA_CACHE_DIR=str(Path(empty)))
    return {
        "import": min(_run(_IMPORT)[0] for _ in range(repeats)),
        "load_ext": min(_run(_EXTENSION)[0] for _ in range(repeats)),
        "completion_first": completion[0],
        "completion": completion[2],
        "first_cold": cold[0],
        "first_cold_slowest": max(cold),
        "first_warm": warm[0],
        "first_warm_slowest": max(warm),
    }
