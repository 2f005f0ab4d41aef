"""Every recorded command is there, with its arguments, options, defaults and choices."""

from __future__ import annotations

import argparse
import time
from subprocess import run
from sys import executable
from typing import Any

import pytest

from mpnb.cli import COMMANDS, TOP, main, summary, table
from mpnb.cli.parser import parser
from mpnb.cli.words import WORDS
from mpnb.entity.base import ENTITIES
from tests.cli.recorded import FORMATS, MORE, NEW, recorded
from tests.parity.shared import needs_shared

RECORDED = recorded()
OURS = table.commands()

WITHOUT: dict[str, str] = {
    "events_for_replays": "mp replays events takes one replay",
    "fetch_replays": "mp replays for-user fetches many",
    "finalize_blueprint": "a step between the pages of a wizard; takes objects that only code has",
    "get_blueprint_config": "a step between the pages of a wizard",
    "get_lookup_upload_status": "mp lookup-tables upload waits for it",
    "mark_lookup_table_ready": "mp lookup-tables upload does it",
    "sign_replay": "mp replays sign takes one, too",
    "stream_replay": "yields events one by one to code; mp replays fetch writes them",
    "update_blueprint_cohorts": "a step between the pages of a wizard",
}
"""Method of an entity → why no command calls it."""

THROUGH: dict[str, set[str]] = {
    "governance": {
        "run_audit",
        "run_audit_events_only",
        "delete_schema_enforcement",
        "delete_schemas",
        "list_custom_events",
        "update_custom_event",
        "delete_custom_event",
        "download_lookup_table",
        "get_lookup_download_url",
        "set_business_context",
    },
    "saved": {
        "create_metric",
        "update_metric",
        "bulk_update_metrics",
        "get_metric",
        "delete_metric",
        "delete_metrics",
        "create_behavior",
        "update_behavior",
        "delete_behavior",
        "delete_behaviors",
        "create_report_link",
        "saved_report_link",
        "resolve_report_link",
        "query_report_link",
    },
    "replays": {"sign_replays", "fetch_replay", "analyze_replay", "replays_for_user"},
}
"""Module of the command line → the methods that its functions call."""


@needs_shared
def test_no_command_is_missing_and_none_is_unexplained() -> None:
    ours = {" ".join(path) for path in OURS}
    assert set(RECORDED) - {"session"} <= ours
    assert ours - set(RECORDED) - {"session"} == NEW


@needs_shared
@pytest.mark.parametrize("name", RECORDED)
def test_arguments_and_options(name: str) -> None:
    made = parser(OURS[tuple(name.split())], "")
    actions = [action for action in made._actions if action.dest != "help"]
    places = [action for action in actions if not action.option_strings]
    wanted = RECORDED[name].get("arguments", [])
    assert [place.metavar for place in places] == [a["name"].upper() for a in wanted]
    for place, argument in zip(places, wanted, strict=True):
        few = "+" if argument.get("nargs") == -1 else None
        optional = "*" if argument.get("nargs") == -1 else "?"
        assert place.nargs == (few if argument.get("required") else optional)
        assert _kind(place) == argument["type"]
    by_flag = {flag: action for action in actions for flag in action.option_strings}
    seen = set()
    for option in RECORDED[name].get("options", []):
        for flag in option["flags"]:
            seen.add(flag.removeprefix("(off) "))
            _check(by_flag[flag.removeprefix("(off) ")], option)
    more = {action for flag, action in by_flag.items() if flag not in seen}
    assert {action.option_strings[0] for action in more} == set(MORE.get(name, ()))


def _check(action: argparse.Action, option: dict[str, Any]) -> None:
    assert action.required is bool(option.get("required"))
    assert isinstance(action, argparse._AppendAction) is bool(option.get("multiple"))
    pair = any(flag.startswith("(off)") for flag in option["flags"])
    assert isinstance(action, argparse.BooleanOptionalAction) is pair
    assert isinstance(action, argparse._StoreTrueAction) is (bool(option.get("flag")) and not pair)
    wanted = option.get("default")
    assert action.default == wanted or (wanted is None and not action.default)
    assert list(action.choices or []) == option.get("choices", [])
    if option.get("runtime_choices"):
        assert action.metavar == "|".join(option["runtime_choices"])
    if not option.get("flag"):
        assert _kind(action) == option["type"].replace("choice", "str")


def _kind(action: argparse.Action) -> str:
    return {"Path": "path"}.get(action.type.__name__, action.type.__name__)  # type: ignore[union-attr]


def test_every_method_of_an_entity_has_a_command_or_a_reason() -> None:
    called = {command.call for command in OURS.values() if not command.is_own}
    used = {command.call.partition(":")[0] for command in OURS.values() if command.is_own}
    assert set(THROUGH) <= used
    called |= set().union(*THROUGH.values())
    methods = {
        name
        for entity in ENTITIES.values()
        for name, member in vars(entity).items()
        if not name.startswith("_") and callable(member)
    }
    assert methods - called == set(WITHOUT) & methods


def test_a_jql_script_wants_one_place_and_named_values(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for words, said in (
        ([], "Give a file"),
        (["--script", "x", "--param", "a"], "KEY=VALUE"),
    ):
        assert main(["query", "jql", *words]) == 3
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", OURS.values(), ids=lambda command: " ".join(command.path))
def test_each_command_and_option_is_explained(command: table.Command) -> None:
    assert summary(command)
    for option in command.options:
        assert option.name in WORDS
        assert option.type in table.TYPES


def test_no_word_is_explained_for_nothing() -> None:
    assert set(WORDS) == {option.name for command in OURS.values() for option in command.options}


def test_the_first_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    page = capsys.readouterr().out
    for name in [*COMMANDS, *TOP, *{path[0] for path in OURS}]:
        assert f"\n  {name} " in page
    assert main([]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", page)


def test_a_group_and_a_slip(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["annotations", "--help"]) == 0
    assert "\n  tags " in capsys.readouterr().out
    assert main(["annotations", "tags"]) == 2
    assert "create" in capsys.readouterr().err
    assert main(["annotations", "tgas"]) == 2
    assert "no command 'annotations tgas'" in capsys.readouterr().err
    assert main(["query", "segmentation"]) == 2
    assert "--event" in capsys.readouterr().err


def test_help_loads_nothing_heavy_and_is_quick() -> None:
    script = (
        "import sys; from mpnb.cli import main; main(['--help']);"
        "heavy = {'pandas', 'pydantic', 'httpx', 'duckdb', 'numpy', 'mpnb.workspace'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    run([executable, "-c", script], check=True, capture_output=True)
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        run([executable, "-m", "mpnb.cli", "--help"], check=True, capture_output=True)
        taken.append(time.perf_counter() - begun)
    assert min(taken) < 0.4  # about 0.1 s on an idle machine


def test_formats_are_the_recorded_ones() -> None:
    assert list(table.FORMATS) == FORMATS
