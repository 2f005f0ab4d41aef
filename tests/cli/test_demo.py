"""``mpnb demo`` as a person runs it: a page, a funnel in the terminal, a Lab on the tour."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from mpnb.cli import main


def test_without_a_browser(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--no-browser"]) == 0
    printed = capfd.readouterr().out
    assert "1. Sign Up" in printed
    assert "█" in printed
    page = (tmp_path / "mpnb-tour.html").read_text("utf-8")
    assert "reached Purchase within 7 days" in page
    assert "<svg" in page
    assert "<script" not in page
    assert set(re.findall(r"https?://[^\"' <)]+", page)) <= {"http://www.w3.org/2000/svg"}
    assert [file.name for file in tmp_path.iterdir()] == ["mpnb-tour.html"]


def test_with_jupyterlab(state: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "mpnb.cli", "demo", "--port", str(port)]
    environment = {**os.environ, "BROWSER": "true", "JUPYTER_TOKEN": "t"}
    running = subprocess.Popen(
        words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        address = f"http://127.0.0.1:{port}/api/contents/tour.ipynb?token=t&content=0"
        assert b"tour.ipynb" in _answer(address, running)
    finally:
        running.terminate()
        running.communicate(timeout=20)
    copied = {file.name for file in (tmp_path / "mpnb-demo").glob("*.ipynb")}
    assert {"tour.ipynb", "funnels.ipynb"} <= copied


def _answer(address: str, running: subprocess.Popen[bytes]) -> bytes:
    for _ in range(300):
        assert running.poll() is None, "JupyterLab ended"
        try:
            with urllib.request.urlopen(address, timeout=5) as reply:
                return bytes(reply.read())
        except OSError:
            time.sleep(0.1)
    raise AssertionError("JupyterLab did not answer")


def test_words_that_are_no_command_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dmeo"]) == 2
    assert "Did you mean demo?" in capsys.readouterr().err
