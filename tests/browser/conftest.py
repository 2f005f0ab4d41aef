"""A real JupyterLab, and a real browser to look at it with."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent.parent
TOKEN = "tests"
STARTS_WITHIN_S = 60
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab and the folder that it shows."""

    url: str
    folder: Path

    def address(self, notebook: str) -> str:
        return f"{self.url}/lab/tree/{notebook}?token={TOKEN}&reset"


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def server(module: str, folder: Path, ready: str, words: Sequence[str]) -> Iterator[str]:
    """Run a Jupyter server on a free port over a folder; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", module, "--no-browser", f"--port={port}", *words]
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(folder / ".config"),
        "JUPYTERLAB_SETTINGS_DIR": str(_settings(folder / ".settings")),
        "JUPYTER_PATH": str(_extensions(folder / ".share")),
    }
    log = (folder / f"{module}.log").open("w")
    running = subprocess.Popen(line, env=environment, stdout=log, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}{ready}", running, folder / f"{module}.log")
        yield url
    finally:
        running.terminate()
        running.wait(20)
        log.close()


def jupyter_words(folder: Path) -> list[str]:
    """What a Lab and a Notebook are started with."""
    return [
        "--allow-root",
        f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.root_dir={folder}",
        "--expose-app-in-browser",
    ]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    with server("jupyterlab", folder, f"/api?token={TOKEN}", jupyter_words(folder)) as url:
        yield Lab(url, folder)


def _extensions(data: Path) -> Path:
    """A folder of data that has our extension as it stands in the checkout, before an installed one."""
    (data / "labextensions").mkdir(parents=True)
    (data / "labextensions" / "mpnb").symlink_to(ROOT / "mpnb" / "labextension")
    return data


def _settings(folder: Path) -> Path:
    """Settings of a Lab that asks nobody anything."""
    chosen = {
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        # Every cell is in the page, also those that the window does not show.
        "notebook-extension/tracker": {"windowingMode": "none"},
    }
    for name, values in chosen.items():
        file = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    return folder


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"The server did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.fail("chromium is not installed; the browser tests drive it")
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1600})
    opened = context.new_page()
    yield opened
    context.close()


def notebook(folder: Path, name: str, cells: list[str]) -> str:
    """Write a notebook of code cells and return its name."""
    book = {
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells)
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / name).write_text(json.dumps(book), "utf-8")
    return name


def run_all(page: Page, lab: Lab, name: str) -> None:
    """Open a notebook, run every cell, and wait until the last one is done."""
    page.goto(lab.address(name))
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.wait_for_function(
        "document.querySelector('.jp-StatusBar-Widget')?.innerText.includes('Idle')"
    )
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
