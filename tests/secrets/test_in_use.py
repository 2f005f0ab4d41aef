"""Secrets in what a person does: adding accounts, signing in, addresses, interrupting, commands."""

from __future__ import annotations

import io
import json
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import mpnb
from mpnb.account import tokens
from mpnb.cli import main
from mpnb.engine.mixpanel.call import Call
from tests.engine.mixpanel.server import Give, Got, Server, serving
from tests.secrets.places import SECRETS, USER, echo, leaking_files, leaks, logged, told


def secret(name: str) -> str:
    """A planted secret; a name of its own keeps it out of the test's frames."""
    return SECRETS[name]


def service(name: str = "team") -> None:
    mpnb.accounts.add(
        name,
        type="service_account",
        region="us",
        default_project="12345",
        username=USER,
        secret=secret("service"),
    )


def signed_in(seconds: float) -> None:
    """An account that signed in with the browser, whose token runs out in a while."""
    mpnb.accounts.add("me", type="oauth_browser", region="us", default_project="12345")
    kept = tokens.OAuthTokens.model_validate(
        {
            "access_token": secret("access"),
            "refresh_token": secret("refresh"),
            "expires_at": datetime.now(UTC) + timedelta(seconds=seconds),
            "token_type": "Bearer",
            "client_id": "cid",
        }
    )
    tokens.save(tokens.tokens_path("me"), kept)


def found(*texts: dict[str, str]) -> dict[str, list[str]]:
    return {form: leaks(text) for one in texts for form, text in one.items() if leaks(text)}


