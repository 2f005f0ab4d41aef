"""Answer like Mixpanel on this machine, over local data, for tests and other tools.

Enters: data, a port, a token. Leaves: a server on loopback that runs until Ctrl-C. The surprise:
the first line of its output is JSON with the address, the token and the ids of its one project,
so that a script can start it and know where to go.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from importlib import import_module

HIGHEST_PORT = 65_535
EMULATOR = "mpnb.emulator"
"""Loaded when the command runs: it brings the engine."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--data",
        default="demo",
        metavar="PATH|demo",
        help="the shop that comes with mpnb (default), or events: files, a folder, a store; "
        "what clients import is added to a store, else it is gone at the end",
    )
    parser.add_argument("--port", type=port, default=0, help="by default one that is free")
    parser.add_argument("--token", help="what clients prove themselves with; by default a new one")
    parser.add_argument(
        "--limits",
        choices=("on", "off"),
        default="on",
        help="Mixpanel's limits: 60 queries an hour and 5 at once, and so on (default: on)",
    )
    parser.add_argument("--state", metavar="FILE", help="keep dashboards, reports and so on here")


def port(text: str) -> int:
    """A port.

    Raises:
        ValueError: there is no such port.
    """
    if not 0 <= int(text) <= HIGHEST_PORT:
        raise ValueError(text)
    return int(text)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    running = import_module(EMULATOR).start(
        options.data,
        token=options.token,
        port=options.port,
        limits=options.limits == "on",
        state=options.state,
    )
    said = {
        "url": running.url,
        "token": running.token,
        "project_id": str(running.identity.project_id),
        "workspace_id": running.identity.workspace_id,
    }
    print(json.dumps(said), flush=True)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))  # stores what was imported
    try:
        running.wait()
    finally:
        running.close()
