"""What is written where: formats, filters, errors, exit codes, pipes, standard input, secrets."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, run
from typing import Any

import pytest

import mpnb
from mpnb import errors
from mpnb.cli import failures, main, manual, output
from tests.cli.test_requests import answering
from tests.entity.remote import Server

DASHBOARDS = [{"id": 1, "title": "A", "is_private": False}, {"id": 2, "title": "É, b"}]
DATES = ["--from", "2025-01-01", "--to", "2025-01-07"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server that answers with two dashboards, once."""
    server = Server([(200, {"status": "ok", "results": DASHBOARDS})])
    answering(server, monkeypatch)
    return server


def said(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(words) == 0
    return capsys.readouterr().out


def test_json_and_lines(asked: Server, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(["dashboards", "list"], capsys)
    assert [row["title"] for row in json.loads(text)] == ["A", "É, b"]
    assert "É" in text
    assert text.startswith("[\n  {")


def test_lines(asked: Server, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(["dashboards", "list", "-f", "jsonl"], capsys).splitlines()
    assert [json.loads(line)["id"] for line in lines] == [1, 2]


def test_csv(asked: Server, capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(said(["dashboards", "list", "-f", "csv"], capsys))))
    assert (rows[0]["id"], rows[0]["title"], rows[0]["is_private"]) == ("1", "A", "false")


def test_filter(asked: Server, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("jq")
    assert json.loads(said(["dashboards", "list", "--jq", ".[].id"], capsys)) == [1, 2]


def test_filter_of_what_was_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("jq")
    server = Server([(200, {"status": "ok", "results": DASHBOARDS[0]})])
    answering(server, monkeypatch)
    assert said(["dashboards", "create", "--title", "A", "--jq", ".id"], capsys) == "1\n"
    assert json.loads(server.asked[0].content) == {"title": "A"}


def test_a_password_that_comes_back_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = "planted-" + "password"
    hook = {"id": "w", "name": "a", "url": "https://example.com", "is_enabled": True}
    answer = {"status": "ok", "results": [{**hook, "password": planted}]}
    answering(Server([(200, answer)] * 2), monkeypatch)
    assert json.loads(said(["webhooks", "list"], capsys))[0]["password"] == "…"


@pytest.mark.parametrize(
    ("jq", "form", "wanted"),
    [
        (".[] | select(.id > 5)", "json", "[]\n"),
        (".[0].id", "json", "1\n"),
        (".[].id", "jsonl", "1\n2\n"),
    ],
)
def test_how_many_results(
    jq: str, form: str, wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("jq")
    output.write(DASHBOARDS, form, jq)
    assert capsys.readouterr().out == wanted


def test_filters_that_cannot_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("jq")
    with pytest.raises(errors.ParamValidationError, match="json or jsonl"):
        output.write([], "table", ".")
    with pytest.raises(errors.ParamValidationError, match="jq"):
        output.write([], "json", ".[")
    monkeypatch.setitem(sys.modules, "jq", None)
    with pytest.raises(errors.ConfigError, match=r"pip install 'mpnb\[jq\]'"):
        output.write([], "json", ".")


def test_plain_and_table(capsys: pytest.CaptureFixture[str]) -> None:
    output.write([{"id": 1, "name": "A"}, {"event": "B"}, "C", {"x": 3}], "plain")
    output.write({"count": 1, "ok": True}, "plain")
    assert capsys.readouterr().out == "A\nB\nC\n3\ncount=1\nok=true\n"
    output.write([{"a_b": 10, "c": None}, {"a_b": 2, "c": [1]}], "table")
    assert capsys.readouterr().out == "A_B  C\n───  ───\n 10\n  2  [1]\n".replace("A_B", "A B")
    output.write([], "table")
    assert capsys.readouterr().out == "(none)\n"
    output.write({"x": float("nan")}, "json")
    assert json.loads(capsys.readouterr().out) == {"x": None}


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (errors.AuthenticationError("x"), 2),
        (errors.OAuthError("x"), 2),
        (errors.ConfigError("x"), 1),
        (errors.InvalidArgumentError("x", violation="mutually_exclusive"), 3),
        (errors.AccountNotFoundError("x"), 4),
        (errors.ProjectNotFoundError("1"), 4),
        (errors.AccountInUseError("x", ["t"]), 1),
        (errors.RateLimitError("x"), 5),
        (errors.QueryError("x", status_code=404), 4),
        (errors.QueryError("x", status_code=403), 2),
        (errors.QueryError("x", status_code=400), 3),
        (errors.ServerError("x", status_code=500), 1),
        (errors.ParamValidationError("x"), 3),
        (errors.NotSupportedError("x"), 1),
        (errors.WorkspaceScopeError("x"), 1),
        (ValueError("x"), 3),
        (RuntimeError("x"), 1),
        (KeyboardInterrupt(), 130),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_exit_codes(problem: BaseException, code: int) -> None:
    assert failures.code(problem) == code


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["cohorts", "create", "--name", "x", "--definition", "{"], 3, "--definition is no JSON"),
        (["alerts", "bulk-delete", "--ids", "1,x"], 3, "--ids takes whole numbers"),
        (["query", "segmentation", "-e", "A", *DATES, "--unit", "eon"], 3, "day, week, month"),
        (["inspect", "events", "--format", "xml"], 2, "invalid choice"),
        (["dashboards", "get", "one"], 2, "invalid int"),
        (["custom-events", "delete"], 3, "--id"),
        (["metrics", "update", "3"], 3, "Nothing to change"),
        (["reports", "link"], 3, "Name one of"),
        (
            ["annotations", "create", "--date", "2025-01-01", "--description", "d", "--tags", "a"],
            3,
            "--tags",
        ),
        (["account", "add", "x", "--type", "magic"], 3, "--type is one of"),
        (["--target", "t", "--project", "1", "inspect", "events"], 3, "--target"),
        (["--demo", "--project", "1", "inspect", "events"], 3, "--demo"),
        (["--demo", "dashboards", "list"], 1, "local data"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_line_ends_with_its_code_and_no_traceback(
    words: list[str], code: int, text: str, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert text in printed.err
    assert "Traceback" not in printed.err


def test_a_refusal_of_the_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(Server([(404, {"error": "no such dashboard"})]), monkeypatch)
    assert main(["dashboards", "get", "5"]) == 4
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "no such dashboard (status 404). Check the id" in printed.err
    assert "not-a-secret" not in printed.err


def test_numbers_over_local_data_are_those_of_the_methods(
    demo: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--demo", "query", "segmentation", "-e", "Purchase", *DATES, "--on", "platform"]
    found = json.loads(said(words, capsys))
    given = {"from_date": "2025-01-01", "to_date": "2025-01-07"}
    assert found == output.data(demo.segmentation("Purchase", on="platform", **given))
    words = ["--demo", "query", "text", '"Sign Up" -> "Purchase"', "within 7 days", "-k", "funnel"]
    assert json.loads(said(words, capsys)) == output.data(
        demo.query_funnel(["Sign Up", "Purchase"], conversion_window=7)
    )
    words = ["--demo", "inspect", "coverage", "-e", "Purchase", "-p", "platform,coupon", *DATES]
    assert json.loads(said(words, capsys)) == output.data(
        demo.property_coverage("Purchase", ["platform", "coupon"], **given)
    )
    assert main(["--demo", "query", "text", '"Purchase"', "--chart", "-f", "csv"]) == 0
    printed = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(printed.out)))
    frame = demo.query("Purchase").df
    assert [float(row["count"]) for row in rows] == list(frame["count"])
    assert printed.err


def test_files_of_events(tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "events.jsonl"
    properties = {"time": 1735689600, "distinct_id": "u", "$insert_id": "1"}
    file.write_text(json.dumps({"event": "A", "properties": properties}) + "\nbad\n", "utf-8")
    assert main(["--local", str(file), "inspect", "events", "-f", "plain"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "A\n"
    assert printed.err.startswith("mp: ")
    assert "line 2" in printed.err
    assert ".py" not in printed.err
    assert main(["--local", str(tmp_path / "none.jsonl"), "inspect", "events"]) == 4


def test_the_doctor_takes_local_data(demo: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "doctor"]) == 0
    assert capsys.readouterr().out


def test_params_from_standard_input(
    demo: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    params = demo.build_params("Purchase", from_date="2025-01-01", to_date="2025-01-07")
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(params)))
    found = json.loads(said(["--demo", "query", "params", "--kind", "insights"], capsys))
    wanted = demo.query("Purchase", from_date="2025-01-01", to_date="2025-01-07")
    assert found["series"] == output.data(wanted)["series"]


def test_what_destroys_everything_asks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Server([(200, {"status": "ok", "results": {"deleteCount": 3}})])
    answering(server, monkeypatch)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert main(["schemas", "delete"]) == 1
    assert not server.asked
    capsys.readouterr()
    assert json.loads(said(["schemas", "delete", "--yes"], capsys)) == {"deleteCount": 3}


def test_secrets_come_from_standard_input_and_go_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = "planted-" + "secret"
    for name in ("MP_CONFIG_PATH", "MP_OAUTH_STORAGE_DIR", "MP_SECRET", "MP_USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MP_CONFIG_PATH", str(tmp_path / "config.toml"))
    add = ["account", "add", "team", "--type", "service_account", "--username", "u"]
    assert main([*add, "--region", "us", "--project", "12345"]) == 3
    monkeypatch.setattr(sys, "stdin", io.StringIO(planted + "\n"))
    assert main([*add, "--region", "us", "--project", "12345", "--secret-stdin"]) == 0
    for words in (
        ["account", "list"],
        ["account", "show", "-f", "json"],
        ["account", "token"],
        ["session"],
        ["session", "-f", "json"],
        ["target", "add", "t", "-a", "team", "-p", "777"],
        ["target", "list"],
        ["target", "use", "t"],
        ["project", "show"],
        ["workspace", "show"],
        ["target", "remove", "t", "--yes"],
    ):
        assert main(words) == 0
    assert main(["account", "show", "nobody"]) == 4
    printed = capsys.readouterr()
    assert planted not in printed.out + printed.err
    assert '"id": "12345"' in printed.out
    assert planted in (tmp_path / "config.toml").read_text("utf-8")


def test_a_reader_that_has_enough_ends_it_quietly(state: Path) -> None:
    words = [sys.executable, "-m", "mpnb.cli", "--demo", "inspect", "events"]
    run(words, check=True, stdout=DEVNULL)
    with Popen(words, stdout=PIPE, stderr=PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_completion(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(["__complete", "cust"], capsys).split() == ["custom-events", "custom-properties"]
    assert said(["__complete", "annotations", "t"], capsys).split() == ["tags"]
    assert "--bookmark-id" in said(["__complete", "alerts", "create", "--"], capsys).split()
    monkeypatch.setenv("SHELL", "/bin/zsh")
    assert "bashcompinit" in said(["--show-completion"], capsys)


def test_the_page_is_made_from_the_tables() -> None:
    page = Path(mpnb.__file__).parents[1] / "docs" / "cli.md"
    assert page.read_text("utf-8") == manual.page(), "make it: python -m mpnb.cli.manual"
