"""Open the tour over the data that comes with mpnb: no account, no network.

Enters: nothing, or `--no-browser`. Leaves: JupyterLab on the tour notebook; or, without a browser,
the tour as one HTML file in the current folder and a funnel in the terminal. The surprise: the
notebooks are copied into a folder of the reader's, who may change them; a copy that is there
already is left as it is.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import mpnb
from mpnb.cli.page import run_to_html
from mpnb.errors import ConfigError

FOLDER = "mpnb-demo"
TOUR = "tour.ipynb"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--no-browser",
        action="store_true",
        help="run the tour without JupyterLab, write it as one HTML file, print a funnel",
    )
    parser.add_argument("--port", type=int, help="the port JupyterLab listens on")


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    if find_spec("jupyterlab") is None:
        raise ConfigError("JupyterLab is not installed: pip install 'mpnb[lab]'")
    if options.no_browser:
        _without_browser()
    else:
        _in_jupyterlab(options.port)


def gallery() -> Path:
    """Where the notebooks are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if (folder / TOUR).exists():
            return folder
    raise ConfigError("The notebooks are not installed with this copy of mpnb.")


def _in_jupyterlab(port: int | None) -> None:
    target = Path(FOLDER)
    target.mkdir(exist_ok=True)
    for notebook in sorted(gallery().glob("*.ipynb")):
        if not (target / notebook.name).exists():
            shutil.copyfile(notebook, target / notebook.name)
    print(f"The notebooks are in {FOLDER}/. Stop JupyterLab with Ctrl-C.")
    words = [sys.executable, "-m", "jupyterlab", str(target / TOUR)]
    words += [f"--port={port}"] if port else []
    # In a container one is root, where Jupyter wants to be told that this is meant.
    words += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(sys.executable, words)  # so that Ctrl-C and signals reach JupyterLab itself
    subprocess.run(words, check=False)


def _without_browser() -> None:
    page = Path("mpnb-tour.html")
    print("Running the tour …")
    run_to_html(gallery() / TOUR, page)
    funnel = mpnb.demo().query_funnel(
        ["Sign Up", "View Item", "Add to Cart", "Purchase"], conversion_window=7
    )
    print(f"\n{funnel}\n")
    print(f"The whole tour: {page}")
