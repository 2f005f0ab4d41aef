"""What a person sees in a notebook: a wait that counts down and can be interrupted, and questions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from tests.engine.mixpanel.conftest import SECRET
from tests.engine.mixpanel.server import Give, Server, serving

OPEN = "import mpnb; ws = mpnb.Workspace()"


class Kernel:
    """A kernel, and what its cells showed."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client
        self.seen: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.says = "n"
        self.on: Callable[[dict[str, Any]], None] = lambda message: None

    def run(self, code: str) -> dict[str, Any]:
        """Run a cell; what it showed is in `seen`."""
        self.seen.clear()
        reply: dict[str, Any] = self.client.execute_interactive(
            code,
            timeout=60,
            allow_stdin=True,
            output_hook=self._shown,
            stdin_hook=self._answer,
        )["content"]
        return reply

    @property
    def texts(self) -> list[str]:
        found = [m["content"].get("data", {}).get("text/plain") for m in self.seen]
        return [text for text in found if text is not None]

    def _shown(self, message: dict[str, Any]) -> None:
        self.seen.append(message)
        self.on(message)

    def _answer(self, message: dict[str, Any]) -> None:
        self.asked.append(message["content"]["prompt"])
        self.client.input(self.says)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(
        lambda got: Give({"status": "ok", "results": []} if "/app/" in got.path else [])
    ) as found:
        yield found


@pytest.fixture
def kernel(home: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    words = {"USERNAME": "u", "SECRET": SECRET, "PROJECT_ID": "12345", "REGION": "us"}
    for name, value in {**words, "API_BASE_URL": server.url}.items():
        monkeypatch.setenv(f"MP_{name}", value)
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(home))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        found = Kernel(manager, client)
        assert found.run(OPEN)["status"] == "ok"
        yield found
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_wait_counts_down_and_can_be_interrupted(kernel: Kernel, server: Server) -> None:
    assert kernel.run("ws.budget.set('query', an_hour=1); ws.events()")["status"] == "ok"
    waits: list[float] = []

    def interrupt(message: dict[str, Any]) -> None:
        text = message["content"].get("data", {}).get("text/plain", "")
        if "Waiting" in text:
            waits.append(time.monotonic())
            if len(waits) == 3:
                kernel.manager.interrupt_kernel()

    kernel.on = interrupt
    ended = kernel.run("ws.funnels()")
    assert (ended["status"], ended["ename"]) == ("error", "KeyboardInterrupt")
    assert time.monotonic() - waits[2] < 5
    lines = [text for text in kernel.texts if "Waiting" in text]
    assert lines[0].startswith("Waiting 60:0")
    assert "Interrupt to stop." in lines[0]
    assert len(set(lines)) > 1, "it counts down"
    assert kernel.texts[-1] == "", "nothing is left on the screen"
    assert len(server.got) == 1, "the interrupted call sent nothing"
    kernel.on = lambda message: None
    assert kernel.run("ws.budget.reset(); ws.funnels()")["status"] == "ok"


def test_a_call_that_destroys_asks(kernel: Kernel, server: Server) -> None:
    ended = kernel.run("ws.delete_dashboard(7)")
    assert ended["status"] == "error"
    assert "confirm=True" in ended["evalue"]
    assert len(kernel.asked) == 1
    assert "7" in kernel.asked[0]
    assert server.got == []
    kernel.says = "y"
    assert kernel.run("ws.delete_dashboard(7)")["status"] == "ok"
    assert [got.method for got in server.got] == ["DELETE"]
    assert kernel.run("ws.delete_dashboard(7, confirm=True)")["status"] == "ok"
    assert len(kernel.asked) == 2
    ended = kernel.run("import os; os.environ['MP_READ_ONLY'] = '1'; ws.delete_dashboard(7)")
    assert "only reads" in ended["evalue"]
    assert len(kernel.asked) == 2, "what is refused anyway is not asked about"
    assert len(server.got) == 2
