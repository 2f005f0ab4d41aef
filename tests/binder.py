"""Build the environment of binder/ from nothing, as Binder would, and run the tour in it.

    python -m tests.binder

What it does not cover: conda, which makes the Python that ``environment.yml`` names; here a virtual
environment of the running Python stands for it, and a test of the version keeps them equal.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
RUN = """
import json, sys, nbformat
from nbclient import NotebookClient
book = nbformat.read("notebooks/tour.ipynb", 4)
NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": "."}}).execute()
drawn = sum("application/vnd.plotly.v1+json" in out.get("data", {})
            for cell in book.cells for out in cell.get("outputs", []))
print("charts", drawn)
"""


def python_of(environment: str) -> str:
    """The version of Python that the environment names."""
    found = re.search(r"- python=([\d.]+)", environment)
    if found is None:
        raise SystemExit("binder/environment.yml names no version of Python")
    return found[1]


def main() -> int:
    """Build and run; the process ends with 1 when something is wrong."""
    wanted = python_of((ROOT / "binder" / "environment.yml").read_text("utf-8"))
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    if wanted != running:
        print(f"binder/environment.yml is of Python {wanted}; this is {running}: built anyway")
    with tempfile.TemporaryDirectory() as place:
        return _build(Path(place))


def _build(place: Path) -> int:
    copy, venv = place / "repo", place / "venv"
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, tracked.split("\0")):
        if name.startswith(("mpnb/", "notebooks/", "binder/", "extensions/")) or "/" not in name:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    own = {"PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}", "HOME": str(place)}
    kept = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment = {**kept, **own, "MPNB_HOME": str(place / "home")}
    built = subprocess.run(
        ["bash", "binder/postBuild"], cwd=copy, env=environment, capture_output=True, text=True
    )
    if built.returncode:
        print(built.stdout[-2000:], built.stderr[-2000:])
        return 1
    python = venv / "bin" / "python"
    found = subprocess.run(
        [python, "-c", RUN], cwd=copy, env=environment, check=True, capture_output=True, text=True
    ).stdout.split()
    listed = subprocess.run(
        [python, "-m", "jupyter", "labextension", "list"],
        cwd=place, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    extension = re.search(r"mpnb v[\d.]+ .*enabled.*OK", listed.stdout + listed.stderr)
    print(f"Binder's environment ran the tour: {found[-1]} charts; extension: {bool(extension)}")
    return 0 if int(found[-1]) >= 4 and extension else 1


if __name__ == "__main__":
    sys.exit(main())
