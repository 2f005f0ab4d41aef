"""An entity command sends the recorded request of its method, and prints the answer.

The words of the line are made from the arguments of the recorded call: what the table leads to an
argument is the option that says it. Calls that no line can say stand in `UNSAID`.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

import mpnb
import mpnb.cli
import mpnb.cli.run
from mpnb.cli import main, table
from tests.entity.remote import Server, sent, workspace
from tests.entity.test_recorded import LOOKUP, RECORDED, _arguments, _named, _wanted
from tests.parity.shared import needs_shared

UNSAID: dict[str, str] = {
    "create_dashboard": "no recorded option says rows",
    "create_feature_flag": "no recorded option says the context",
    "get_alert_history": "the line goes forward only",
    "update_experiment": "no recorded option says the status",
}
"""Recorded call → why no line says it."""

PLAIN: TypeAdapter[Any] = TypeAdapter(Any)
BY_METHOD = {command.call: command for command in table.commands().values() if not command.is_own}
CALLS = [call for call in RECORDED if call["method_name"] in BY_METHOD]


def _lines() -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    for call in CALLS:
        words = line(BY_METHOD[call["method_name"]], call)
        if words is not None:
            yield _named(call), call, words


def line(command: table.Command, call: dict[str, Any]) -> list[str] | None:
    """The words that say a recorded call; None when an argument has no option."""
    args, kwargs = _arguments(call)
    method = getattr(mpnb.Workspace, call["method_name"])
    bound = inspect.signature(method).bind(None, *args, **kwargs).arguments
    values = dict(_flat(dict(list(bound.items())[1:]), command))
    places: list[str] = []
    words: list[str] = []
    for option in command.options:
        if option.into not in values:
            continue
        value = values.pop(option.into)
        if option.flags:
            words += _said(option, value)
        else:
            places += [_text(option, item) for item in (value if option.many else [value])]
    values = {name: v for name, v in values.items() if command.fixed.get(name, object()) != v}
    return None if values else [*command.path, *places, *words]


def _flat(given: dict[str, Any], command: table.Command) -> Iterator[tuple[str, Any]]:
    into = {option.into for option in command.options}
    for name, value in given.items():
        if isinstance(value, BaseModel):
            given_names = sorted(value.model_fields_set)
            fields = {
                n: PLAIN.dump_python(getattr(value, n), mode="json", exclude_unset=True)
                for n in given_names
            }
            whole = "params" in into and "params" not in type(value).model_fields
            yield from [("params", fields)] if whole else fields.items()
        elif name not in into and isinstance(value, dict):
            yield from ((f"{name}.{key}", inner) for key, inner in value.items())
        else:
            yield name, value


def _said(option: table.Option, value: Any) -> list[str]:
    flag = option.flags[0]
    if option.pair:
        return [flag if value else flag.replace("--", "--no-", 1)]
    if option.switch:
        return [flag] if value else []
    values = value if option.many else [value]
    return [word for item in values for word in (flag, _text(option, item))]


def _text(option: table.Option, value: Any) -> str:
    if option.type in ("ints", "names"):
        return ",".join(map(str, value))
    if option.type == "json":
        return json.dumps(PLAIN.dump_python(value, mode="json", exclude_unset=True))
    return str(value)


LINES = list(_lines())


@needs_shared
def test_nearly_all_recorded_calls_can_be_said() -> None:
    said = {name for name, _, _ in LINES}
    unsaid = {_named(call) for call in CALLS} - said
    assert unsaid == set(UNSAID)
    assert len(said) > 100


@needs_shared
@pytest.mark.parametrize(("name", "call", "words"), LINES, ids=[name for name, _, _ in LINES])
def test_the_line_sends_the_recorded_request(
    name: str,
    call: dict[str, Any],
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    recorded = call["requests"]
    if recorded[0]["workspace_scoped"] == "path-required":
        recorded = [LOOKUP, *recorded]
    server = Server([(r["response_status"], r.get("response_example")) for r in recorded])
    answering(server, monkeypatch)
    assert main(words) == 0, capsys.readouterr().err
    assert [sent(request) for request in server.asked] == [_wanted(r, False) for r in recorded]
    printed = capsys.readouterr()
    if "--format" in {flag for o in BY_METHOD[call["method_name"]].options for flag in o.flags}:
        json.loads(printed.out)
    else:
        assert (printed.out, printed.err) == ("", "Done.\n")


def answering(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line ask a server that is a list of answers."""

    @contextmanager
    def opened(scope: Any) -> Iterator[Any]:
        yield workspace(server)

    monkeypatch.setattr(mpnb.cli, "opened", opened)
    monkeypatch.setattr(mpnb.cli.run, "opened", opened)


METRIC = {"id": 31, "name": "N", "type": "metric", "definition": {"behavior": {}}}
STORED = {
    "type": "metric",
    "definition": {
        "behavior": {"type": "event", "name": "Login", "resourceType": "events"},
        "measurement": {"math": "unique"},
    },
}

OWN: dict[str, tuple[list[str], list[tuple[str, str]]]] = {
    "metrics verify": (["31", "32", "--unverify"], [("PATCH", "metrics")]),
    "metrics delete": (["31", "--force"], [("DELETE", "metrics")]),
    "behaviors delete": (["41", "42", "--force"], [("DELETE", "behaviors")]),
    "lexicon audit": (["--events-only"], [("GET", "data-definitions/audit-events-only/")]),
    "lexicon enforcement delete": (["--yes"], [("DELETE", "data-definitions/schema/")]),
    "schemas delete": (["--entity-type", "event"], [("DELETE", "schemas/event")]),
    "custom-events delete": (["--id", "21"], [("DELETE", "data-definitions/events/")]),
    "business-context set": (["--content", "# Us"], [("PUT", "business-context")]),
}
"""Command with a function of its own → words, and what is sent for them."""


@pytest.mark.parametrize("name", OWN)
def test_a_command_of_its_own_sends(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words, wanted = OWN[name]
    server = Server([(200, {"status": "ok", "results": []})] * len(wanted))
    answering(server, monkeypatch)
    main([*name.split(), *words])
    asked = [(r.method, r.url.path.partition("/projects/12345/")[2]) for r in server.asked]
    assert [(method, path.rstrip("/")) for method, path in asked] == [
        (method, path.rstrip("/")) for method, path in wanted
    ], capsys.readouterr().err


def test_a_metric_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Server([(200, {"status": "ok", "results": METRIC})])
    answering(server, monkeypatch)
    file = tmp_path / "metric.json"
    file.write_text(json.dumps(STORED), "utf-8")
    words = ["metrics", "create", "--name", "N", "--definition-file", str(file), "--no-validate"]
    assert main(words) == 0, capsys.readouterr().err
    assert json.loads(capsys.readouterr().out)["id"] == 31
    body = sent(server.asked[0])["body"]
    assert (body["type"], body["name"]) == ("metric", "N")
    assert body["definition"] == STORED["definition"]


@pytest.mark.parametrize("data", ['{"events": [{"name": "A"}]}', '[{"name": "A"}]'])
def test_changes_of_many_are_the_whole_body_or_its_list(
    data: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Server([(200, {"status": "ok", "results": []})])
    answering(server, monkeypatch)
    assert main(["lexicon", "events", "bulk-update", "--data", data]) == 0, capsys.readouterr().err
    assert sent(server.asked[0])["body"] == {"events": [{"name": "A"}]}