def failing(ask: Callable[[], Any]) -> dict[str, str]:
    with pytest.raises((Exception, KeyboardInterrupt)) as caught:
        ask()
    return told(caught.value)


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("shape", ["object", "page"])
def test_a_refresh_that_is_refused_with_an_echo(
    status: int, shape: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(-10)
    with logged() as log, serving(echo(status, shape, "refresh")) as server:
        monkeypatch.setenv("MP_API_BASE_URL", server.url)
        ws = mpnb.Workspace(account="me", on_limit="ignore")
        shown = failing(ws.events)
        ws.close()
    assert found(shown, {"log": log.getvalue(), "resolver": repr(ws.session.resolver)}) == {}
    assert leaking_files(home) == {}


def test_a_token_that_is_refused_and_renewed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(3600)
    given = {"access_token": secret("bearer"), "expires_in": 3600, "token_type": "Bearer"}

    def answer(got: Got) -> Give:
        if got.path.startswith("/oauth"):
            return Give(given)
        return echo(401, "object", "access", "bearer")(got)

    with logged() as log, serving(answer) as server:
        monkeypatch.setenv("MP_API_BASE_URL", server.url)
        with mpnb.Workspace(account="me", on_limit="ignore") as ws:
            shown = failing(ws.events)
    assert found(shown, {"log": log.getvalue(), "kept": repr(tokens.signed_in("me"))}) == {}


def test_adding_and_changing_accounts(home: Path) -> None:
    service()
    add: Any = mpnb.accounts.add
    update: Any = mpnb.accounts.update
    tries: list[Callable[[], Any]] = [
        lambda: service(),
        lambda: add("x", type="service_account", region="us", secret=secret("service")),
        lambda: add("x", type="oauth_token", region="moon", token=secret("bearer")),
        lambda: add("x", type="project_secret", region="us", token=secret("bearer")),
        lambda: add("x y", type="project_secret", region="us", secret=secret("api")),
        lambda: add(type="service_account", region="us", secret=secret("service")),
        lambda: update("team", token=secret("bearer")),
        lambda: update("nobody", secret=secret("api")),
    ]
    for ask in tries:
        assert found(failing(ask)) == {}
    config = home / ".mp" / "config.toml"
    config.write_text(config.read_text("utf-8") + "\n[accounts.team]\nbroken = \n", "utf-8")
    for ask in (mpnb.accounts.list, lambda: mpnb.session.use(account="team"), mpnb.Workspace):
        assert found(failing(ask)) == {}
    assert leaking_files(home) == {}


def test_files_that_are_not_right(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge = home / "bridge.json"
    monkeypatch.setenv("MP_AUTH_FILE", str(bridge))
    account = {"type": "project_secret", "name": "x", "region": "moon", "secret": secret("api")}
    for content in (json.dumps({"version": 2, "account": account}), f"{{ {secret('api')}"):
        bridge.write_text(content, "utf-8")
        bridge.chmod(0o600)
        assert found(failing(mpnb.Workspace)) == {}


def test_an_address_with_a_password(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service()
    for address in ("http://u:{}@127.0.0.1:9", "u:{}@127.0.0.1:9"):
        monkeypatch.setenv("MP_API_BASE_URL", address.format(secret("address")))
        with logged() as log:
            shown = failing(mpnb.Workspace().events)
            report = failing(mpnb.Workspace().doctor)
        assert "MP_API_BASE_URL" in shown["str"]
        assert found(shown, report, {"log": log.getvalue()}) == {}


def test_a_signed_address_is_a_secret(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service()
    table = tmp_path / "t.csv"
    table.write_text("a,b\n1,2\n")
    query = f"X-Signature={secret('signed')}"

    def answer(got: Got) -> Give:
        if "/upload-url" in got.path:
            return Give({"results": {"url": f"{server.url}/put?{query}", "path": "p", "key": "k"}})
        return Give({"error": f"bad {got.path}"}, 403)

    with logged() as log, serving(answer) as server:
        monkeypatch.setenv("MP_API_BASE_URL", server.url)
        with mpnb.Workspace(on_limit="ignore") as ws:
            target = ws.get_lookup_upload_url()
            call = Call("GET", "outside", target.url)
            params = mpnb.UploadLookupTableParams(name="t", file_path=str(table))
            shown = failing(lambda: ws.upload_lookup_table(params))
            sent = failing(lambda: ws.engine.transport.send(call))  # type: ignore[attr-defined]  # the remote one
    assert found(shown, sent, {"log": log.getvalue(), "call": repr(call)}) == {}
    assert leaking_files(home) == {}


def test_interrupting_a_request(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service()
    monkeypatch.setenv("MP_CUSTOM_HEADER_NAME", "X-Key")
    monkeypatch.setenv("MP_CUSTOM_HEADER_VALUE", secret("header"))

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with serving(lambda got: Give([], after_s=1.5)) as server:
            monkeypatch.setenv("MP_API_BASE_URL", server.url)
            ws = mpnb.Workspace()
            _ = ws.engine
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            shown = failing(ws.events)
            ws.close()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert "KeyboardInterrupt" in shown["repr"]
    assert found(shown) == {}


@pytest.fixture
def echoing(home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    service()
    with serving(echo(400, "object", "service")) as server:
        monkeypatch.setenv("MP_API_BASE_URL", server.url)
        yield server


COMMANDS = (
    ["inspect", "events"],
    ["dashboards", "list"],
    ["account", "list"],
    ["account", "show"],
    ["account", "test"],
    ["account", "token"],
    ["session"],
    ["project", "list"],
    ["workspace", "list"],
    ["target", "list"],
    ["doctor"],
    ["annotations", "delete", "1", "--yes"],
)


@pytest.mark.parametrize("form", ["json", "jsonl", "table", "csv", "plain"])
def test_commands(
    form: str, echoing: Server, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with logged() as log:
        for words in COMMANDS:
            ends = [] if words[0] in ("doctor", "annotations") else ["-f", form]
            main(["--verbose", *words, *ends])
    said = capfd.readouterr()
    assert "mp: " in said.err
    assert found({"out": said.out, "err": said.err, "log": log.getvalue()}) == {}
    assert leaking_files(home) == {}


def test_a_secret_from_standard_input(
    home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--verbose", "account", "add", "a b", "--type", "project_secret", "--region", "us"]
    monkeypatch.setattr(sys, "stdin", io.StringIO(secret("api") + "\n"))
    assert main([*words, "--secret-stdin"]) == 1
    said = capfd.readouterr()
    assert found({"out": said.out, "err": said.err}) == {}
