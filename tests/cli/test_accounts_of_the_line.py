"""Accounts, projects, targets and the session as a script meets them: values, shapes, codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import mpnb
from mpnb.account import probe
from mpnb.cli import main
from tests.account.conftest import home, mixpanel
from tests.account.server import Mixpanel
from tests.cli.test_traps_of_the_line import team

__all__ = ["home", "mixpanel"]

Capture = pytest.CaptureFixture[str]


def said(words: list[str], capsys: Capture, code: int = 0) -> str:
    capsys.readouterr()
    assert main(words) == code
    return capsys.readouterr().out


def test_the_session_has_the_recorded_shape(mixpanel: Mixpanel, capsys: Capture) -> None:
    team()
    found = json.loads(said(["session", "-f", "json"], capsys))
    assert found == {
        "account": {"name": "team", "type": "service_account", "region": "us"},
        "project": {"id": "12345", "name": None, "organization": None},
        "workspace": None,
        "user": None,
        "me_cached": False,
    }
    assert main(["account", "test"]) == 0
    found = json.loads(said(["session", "-f", "json"], capsys))
    assert found["project"]["name"] == mixpanel.me["projects"]["12345"]["name"]
    assert found["project"]["organization"] in str(mixpanel.me["organizations"])
    assert found["user"] == {"email": mixpanel.me["user_email"]}
    assert found["me_cached"] is True
    assert "Account:   team (service_account, us)" in said(["session"], capsys).splitlines()


def test_no_session_is_no_failure(home: Path, capsys: Capture) -> None:
    assert main(["session", "-f", "json"]) == 0
    printed = capsys.readouterr()
    assert set(json.loads(printed.out)) >= {"account", "project", "workspace", "user", "me_cached"}
    assert not any(json.loads(printed.out).values())
    assert "mp login" in printed.err
    assert json.loads(said(["session", "--bridge", "-f", "json"], capsys)) == {"bridge": None}
    assert main(["--account", "nobody", "session"]) == 4
    assert main(["inspect", "events"]) == 1
    assert (
        json.loads(said(["--demo", "session", "-f", "json"], capsys))["account"]["name"] == "demo"
    )


def test_what_scripts_read_is_bare(mixpanel: Mixpanel, capsys: Capture) -> None:
    assert said(["project", "show"], capsys) == ""
    team()
    assert said(["project", "show"], capsys) == "12345\n"
    assert said(["workspace", "show"], capsys) == ""
    assert "777" in said(["workspace", "use", "777"], capsys)
    assert said(["workspace", "show"], capsys) == "777\n"
    assert "99" in said(["project", "use", "99"], capsys)
    assert said(["project", "show"], capsys) == "99\n"
    assert said(["workspace", "show"], capsys) == ""  # it belonged to the other project


def test_an_account_without_a_project_sees_its_projects(
    mixpanel: Mixpanel, capsys: Capture
) -> None:
    mpnb.accounts.add("a", type="service_account", region="us", username="u", secret="s3cret-of-t")
    rows = json.loads(said(["project", "list", "-f", "json"], capsys))
    assert [row["is_active"] for row in rows] == [False] * len(mixpanel.me["projects"])
    assert said(["workspace", "list"], capsys, 3) == ""
    assert json.loads(said(["workspace", "list", "-p", "12345", "-f", "json"], capsys))
    asked = len(mixpanel.requests)
    assert asked == 1  # the answer is kept
    said(["project", "list", "--refresh"], capsys)
    assert len(mixpanel.requests) == asked + 1
    found = json.loads(said(["session", "-f", "json"], capsys))
    assert (found["account"]["name"], found["project"]) == ("a", None)
    assert main(["inspect", "events"]) == 1
    assert "mp project list" in capsys.readouterr().err
    said(["project", "use", "12345"], capsys)
    assert json.loads(said(["session", "-f", "json"], capsys))["project"]["id"] == "12345"


@pytest.mark.parametrize("status", [200, 502])
def test_what_is_no_mixpanel_is_not_blamed_on_the_credentials(
    status: int, mixpanel: Mixpanel, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    mixpanel.answers["/api/app/me"] = (status, "<html><title>Sign in</title></html>")
    monkeypatch.setenv("MP_USERNAME", "u")
    monkeypatch.setenv("MP_SECRET", "s3cret-of-tests")
    assert main(["login", "--project", "12345"]) == 2
    told = capsys.readouterr().err
    assert "answers as Mixpanel does" in told
    assert "credentials" not in told


def test_lists_say_which_is_active(mixpanel: Mixpanel, capsys: Capture) -> None:
    team()
    rows = json.loads(said(["project", "list", "-f", "json"], capsys))
    assert {row["id"]: row["is_active"] for row in rows}["12345"] is True
    for words in (["account", "list"], ["account", "show"], ["project", "list"]):
        head, _, *lines = said(words, capsys).splitlines()
        assert head.endswith("ACTIVE")
        assert any(line.endswith("*") for line in lines)
    assert json.loads(said(["account", "list", "-f", "json"], capsys))[0]["is_active"] is True


def test_who_asks_for_the_account_does_not_wait_for_long() -> None:
    assert (probe.ME.timeout_s or 999) * (probe.ME.attempts or 999) <= 120


def test_a_test_that_fails_says_so_as_data(home: Path, capsys: Capture) -> None:
    mpnb.accounts.add("ci", type="oauth_token", region="us", token_env="NOT_THERE_FOR_TESTS")
    found = json.loads(said(["account", "test", "ci"], capsys, 1))
    assert (found["ok"], found["account_name"]) == (False, "ci")


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["account", "add", "x", "--type", "service_account"], 3, "--region"),
        (["account", "add", "x", "--type", "service_account", "--region", "us"], 3, "--username"),
        (["account", "add", "x", "--type", "oauth_token", "--region", "us"], 3, "--token-env"),
        (["account", "add", "x", "--type", "project_secret", "--region", "us"], 3, "MP_SECRET"),
        (["account", "add", "a b", "--type", "oauth_browser"], 1, "letters, digits, _ and - only"),
        (["account", "show"], 1, "mp account use"),
        (["account", "show", "x"], 4, "no account 'x'"),
        (["target", "show", "x"], 1, "no target 'x'"),
        (["project", "use", "abc"], 3, "digits only"),
        (["--project", "abc", "inspect", "events"], 1, "project='abc' is not right: digits only"),
        (["workspace", "use", "0"], 1, "workspace=0 is not right"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_said_in_the_words_of_the_line(
    words: list[str], code: int, text: str, home: Path, capsys: Capture
) -> None:
    assert main(words) == code
    assert text in capsys.readouterr().err


def test_what_was_done_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("MP_SECRET", "s3cret-of-tests")
    add = ["account", "add", "a", "--type", "service_account", "--region", "us", "--username", "u"]
    done: list[tuple[list[str], str]] = [
        ([*add, "--project", "1"], "'a' (service_account, us)"),
        (["account", "update", "a", "--region", "eu"], "region=eu"),
        (["account", "update", "a"], "no changes"),
        (["account", "use", "a"], "a"),
        (["target", "add", "t", "--account", "a", "--project", "1"], "t"),
        (["target", "use", "t"], "t"),
        (["account", "export-bridge", "--to", "b.json"], "b.json"),
        (["account", "remove-bridge", "--at", "b.json"], "Removed"),
        (["account", "remove-bridge", "--at", "b.json"], "no bridge"),
        (["target", "remove", "t", "--yes"], "t"),
        (["account", "remove", "a"], "'a'"),
    ]
    printed: list[Any] = [(said(words, capsys), text) for words, text in done]
    assert all(text in line and line.count("\n") == 1 for line, text in printed)
    assert "s3cret-of-tests" not in str(printed)
