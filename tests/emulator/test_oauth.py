"""Signing in with a browser, from nothing to an account that asks, against the emulator."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

import mpnb
from mpnb.account import tokens
from mpnb.emulator import Running
from mpnb.errors import OAuthError
from tests.emulator.browser import filled_in, person, ports, signing_in
from tests.emulator.conftest import TOKEN

BACK = "http://localhost:19284/callback"
VERIFIER = "a-verifier-that-is-long-enough-to-be-one-of-them"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)


@pytest.fixture(autouse=True)
def _nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No account and no remote browser are known to this machine."""
    for name in os.environ:
        if name.startswith(("MP_", "SSH_", "JUPYTERHUB", "CODESPACES", "BINDER")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def web(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A browser without credentials, and `mpnb` pointed at the emulator."""
    monkeypatch.setenv("MP_API_BASE_URL", running.url)
    with httpx.Client(base_url=running.url) as found:
        yield found


def registered(web: httpx.Client) -> str:
    """A new client's id."""
    answer = web.post("/oauth/mcp/register/", json={"redirect_uris": [BACK]})
    assert answer.status_code == 201
    found: str = answer.json()["client_id"]
    return found


def page(web: httpx.Client, client: str, **changes: str) -> str:
    """The address of the sign-in page."""
    query = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": BACK,
        "state": "s",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return str(
        httpx.URL(f"{str(web.base_url).rstrip('/')}/oauth/authorize/", params={**query, **changes})
    )


def code(web: httpx.Client, client: str) -> str:
    """A code, from somebody who knows the token."""
    back = filled_in(page(web, client), token=TOKEN).headers["location"]
    assert back.startswith(BACK)
    query = parse_qs(urlsplit(back).query)
    assert query["state"] == ["s"]
    return query["code"][0]


def exchange(web: httpx.Client, client: str, used: str, **changes: str) -> httpx.Response:
    """Change a code for tokens."""
    form = {
        "grant_type": "authorization_code",
        "code": used,
        "redirect_uri": BACK,
        "client_id": client,
        "code_verifier": VERIFIER,
    }
    return web.post("/oauth/token/", data={**form, **changes})


def test_the_browser_signs_in_and_the_account_asks(web: httpx.Client, running: Running) -> None:
    made = signing_in("ann", TOKEN)
    assert (made.type, made.project_id) == ("oauth_browser", str(running.identity.project_id))
    with mpnb.Workspace() as ws:
        assert ws.events() == ["Buy", "View"]
    held = json.loads(tokens.tokens_path("ann").read_text())
    assert TOKEN not in json.dumps(held), "the emulator's token stays with the person"
    assert mpnb.accounts.test("ann").ok


def test_login_on_the_command_line_with_a_pasted_address(web: httpx.Client) -> None:
    with ports():
        words = [sys.executable, "-m", "mpnb.cli", "login", "--name", "ann", "--no-browser"]
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            url = next(line.strip() for line in process.stderr if "/oauth/authorize/" in line)
            address = filled_in(url, token=TOKEN).headers["location"]
            said, problem = process.communicate(address + "\n", timeout=60)
    assert process.returncode == 0, problem
    assert "→ ann" in said
    listed = subprocess.run(
        [sys.executable, "-m", "mpnb.cli", "inspect", "events", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(listed.stdout) == ["Buy", "View"], listed.stderr


def test_who_says_no_is_not_signed_in(web: httpx.Client) -> None:
    person(deny="1")
    with ports(), pytest.raises(OAuthError) as refused:
        mpnb.accounts.login_unified(name="ann")
    assert refused.value.code == "OAUTH_AUTH_DENIED"
    assert mpnb.accounts.list() == []


def test_a_page_without_the_token_gives_no_code(web: httpx.Client) -> None:
    client = registered(web)
    shown = web.get(page(web, client))
    assert shown.status_code == 200
    assert "location" not in shown.headers
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
    wrong = filled_in(page(web, client), token="no")
    assert (wrong.status_code, "location" in wrong.headers) == (403, False)
    program = web.get(page(web, client), auth=("anybody", TOKEN))
    assert program.status_code == 302, "a program that plays the person"


def test_nobody_is_sent_where_the_client_did_not_say(web: httpx.Client) -> None:
    client = registered(web)
    for changes in ({"redirect_uri": "http://localhost:1/"}, {"client_id": "another"}):
        answer = web.get(page(web, client, **changes), auth=("a", TOKEN))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    for address in ("https://example.com/", "http://example.com/", "javascript:0", 5):
        answer = web.post("/oauth/mcp/register/", json={"redirect_uris": [address]})
        assert answer.json()["error"] == "invalid_redirect_uri"
    plain = web.get(page(web, client, code_challenge_method="plain"), auth=("a", TOKEN))
    assert "error=invalid_request" in plain.headers["location"]


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": VERIFIER + "x"},
        {"client_id": "another"},
        {"redirect_uri": "http://localhost:19285/callback"},
        {"code": "no"},
    ],
    ids=["verifier", "client", "redirect", "code"],
)
def test_a_code_is_good_for_who_asked_and_once(web: httpx.Client, changes: dict[str, str]) -> None:
    client = registered(web)
    refused = exchange(web, client, code(web, client), **changes)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    used = code(web, client)
    assert exchange(web, client, used).status_code == 200
    assert exchange(web, client, used).json()["error"] == "invalid_grant"


def test_a_refresh_token_is_replaced(web: httpx.Client) -> None:
    client = registered(web)
    first = exchange(web, client, code(web, client)).json()
    assert (first["token_type"], first["expires_in"]) == ("Bearer", 3600)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    assert web.post("/oauth/token/", data={**form, "client_id": "another"}).status_code == 400
    second = web.post("/oauth/token/", data={**form, "client_id": client}).json()
    assert second["access_token"] != first["access_token"]
    again = web.post("/oauth/token/", data={**form, "client_id": client})
    assert again.json()["error"] == "invalid_grant"
    names = "/api/query/events/names"
    bearer = {"Authorization": f"Bearer {second['access_token']}"}
    assert web.get(names, headers=bearer).status_code == 200
    basic = web.get(names, auth=("user", second["access_token"]))
    assert basic.status_code == 401, "a bearer token is no service account's secret"


def test_short_lives_are_renewed_before_they_end(web: httpx.Client, running: Running) -> None:
    control = {"Authorization": f"Bearer {TOKEN}"}
    web.post("/_emulator/tokens", json={"lifetime": 1}, headers=control)
    signing_in("ann", TOKEN)
    given = web.get("/_emulator/tokens", headers=control).json()["given"]
    with mpnb.Workspace(cache=False) as ws:
        assert ws.events() == ["Buy", "View"]
    assert web.get("/_emulator/tokens", headers=control).json()["given"] > given


def test_a_permission_that_was_taken_back_says_what_to_do(web: httpx.Client) -> None:
    signing_in("ann", TOKEN)
    control = {"Authorization": f"Bearer {TOKEN}"}
    ended = web.request("DELETE", "/_emulator/tokens", json={"logins": True}, headers=control)
    assert ended.json()["ended"] >= 1
    with mpnb.Workspace(cache=False) as ws, pytest.raises(OAuthError) as refused:
        ws.events()
    assert refused.value.code == "OAUTH_REFRESH_REVOKED"
    assert re.search(r"mp login --name ann", str(refused.value))


@pytest.mark.parametrize("fault", ["status=503", "html", "malformed"])
def test_faults_meet_signing_in_too(web: httpx.Client, running: Running, fault: str) -> None:
    running.faults.arm(fault, times=9, path="/oauth/token")
    with pytest.raises(OAuthError) as refused:
        signing_in("ann", TOKEN)
    assert refused.value.code == "OAUTH_TOKEN_ERROR"
