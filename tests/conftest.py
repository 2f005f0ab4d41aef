"""What many tests need: a folder of their own for state, the demo shop, an IPython shell."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import mpnb
from tests.magic.shell import Shell

settings.register_profile("ci", derandomize=True, deadline=None)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what runs in its background so; tests of interrupts want what a person has.
    signal.signal(signal.SIGINT, signal.default_int_handler)
if os.environ.get("CI"):
    settings.load_profile("ci")  # CI judges the change, not the day's random numbers


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that mpnb keeps its state in while tests run, never the developer's own."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPNB_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def demo(state: Path) -> Any:
    """The demo shop, made once for all tests of a process."""
    return mpnb.demo()


@pytest.fixture
def shell(state: Path) -> Iterator[Any]:
    """A fresh IPython shell."""
    made = Shell()
    yield made
    made.ip.run_cell("%unload_ext mpnb")
    made.ip.history_manager.end_session()
    made.ip.clear_instance()
