"""Run the gallery: ``python -m tests.notebooks [--update | --engine emulator] [NAME…]``.

Each notebook is run twice in fresh kernels. The first run is compared by nbval, exactly; the second
is compared with the file byte by byte, in every form that an output has. ``--update`` runs the
notebooks and writes what they show into the files instead.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent.parent / "notebooks"
LARGEST_OUTPUT = 50_000
"""Bytes that one saved result may take."""


def run(path: Path) -> Any:
    """The notebook after a run in a fresh kernel."""
    book = nbformat.read(path, as_version=4)
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    resources = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(book, timeout=600, kernel_name="python3", resources=resources).execute()
    for cell in book.cells:
        cell.metadata.pop("execution", None)
    book.metadata.pop("language_info", None)
    return book


def outputs(book: Any) -> list[str]:
    """What each code cell shows, as canonical JSON."""
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    return [json.dumps(cell.outputs, sort_keys=True, ensure_ascii=False) for cell in cells]


def problems(path: Path) -> list[str]:
    """What is wrong with a notebook's second run."""
    saved, fresh = nbformat.read(path, as_version=4), run(path)
    found = []
    pairs = zip(outputs(saved), outputs(fresh), strict=True)
    for number, (old, new) in enumerate(pairs, 1):
        if old != new:
            found.append(
                f"code cell {number} shows other bytes than the file:\n{_differs(old, new)}"
            )
        if len(new.encode()) > LARGEST_OUTPUT:
            found.append(f"code cell {number} shows {len(new.encode()):,} bytes")
        for forbidden in ("<script", "https://cdn", "http://cdn"):
            if forbidden in new:
                found.append(f"code cell {number} holds {forbidden!r}")
    return found


def _differs(old: str, new: str) -> str:
    at = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    return f"  file: …{old[max(0, at - 60) : at + 80]}…\n  run:  …{new[max(0, at - 60) : at + 80]}…"


def nbval(path: Path) -> bool:
    """Run a notebook and compare its outputs with nbval; every one must be equal."""
    words = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-cell-timeout=600"]
    # nbval's own plugin warns about pytest's future; the notebooks are what is tested here.
    done = subprocess.run([*words, "-p", "no:randomly", "-W", "default", str(path)], check=False)
    return done.returncode == 0


def check(path: Path, home: Path) -> bool:
    """Both runs of one notebook, each on a shelf without reports."""
    forget_reports(home)
    good = nbval(path)
    forget_reports(home)
    found = problems(path)
    for problem in found:
        print(f"{path.name}: {problem}")
    print(f"{path.name}: {'the same bytes twice' if good and not found else 'FAILED'}", flush=True)
    return good and not found


def forget_reports(home: Path) -> None:
    """Take away the reports that an earlier run has saved."""
    for shelf in home.rglob("reports.json"):
        shelf.unlink()


def update(path: Path, home: Path) -> None:
    """Write what a notebook shows into its file."""
    forget_reports(home)
    nbformat.write(run(path), path)
    print(f"{path.name}: written")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.notebooks")
    parser.add_argument("names", nargs="*", help="notebooks, without their ending; all by default")
    parser.add_argument("--update", action="store_true", help="write the outputs into the files")
    parser.add_argument(
        "--engine",
        choices=("local", "emulator"),
        default="local",
        help="emulator: ask a server that answers like Mixpanel, and compare the numbers",
    )
    options = parser.parse_args()
    paths = [
        path
        for path in sorted(FOLDER.glob("*.ipynb"))
        if not options.names or path.stem in options.names
    ]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MPNB_HOME"] = folder
        if options.engine == "emulator":
            return int(import_module("tests.notebooks.emulated").check(paths, Path(folder)) > 0)
        if options.update:
            for path in paths:
                update(path, Path(folder))
            return 0
        good = [check(path, Path(folder)) for path in paths]
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
