"""`mp serve` as a process of its own: started, asked, killed, started again at the same place.

Enters: data and options. Leaves: a server that can really die. The surprise: the control addresses
need the token, so a test asks them through `Served.control`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.emulator.conftest import TOKEN


@dataclass
class Served:
    """A server that runs."""

    url: str
    project_id: str
    process: subprocess.Popen[str]

    def control(self, method: str, place: str, **sent: Any) -> dict[str, Any]:
        """Ask one of the emulator's own addresses."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx.request(
            method, f"{self.url}/_emulator/{place}", headers=headers, json=sent or None, timeout=30
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def arm(self, fault: str, times: int = 1, path: str = "") -> None:
        """Let the next requests of a path meet a fault."""
        self.control("POST", "faults", fault=fault, times=times, path=path)

    def traffic(self, pool: str) -> dict[str, int]:
        """What a pool took and refused."""
        found: dict[str, int] = self.control("GET", "traffic")["pools"][pool]
        return found

    def kill(self) -> None:
        """Die at once, in the middle of whatever it does."""
        self.process.kill()
        self.process.wait(10)


@contextmanager
def serving(data: Path, *words: str) -> Iterator[Served]:
    """Run `mp serve` over data."""
    command = [sys.executable, "-m", "mpnb.cli", "serve", "--data", str(data), "--token", TOKEN]
    with subprocess.Popen([*command, *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            said = json.loads(process.stdout.readline())
            yield Served(said["url"], said["project_id"], process)
        finally:
            process.terminate()
