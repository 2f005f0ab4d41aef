"""The doctor finds the cause: wrong region, wrong kind of secret, no access, no data."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import mpnb as mp
from mpnb.cli import main
from mpnb.doctor import Report
from tests.account.conftest import home, mixpanel  # noqa: F401  fixtures
from tests.account.server import ME, Mixpanel

SECRET = "a1b2c3d4" * 4
Answer = Callable[[httpx.Request], httpx.Response]


def examined(answer: Answer, account: mp.ServiceAccount | mp.ProjectSecretAccount) -> Report:
    client = httpx.Client(transport=httpx.MockTransport(answer))
    session = mp.Session(account=account, project=mp.Project(id="12345"))
    return mp.Workspace(session=session, _api_client=client).doctor()


def service(region: mp.Region = "us") -> mp.ServiceAccount:
    return mp.ServiceAccount(name="team", region=region, username="u", secret=SECRET)  # type: ignore[arg-type]


def secret(region: mp.Region = "us") -> mp.ProjectSecretAccount:
    return mp.ProjectSecretAccount(name="old", region=region, secret=SECRET)  # type: ignore[arg-type]


def good(request: httpx.Request) -> httpx.Response:
    path = request.url.path
    if path == "/api/app/me":
        return httpx.Response(200, json={"results": ME})
    if path == "/api/query/events/names":
        return httpx.Response(200, json=["Seen"])
    if path == "/api/2.0/export":
        return httpx.Response(200, json={"event": "Seen", "properties": {}})
    if path == "/import":
        assert request.content == b"[]", "nothing is written"
        return httpx.Response(400, json={"error": "no data"})
    return httpx.Response(200, json={"results": []})


def row(report: Report, name: str) -> tuple[str, str, str]:
    found = next(check for check in report.checks if check.name == name)
    return found.state, found.found, found.advice


def test_all_is_well() -> None:
    report = examined(good, service())
    assert report.ok, str(report)
    names = [check.name for check in report.checks]
    assert names[:4] == ["account", "region", "project", "data view"]
    assert names[-5:] == ["app", "query", "engage", "export", "ingestion"]
    assert SECRET not in str(report) + report._repr_html_()


def test_an_error_inside_a_good_answer_is_none() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path in ("/api/app/me", "/api/query/events/names"):
            return httpx.Response(200, json={"status": "error", "error": "an inner failure"})
        return good(request)

    report = examined(answer, service())
    assert not report.ok
    for name in ("app", "query"):
        assert row(report, name)[:2] == (
            "failed",
            "answers with an error inside: an inner failure",
        )
    assert row(report, "engage")[0] == "ok"


def test_the_integration_that_lives_in_europe() -> None:
    """The story: an API secret in us, a project in eu; only the export seems to work."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host.endswith("eu.mixpanel.com"):
            return good(request)
        if request.url.path == "/api/2.0/export":
            return httpx.Response(200, text="")
        if request.url.path == "/import":
            return good(request)
        said = "project id mismatch: mixpanel-prod-eu is not the current cluster mixpanel-prod-1"
        return httpx.Response(400, json={"error": said})

    report = examined(answer, secret())
    state, found, advice = row(report, "cause")
    assert state == "failed"
    assert "wrong region" in found
    assert "eu" in found
    assert advice == "mp.accounts.update('old', region='eu')"
    assert row(report, "app")[0] == "note", "by design, no failure"
    assert "no event in the last 30 days" in row(report, "export")[1]
    assert row(report, "query")[0] == "failed"


def test_a_wrong_region_that_only_says_401() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        in_india = "in.mixpanel.com" in request.url.host
        return good(request) if in_india else httpx.Response(401, json={"error": "nope"})

    assert "answers in in" in row(examined(answer, service()), "cause")[1]


def test_a_secret_of_the_wrong_kind() -> None:
    expected = "Basic " + base64.b64encode(f"{SECRET}:".encode()).decode()

    def answer(request: httpx.Request) -> httpx.Response:
        known = (
            request.headers.get("authorization") == expected
            and request.url.path == "/api/2.0/export"
        )
        return good(request) if known else httpx.Response(401, json={"error": "nope"})

    report = examined(answer, service())
    assert "API secret of a project in us" in row(report, "cause")[1]
    assert "project_secret" in row(report, "cause")[2]
    assert SECRET not in str(report)


