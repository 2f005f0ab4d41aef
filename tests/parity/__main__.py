"""Run every comparison that the shared folder has cases for: ``python -m tests.parity``.

The folder is named by ``MPNB_SHARED`` and is ``../shared`` beside the checkout by default. Where it
is absent, this says so and ends well.
"""

from __future__ import annotations

import subprocess
import sys

from tests.parity.shared import SHARED

GOLDEN = [str(SHARED / "golden" / "check.py"), str(SHARED / "golden"), "--skip-quirks"]

CHECKS: dict[str, list[str]] = {
    "params and errors": [*GOLDEN, "--scope", "core", "--file", "params", "--file", "errors"],
    "answers and requests": [*GOLDEN, "--file", "transforms", "--requests"],
    "worked cases": ["-m", "tests.parity.semantics", str(SHARED / "semantics" / "cases.jsonl")],
    "reference numbers": [
        *("-m", "tests.parity.reference"),
        *(str(folder) for folder in sorted((SHARED / "data").glob("*/"))),
    ],
}
"""Name → the words of a command of this Python."""


def main() -> int:
    if not SHARED.is_dir():
        print(f"skipped: there is no folder {SHARED.name!r} with recorded cases (set MPNB_SHARED)")
        return 0
    failed = []
    for name, words in CHECKS.items():
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, *words], check=False).returncode:
            failed.append(name)
    print(f"{len(CHECKS) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
