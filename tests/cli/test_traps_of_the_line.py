"""The known traps of other command lines, each with a test named after it."""

from __future__ import annotations

import json
import sys
from importlib.metadata import requires
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

import mpnb
from mpnb.cli import main
from tests.account.conftest import home, mixpanel
from tests.account.server import Mixpanel
from tests.cli.test_requests import answering
from tests.entity.remote import Server

__all__ = ["home", "mixpanel"]

Capture = pytest.CaptureFixture[str]
LONG = "eyJ" + "a1B2" * 400
"""As long as bearer tokens are."""


def team(name: str = "team", project: str = "12345", **more: Any) -> None:
    given = {"type": "service_account", "username": "u", "secret": "s3cret-of-tests"} | more
    mpnb.accounts.add(name, region="us", default_project=project, **given)


def test_trap_27_no_library_of_command_lines_can_break_it() -> None:
    assert not [one for one in requires("mpnb") or () if one.startswith(("typer", "click", "rich"))]
    code = "import sys; sys.modules.update(typer=None, click=None, rich=None)\n"
    code += "from mpnb.cli import main; sys.exit(main(['account', '--help']))"
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_trap_28_nothing_is_wrapped(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    team("an-account-with-a-name-that-is-longer-than-forty-columns", username="u" * 90)
    mpnb.accounts.add("ci", type="oauth_token", region="us", default_project="7", token=LONG)
    mpnb.targets.add("a-target-with-a-long-name-" * 2, account="ci", project="12345678901234567890")
    assert main(["account", "token", "ci"]) == 0
    assert capsys.readouterr().out == LONG + "\n"
    for words in (["account", "list"], ["target", "list"], ["session"]):
        assert main([*words, "-f", "json"]) == 0
        json.loads(capsys.readouterr().out)
    for words in (["account", "list"], ["target", "list"]):
        assert main([*words, "-f", "jsonl"]) == 0
        assert [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_trap_28_lists_of_the_project_are_not_wrapped(
    mixpanel: Mixpanel, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    mixpanel.me["projects"]["12345"]["name"] = "A project with a long name " * 5
    team()
    for words in (["project", "list"], ["workspace", "list"]):
        for form in ("json", "jsonl"):
            assert main([*words, "-f", form]) == 0
            text = capsys.readouterr().out
            assert [json.loads(one) for one in (text.splitlines() if form == "jsonl" else [text])]


def test_trap_29_lists_follow_the_account_and_the_target(
    mixpanel: Mixpanel, capsys: Capture
) -> None:
    team()
    team("other", project="777", username="somebody-else")
    mpnb.targets.add("t", account="other", project="888")
    for flags, project in ((["-a", "other"], "777"), (["-t", "t"], "888")):
        mixpanel.requests.clear()
        assert main([*flags, "project", "list", "--refresh"]) == 0
        assert main([*flags, "workspace", "list", "--refresh"]) == 0
        sent = {request.headers["authorization"] for request in mixpanel.requests}
        account = mpnb.Workspace(account="other").session
        assert sent == {account.auth_header()}
        capsys.readouterr()
        assert main([*flags, "session", "-f", "json"]) == 0
        assert json.loads(capsys.readouterr().out)["project"]["id"] == project


def test_trap_29_verbose_says_where(home: Path, capsys: Capture) -> None:
    team()
    assert main(["account", "show", "nobody"]) == 4
    brief = capsys.readouterr().err
    assert main(["--verbose", "account", "show", "nobody"]) == 4
    long = capsys.readouterr().err
    assert "Traceback" not in brief
    assert "Traceback" in long
    assert brief in long


@pytest.mark.filterwarnings("ignore::mpnb.account.notice.AccountNotice")
def test_trap_30_a_target_with_a_project_in_the_environment(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    team()
    mpnb.targets.add("t", account="team", project="888")
    monkeypatch.setenv("MP_PROJECT_ID", "999")
    assert main(["--target", "t", "session", "-f", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["project"]["id"] == "999"


def test_trap_31_a_test_that_fails_ends_with_a_failure(mixpanel: Mixpanel, capsys: Capture) -> None:
    team()
    assert main(["account", "test"]) == 0
    mixpanel.basic = {"nobody:nothing": ""}
    assert main(["account", "test"]) != 0
    assert "Invalid credentials" in capsys.readouterr().err


@pytest.mark.parametrize(("status", "code"), [(401, 2), (403, 2), (404, 4), (429, 5), (400, 3)])
def test_trap_31_each_refusal_has_one_code(
    status: int, code: int, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("mpnb.engine.mixpanel.transport.backoff", lambda tried: 0.0)
    for words in (["dashboards", "get", "1"], ["cohorts", "get", "1"], ["inspect", "events"]):
        answering(Server([(status, {"error": "no"})] * 20), monkeypatch)
        assert main(words) == code
    capsys.readouterr()


BAD_JSON = (
    ["cohorts", "create", "--name", "x", "--definition", "{no"],
    ["flags", "create", "--name", "x", "--key", "k", "--ruleset", "{no"],
    ["experiments", "create", "--name", "x", "--settings", "{no"],
    ["reports", "create", "--name", "x", "--type", "insights", "--params", "{no"],
    ["query", "params", "nothing-of-that-name.json"],
)


@pytest.mark.parametrize("words", BAD_JSON[:-1])
def test_trap_31_json_that_is_none_has_one_code(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    server = Server([])
    answering(server, monkeypatch)
    assert main(words) == 3
    assert "JSON" in capsys.readouterr().err
    assert not server.asked


def test_trap_31_values_that_are_not_right_have_one_code(state: Path, capsys: Capture) -> None:
    bad = (
        ["--demo", "query", "text", '"Purchase" by'],
        ["--demo", "query", "text", '"Purchase"\nlast -3 days'],
        ["--demo", "stream", "events", "--from", "x", "--to", "2025-01-01"],
        [
            "--demo",
            "stream",
            "events",
            "--from",
            "2025-01-01",
            "--to",
            "2025-01-02",
            "--limit",
            "0",
        ],
        ["--demo", "query", "segmentation", "-e", "A", "--from", "2025-01-01", "--to", "x"],
    )
    assert [main(words) for words in bad] == [3] * len(bad)
    capsys.readouterr()


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        ("insights", '"Purchase"'),
        ("funnel", '"Sign Up" -> "Purchase"'),
        ("retention", '"Sign Up" -> "Open App"'),
        ("flow", '"Sign Up"'),
        ("users", "profiles\nlimit 2"),
    ],
)
def test_trap_32_every_kind_of_question(
    kind: str, question: str, demo: Any, capsys: Capture
) -> None:
    assert main(["--demo", "query", "text", question, "-k", kind]) == 0
    assert json.loads(capsys.readouterr().out)


def test_trap_32_streams(demo: Any, capsys: Capture) -> None:
    days = ["--from", "2025-01-01", "--to", "2025-01-02"]
    assert main(["--demo", "stream", "events", *days, "--event", "Purchase", "--limit", "3"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    rows = demo.stream_events(from_date=days[1], to_date=days[3], events=["Purchase"], limit=3)
    assert [line["insert_id"] for line in lines] == [row["insert_id"] for row in rows]
    assert main(["--demo", "stream", "events", *days, "--limit", "1", "--raw"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"event", "properties"}
    assert main(["--demo", "stream", "profiles", "--property", "country"]) == 0
    profiles = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(profiles) == len(list(demo.stream_profiles()))
    assert {*profiles[0]["properties"]} <= {"country"}


def test_the_bridge_in_force_is_shown(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    team()
    assert main(["account", "export-bridge", "--account", "team", "--to", "b.json"]) == 0
    monkeypatch.setenv("MP_AUTH_FILE", str(home / "b.json"))
    capsys.readouterr()
    assert main(["session", "--bridge", "-f", "json"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)["bridge"]["account"]["name"] == "team"
    assert "s3cret-of-tests" not in printed