def test_credentials_that_nobody_knows() -> None:
    report = examined(lambda request: httpx.Response(401, json={"error": "nope"}), service())
    assert "refused in every region" in row(report, "cause")[1]
    assert not report.ok


def test_a_plan_without_an_api() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/api/query"):
            return httpx.Response(402, json={"error": "Your plan does not allow API calls"})
        return good(request)

    report = examined(answer, service())
    assert "plan" in row(report, "query")[2]
    assert row(report, "export")[0] == "ok"


def test_no_access_to_the_project() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/app/me":
            return httpx.Response(200, json={"results": {**ME, "projects": {}}})
        return httpx.Response(403, json={"error": "no access"})

    report = examined(answer, service())
    assert "does not see project 12345" in row(report, "app")[1]
    assert "lacks access" in row(report, "query")[2]


def test_no_connection_and_no_json() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/app/me":
            return httpx.Response(200, text="<html>sign in to the proxy</html>")
        raise httpx.ConnectError("no route")

    report = examined(answer, service())
    assert "web page" in row(report, "app")[1]
    assert "check the connection" in row(report, "query")[2]


def test_limits_are_no_failure_of_the_credentials() -> None:
    report = examined(lambda request: httpx.Response(429, json={"error": "slow down"}), service())
    assert "used up" in row(report, "query")[2]


def test_its_requests_count_and_none_is_sent_beyond_the_limit(
    mixpanel: Mixpanel,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MPNB_HOME", str(tmp_path / "counted"))
    session = mp.Session(account=service(), project=mp.Project(id="12345"))
    with mp.Workspace(session=session) as ws:
        budget = ws.budget
        assert budget is not None
        budget.set(an_hour=1)
        assert ws.doctor().ok
        asked = len(mixpanel.asked("/events/names"))
        assert (asked, budget.left()) == (1, 0)
        assert "used up" in row(ws.doctor(), "query")[2]
        assert len(mixpanel.asked("/events/names")) == asked


def test_the_command(mixpanel: Mixpanel, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    mp.accounts.add(
        "team",
        type="service_account",
        region="us",
        default_project="12345",
        username="u",
        secret=SECRET,
    )
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "team (service_account), from [active]" in out
    assert "12345, from default project of account team" in out
    mixpanel.answers["/api/app/me"] = (500, {"error": "broken"})
    assert main(["doctor", "--account", "team"]) == 1
    assert SECRET not in out


def test_the_command_with_a_target_of_the_environment(
    mixpanel: Mixpanel,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mp.accounts.add("team", type="service_account", region="us", username="u", secret=SECRET)
    mp.targets.add("there", account="team", project="12345", workspace=777)
    monkeypatch.setenv("MP_TARGET", "there")
    assert main(["doctor"]) == 0
    assert "777, from target='there'" in capsys.readouterr().out


def test_names_in_html_are_only_names(home: Path) -> None:  # noqa: F811
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={"error": "<img src=x onerror=alert(1)>"})

    assert "<img" not in examined(answer, service())._repr_html_()


def test_what_was_set_is_listed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MP_OAUTH_TOKEN", SECRET)
    report = examined(good, service())
    assert "MP_OAUTH_TOKEN" in row(report, "environment")[1]
    assert SECRET not in json.dumps(report.rows)


def test_the_magic(shell: Any, mixpanel: Mixpanel) -> None:  # noqa: F811
    mp.accounts.add(
        "team",
        type="service_account",
        region="us",
        default_project="12345",
        username="u",
        secret=SECRET,
    )
    shell.ip.user_ns["ws"] = mp.Workspace()
    shell.ip.run_cell("%load_ext mpnb")
    shell.ip.run_cell("%mp use ws")
    result = shell.ip.run_cell("shown = get_ipython().run_line_magic('mp', 'doctor')")
    assert result.success
    assert "ingestion" in str(shell.ip.user_ns["shown"])
