"""Secrets in what stays: notebooks and their pages, a server's own words, fixtures of the project."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from mpnb import emulator
from tests.emulator.conftest import project
from tests.engine.mixpanel.server import serving
from tests.secrets.places import SECRETS, USER, echo, leaking_files, leaks

ROOT = Path(__file__).parents[2]
CELLS = (
    "%load_ext mpnb\nimport mpnb\nws = mpnb.Workspace(on_limit='ignore')\n%mp use ws",
    "ws",
    "ws.session, ws.account, ws.describe(), vars(ws)",
    "%mp doctor",
    "%mp budget",
    '%%mpquery insights\n"Buy"\nby plan',
    '%%mpquery insights --card\n"Buy"',
    "ws.explore()",
    "ws.query('Buy', last=7)",
    "%xmode Verbose",
    "ws.api.app_request('GET', '/nothing/here')",
    "ws.query_saved_report(999999)",
    "ws.get_dashboard(7)",
    "import logging; logging.basicConfig(level=0, force=True); ws.events()",
    "ws.annotations",
)
KEYS = re.compile(
    r"""["'](?:authorization|secret|password|access_token|refresh_token|api_secret|token)["']"""
    r"""\s*:\s*["']([^"'{}<>\s]{20,})["']""",
    re.IGNORECASE,
)
HEADER = re.compile(r"\b(?:Basic|Bearer) ([A-Za-z0-9+/=._~-]{20,})")
KNOWN = re.compile(r"recorded|example|planted|secret|token|abc|test", re.IGNORECASE)


def ran(folder: Path) -> nbformat.NotebookNode:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS])
    client = NotebookClient(book, timeout=120, kernel_name="python3", allow_errors=True)
    client.execute(cwd=str(folder))
    return book


@pytest.mark.parametrize("answers", ["right", "echo"])
def test_a_notebook_and_its_page(
    answers: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if answers == "right":
        with emulator.serve(project(), token=SECRETS["serve"], limits=False) as running:
            book = asked(running.url, str(running.identity.project_id), tmp_path, monkeypatch)
    else:
        with serving(echo(400, "object", "serve")) as server:
            book = asked(server.url, "12345", tmp_path, monkeypatch)
    first = [out for cell in book.cells[:2] for out in cell.outputs if out.output_type == "error"]
    assert first == [], "the workspace itself opens"
    failed = [cell.source for cell in book.cells if "error" in json.dumps(cell.outputs)]
    assert any("nothing" in source for source in failed), "some cells show tracebacks"
    assert leaks(nbformat.writes(book)) == []
    page, _ = HTMLExporter().from_notebook_node(book)
    assert leaks(page) == []
    assert leaking_files(home) == {}


def asked(
    url: str, project_id: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> nbformat.NotebookNode:
    """The notebook after a run as the account of the environment."""
    words = {
        "MP_API_BASE_URL": url,
        "MP_USERNAME": USER,
        "MP_SECRET": SECRETS["serve"],
        "MP_PROJECT_ID": project_id,
        "MP_REGION": "us",
    }
    for name, value in words.items():
        monkeypatch.setenv(name, value)
    return ran(folder)


def test_a_server_says_its_token_in_its_first_line_only(home: Path) -> None:
    words = [sys.executable, "-m", "mpnb.cli", "serve", "--data", "demo"]
    words += ["--token", SECRETS["serve"]]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        assert server.stdout is not None
        said = json.loads(server.stdout.readline())
        try:
            texts = [str(answer) for answer in tried(said["url"])]
        finally:
            server.terminate()
            out, errors = server.communicate(timeout=20)
    assert said["token"] == SECRETS["serve"]
    assert leaks(out + errors) == []
    assert [leaks(text) for text in texts] == [[] for _ in texts]
    assert leaking_files(home) == {}


def tried(url: str) -> list[Any]:
    """What a server answers to good and bad requests."""
    good = httpx.Client(base_url=url, auth=(USER, SECRETS["serve"]))
    bad = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {SECRETS['serve']}x"})
    found = []
    for path in (
        "/api/app/me",
        "/nothing",
        "/api/query/events/names?project_id=x",
        "/api/2.0/export",
    ):
        for client in (good, bad):
            answer = client.get(path)
            found += [answer.text, dict(answer.headers)]
    good.close()
    bad.close()
    return found


def test_fixtures_and_notebooks_of_the_project_hold_no_credentials() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "tests", "notebooks", "docs", "binder", "README.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    found: dict[str, list[str]] = {}
    for name in listed:
        path = ROOT / name
        if path.suffix in (".json", ".jsonl", ".ipynb", ".md", ".html", ".toml", ".txt", ".csv"):
            text = path.read_text("utf-8", errors="replace")
            seen = [*KEYS.findall(text), *HEADER.findall(text)]
            odd = [value for value in seen if not KNOWN.search(value)]
            found |= {name: odd} if odd else {}
    assert len(listed) > 100
    assert found == {}
