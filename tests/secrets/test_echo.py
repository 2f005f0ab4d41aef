"""No secret shows anywhere: reprs, errors, tracebacks with locals, logs, files, notebooks, commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mpnb
from mpnb import CreateWebhookParams, errors
from tests.engine.mixpanel.server import serving
from tests.secrets.places import SECRETS, USER, echo, leaking_files, leaks, logged, told

STATUSES = (200, 302, 401, 403, 429, 500)
CASES = [*(("service", shape) for shape in ("object", "text", "page", "list"))]
CASES += [("api", "object"), ("bearer", "object")]
ACCOUNTS: dict[str, dict[str, Any]] = {
    "service": {"type": "service_account", "username": USER, "secret": SECRETS["service"]},
    "api": {"type": "project_secret", "secret": SECRETS["api"]},
    "bearer": {"type": "oauth_token", "token": SECRETS["bearer"]},
}


def exported(ws: mpnb.Workspace) -> None:
    """Ask for an export; in one that began well, what the server says stands between the data."""
    try:
        list(ws.stream_events(from_date="2024-01-01", to_date="2024-01-01"))
    except errors.APIError:
        raise
    except (errors.MixpanelHeadlessError, UserWarning):
        return


def webhook() -> CreateWebhookParams:
    return CreateWebhookParams(name="n", url="https://x.test", password=SECRETS["password"])


def add(name: str) -> None:
    mpnb.accounts.add(name, region="us", default_project="12345", **ACCOUNTS[name])


QUESTIONS: tuple[Callable[[mpnb.Workspace], Any], ...] = (
    lambda ws: ws.query("A", from_date="2024-01-01", to_date="2024-01-02"),
    lambda ws: ws.events(),
    lambda ws: ws.segmentation("A", from_date="2024-01-01", to_date="2024-01-02"),
    lambda ws: ws.list_dashboards(),
    lambda ws: exported(ws),
    lambda ws: list(ws.stream_profiles()),
    lambda ws: ws.me(),
    lambda ws: ws.create_webhook(webhook()),
    lambda ws: ws.delete_webhook("abc", confirm=True),
    lambda ws: print(ws.doctor()),
)


@pytest.mark.parametrize(("name", "shape"), CASES)
def test_a_server_that_repeats_what_it_was_sent(
    name: str,
    shape: str,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MP_CUSTOM_HEADER_NAME", "X-Key")
    monkeypatch.setenv("MP_CUSTOM_HEADER_VALUE", SECRETS["header"])
    add(name)
    found: dict[str, list[str]] = {}
    with logged() as log:
        for status in STATUSES:
            with serving(echo(status, shape, name, "header")) as server:
                monkeypatch.setenv("MP_API_BASE_URL", server.url)
                for number, ask in enumerate(QUESTIONS):
                    for form, text in shown(ask, name).items():
                        if (status, shape) == (200, "list") and form in ("locals", "verbose"):
                            continue  # a list is no error: it is the data that was asked for
                        found |= {f"{status} {number} {form}": leaks(text)} if leaks(text) else {}
    printed = capsys.readouterr()
    assert found == {}
    assert leaks(log.getvalue()) == []
    assert leaks(printed.out + printed.err) == []
    assert leaking_files(home) == {}


def shown(ask: Callable[[mpnb.Workspace], Any], name: str) -> dict[str, str]:
    """What a question shows: its answer, or its error in every form."""
    with mpnb.Workspace(account=name, on_limit="ignore") as ws:
        reprs = {"workspace": repr(ws) + repr(ws.session) + str(ws.session) + str(ws.describe())}
        try:
            answer = ask(ws)
        except Exception as problem:
            return reprs | told(problem)
        return reprs | {"answer": repr(answer) if not isinstance(answer, list | dict) else ""}
