"""A server that answers like Mixpanel, over local data: for tests, notebooks and other tools.

Enters: data (``"demo"``, files, a store, a local workspace) and a token. Leaves: a running server
on loopback, with its address and token. The surprise: it keeps Mixpanel's real limits unless told
otherwise, so that code which works here is code which works there.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mpnb import stores
from mpnb.emulator.application import Application
from mpnb.emulator.faults import Faults
from mpnb.emulator.limits import REAL, Limits
from mpnb.emulator.project import Identity, Project
from mpnb.emulator.server import Server
from mpnb.engine.duckdb import folder
from mpnb.engine.duckdb.engine import DuckEngine
from mpnb.errors import ConfigError
from mpnb.workspace import Workspace

__all__ = ["Identity", "Limits", "Running", "serve", "start"]


@dataclass(frozen=True)
class Running:
    """A server that runs.

    Attributes:
        url: where it listens; ``MP_API_BASE_URL`` takes it.
        token: what clients prove themselves with.
        identity: ids of the one project that it has.
    """

    url: str
    token: str = field(repr=False)
    identity: Identity
    _server: Server = field(repr=False)
    _application: Application = field(repr=False)

    @property
    def faults(self) -> Faults:
        """Faults that wait for the next requests; ``faults.arm("status=503", times=2)``."""
        return self._application.faults

    def wait(self) -> None:
        """Answer until the process is interrupted."""
        self._server.serve_forever(0.2)

    def close(self) -> None:
        """Stop answering."""
        self._server.server_close()
        self._application.project.close()


def start(
    data: Any = "demo",
    *,
    token: str | None = None,
    port: int = 0,
    limits: Limits | bool = True,
    state: str | Path | None = None,
    identity: Identity | None = None,
) -> Running:
    """Open the data and listen, without answering yet; see `serve`."""
    engine, place = _opened(data)
    project = Project(engine, place, identity)
    kept = Limits(REAL) if limits is True else limits or None
    chosen = token or secrets.token_urlsafe(24)
    application = Application(project, chosen, kept, Path(state) if state else None)
    try:
        server = Server(application, port)
    except OSError as problem:
        raise ConfigError(f"Nothing can listen on port {port}: {problem.strerror}.") from problem
    return Running(server.url, chosen, project.identity, server, application)


@contextmanager
def serve(data: Any = "demo", **options: Any) -> Iterator[Running]:
    """Run an emulator inside this process.

    Args:
        data: ``"demo"``, whatever `mpnb.local` takes, or a local workspace.
        options: ``token``: what clients prove themselves with; by default a random one.
            ``port``: by default one that is free. ``limits``: True for Mixpanel's numbers, False
            for none, or `Limits` of your own. ``state``: a JSON file that dashboards, reports and
            the like stay in. ``identity``: ids and name of the project.

    Yields:
        The running server.
    """
    running = start(data, **options)
    running._server.start()
    try:
        yield running
    finally:
        running._server.shutdown()
        running.close()


def _opened(data: Any) -> tuple[DuckEngine, Path | None]:
    """An engine, and the folder that additions may go to: a store that was named itself."""
    if isinstance(data, Workspace):
        workspace, place = data, None
    elif data == "demo":
        workspace, place = stores.demo(), None
    else:
        named = Path(data).expanduser() if isinstance(data, str | Path) else None
        place = named if named is not None and folder.exists(named) else None
        workspace = stores.local(data)
    if not isinstance(workspace.engine, DuckEngine):
        raise ConfigError("An emulator needs local data: this workspace asks Mixpanel.")
    return workspace.engine, place
