"""Cells in a real IPython shell: asking, options, values, errors, and taking it all back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mpnb.magic.commands import COMMANDS
from tests.magic.shell import Shell

PLOTLY = "application/vnd.plotly.v1+json"
FUNNEL = '"Sign Up" -> "Purchase"\nwithin 7 days'


@pytest.fixture
def shop(shell: Shell, demo: Any, state: Path) -> Shell:
    """A shell with the demo shop in use, and no reports yet."""
    for shelf in state.rglob("reports.json"):
        shelf.unlink()
    shell.run("%load_ext mpnb\n%mp demo")
    return shell


def test_a_cell_shows_a_chart_its_words_and_its_table(shop: Shell) -> None:
    shown = shop.run(f"%%mpquery funnel\n{FUNNEL}")
    chart, words = shown.bundles
    assert chart[PLOTLY]["data"]
    assert "<svg" in chart["text/html"]
    assert "Of 7,490 people" in words["text/html"]
    assert "<table" in words["text/html"]
    assert "demo shop" in words["text/html"]
    together = json.dumps([chart, words])
    assert "<script" not in together
    assert len(together) < 50_000


def test_the_answer_has_its_names(shop: Shell) -> None:
    shown = shop.run(f"%%mpquery funnel checkout\n{FUNNEL}")
    assert shop.ip.user_ns["checkout"] is shop.ip.user_ns["_mp"] is shown.value


def test_the_same_cell_gives_the_same_bytes(shop: Shell) -> None:
    first, second = (shop.run(f"%%mpquery funnel\n{FUNNEL}").bundles for _ in range(2))
    assert json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)


OPTIONS = {
    "--no-display": "",
    "--params": '"sections"',
    "--python": 'ws.query_funnel(["Sign Up", "Purchase"], conversion_window=7)',
    "--sql": "SELECT",
    "--dry-run": '"sections"',
    "--dry-run --python": "ws.query_funnel",
    "--save Kept": "Saved as report 1, “Kept”.",
    "--engine local": "",
    "--engine auto": "",
    "--limit 10": "",
}


@pytest.mark.parametrize("option", OPTIONS)
def test_options(shop: Shell, option: str) -> None:
    shown = shop.run(f"%%mpquery funnel {option}\n{FUNNEL}")
    assert OPTIONS[option] in shown.text
    hidden = "--no-display" in option or "--dry-run" in option
    assert len(shown.bundles) == (0 if hidden else 2)


@pytest.mark.parametrize("chart", ["steps", "table"])
def test_a_chart_can_be_chosen(shop: Shell, chart: str) -> None:
    assert shop.run(f"%%mpquery funnel --show {chart}\n{FUNNEL}").bundles


VALUES = [
    ("amount > {{50}}", "amount > 50"),
    ("amount > {{2.5}}", "amount > 2.5"),
    ("country = {{'US'}}", 'country = "US"'),
    ("country in {{['US', 'CA']}}", 'country in ("US", "CA")'),
    ('country = "{{"U" + "S"}}"', 'country = "US"'),
    ("gift is {{True}}", "gift is true"),
    ("country = {{'a\"b'}}", 'country = "a\\"b"'),
]


@pytest.mark.parametrize(("written", "meant"), VALUES)
def test_python_values_stand_in_cells(shop: Shell, written: str, meant: str) -> None:
    shop.run(f'%%mpquery --no-display\n"Purchase"\nwhere {written}')
    first = shop.ip.user_ns["_mp"].params
    shop.run(f'%%mpquery --no-display\n"Purchase"\nwhere {meant}')
    assert first == shop.ip.user_ns["_mp"].params


def test_braces_in_a_comment_are_no_values(shop: Shell) -> None:
    shop.run('%%mpquery --no-display\n"Purchase"  # {{not a value')


WRONG = {
    "unknown event": ('%%mpquery\n"Purchse"', "Nearest: 'Purchase'"),
    "unknown property": ('%%mpquery\n"Purchase"\nby contry', "Nearest: 'country'"),
    "profile property": ('%%mpquery\n"Purchase"\nwhere orders > 3', "write user.orders"),
    "several at once": ('%%mpquery\n"A"\nby b', "There is no property 'b'"),
    "an arrow among metrics": ('%%mpquery\n"Sign Up" -> "Purchase"', "%%mpquery funnel"),
    "syntax": ('%%mpquery\nunique "Purchase" whre amount > 3', "^^^^"),
    "a rule": ('%%mpquery funnel\n"Sign Up"', "step"),
    "reversed dates": ('%%mpquery\n"Purchase"\nfrom 2025-02-01 to 2025-01-01', "2025"),
    "an impossible date": ('%%mpquery\n"Purchase"\nfrom 2025-02-31 to 2025-03-01', "2025-02-31"),
    "unknown chart": (f"%%mpquery funnel --show lines\n{FUNNEL}", "no chart 'lines'"),
    "unfit chart": (f"%%mpquery funnel --show trends\n{FUNNEL}", "the clause: show trends"),
    "unfit heatmap": (f"%%mpquery funnel --show segments\n{FUNNEL}", "cannot show this answer"),
    "no zone": ("%mp data x.jsonl --timezone Mars/Base", "no time zone 'Mars/Base'"),
    "keyword": (f"%%mpquery funnel class\n{FUNNEL}", "Python name"),
    "unknown option": (f"%%mpquery funnel --shwo x\n{FUNNEL}", "Did you mean --show?"),
    "two names": (f"%%mpquery funnel a b\n{FUNNEL}", "one name"),
    "a slip of a kind": (f"%%mpquery funnle\n{FUNNEL}", "Did you mean funnel?"),
    "no name": (f"%%mpquery funnel 2x\n{FUNNEL}", "Python name"),
    "unknown value": ('%%mpquery\n"Purchase"\nwhere amount > {{nobody}}', "NameError"),
    "open braces": ('%%mpquery\n"Purchase"\nwhere amount > {{1', "has no }}"),
    "no value of the language": ('%%mpquery\n"Purchase"\nwhere amount > {{object()}}', "object"),
    "remote engine": ('%%mpquery --engine remote\n"Purchase"', "no remote engine"),
    "empty": ("%%mpquery\n# nothing\n", "asks nothing yet"),
    "html": ('%%mpquery\n"<img src=x onerror=alert(1)>"', "There is no event"),
    "sql": ('%%mpquery\n"x\'; DROP TABLE events; --"', "There is no event"),
    "unknown command": ("%mp evnts", "Did you mean %mp events?"),
    "missing argument": ("%mp values", "property"),
    "open quote": ('%mp props "Purch', "cannot be read"),
    "missing file": ("%mp data /nowhere/at/all.jsonl", "all.jsonl"),
    "no such report": ("%mp open 99", "no report 99"),
    "no such cell": ("%mp save x --cell 99", "Cell [99] asked nothing"),
    "a file of no form": ("%mp export x.docx", "ends with none"),
    "no workspace": ("%mp use nothing", "not a variable"),
}


@pytest.mark.parametrize("case", WRONG)
def test_mistakes_are_one_readable_block(shop: Shell, case: str) -> None:
    cell, said = WRONG[case]
    shop.run('%%mpquery --no-display\n"Purchase"')
    assert said in shop.error(cell)


@pytest.mark.parametrize("drawn", ["sankey", "paths", "tree"])
def test_a_flow_is_drawn_as_asked(shop: Shell, drawn: str) -> None:
    shop.run(f'%%mpquery flow --show {drawn}\n"Sign Up"\nlast 7 days')
    assert shop.run("_mp.query.mode").value == drawn


def test_without_data_it_says_how_to_get_some(shell: Shell) -> None:
    shell.run("%load_ext mpnb")
    assert "%mp demo" in shell.error('%%mpquery\n"Purchase"')
    assert "%mp data" in shell.error("%mp events")


def test_reports_come_back_as_cells(shop: Shell) -> None:
    shop.run(f"%%mpquery funnel --no-display\n{FUNNEL}")
    shop.run('%%mpquery --no-display\nunique "Purchase"')
    number = shop.ip.displayhook.prompt_count - 1  # of the cell before the last one
    saved = shop.run(f'%mp save "Sign-ups that buy" --cell {number} --about "For Monday"')
    identity = saved.text.split("report ")[1].split(",")[0]
    assert shop.run(f"%mp open {identity}").text.strip() == f"%%mpquery funnel\n{FUNNEL}"
    assert shop.run('%mp open "Sign-ups that buy"').text.startswith("%%mpquery funnel")
    assert "Sign-ups that buy" in repr(shop.run("%mp reports").value)


def test_a_list_of_people_comes_back_with_its_length(shop: Shell) -> None:
    cell = '%%mpquery users\nshow plan\nwhere plan = "pro"\nlimit 7'
    shop.run(cell)
    shop.run('%mp save "Pros"')
    assert shop.run('%mp open "Pros"').text.strip() == cell


COMMAND_LINES = {
    "demo": "%mp demo",
    "use": "%mp use ws",
    "whoami": "%mp whoami",
    "events": "%mp events cart",
    "props": '%mp props "Purchase"',
    "values": "%mp values country --event Purchase",
    "top": "%mp top --type unique",
    "save": "%mp save Kept",
    "reports": "%mp reports",
    "history": "%mp history",
    "explain": "%mp explain",
    "help": "%mp help where",
}


@pytest.mark.parametrize("line", COMMAND_LINES.values(), ids=COMMAND_LINES)
def test_sub_commands(shop: Shell, line: str) -> None:
    shop.run('%%mpquery --no-display\n"Purchase"')
    shown = shop.run(line)
    assert shown.text or repr(shown.value)


def test_help_lists_every_sub_command(shop: Shell) -> None:
    listed = repr(shop.run("%mp").value)
    assert all(f"%mp {name}" in listed for name in COMMANDS)


@pytest.mark.parametrize(
    ("topic", "shown"),
    [
        ("Workspace.query_funnel", "conversion_window"),
        ("search cohort", "Workspace.cohorts"),
        ("MathType", "percentile"),
    ],
)
def test_help_explains_what_the_library_has(shell: Shell, topic: str, shown: str) -> None:
    assert shown in shell.run(f"%load_ext mpnb\n%mp help {topic}").text


def test_help_says_what_is_near(shell: Shell) -> None:
    assert "Filter" in shell.error("%load_ext mpnb\n%mp help Filtr")


@pytest.mark.parametrize("ending", ["html", "svg", "csv", "json"])
def test_answers_are_written_to_files(shop: Shell, tmp_path: Any, ending: str) -> None:
    shop.run(f"%%mpquery funnel --no-display\n{FUNNEL}")
    shop.run(f"%mp export {tmp_path / 'out'}.{ending}")
    text = (tmp_path / f"out.{ending}").read_text("utf-8")
    assert "Sign Up" in text
    assert "<script" not in text


def test_own_data_with_bad_lines_says_so(shell: Shell, tmp_path: Any) -> None:
    good = '{"event": "A", "properties": {"time": 1735725600, "distinct_id": "u"}}'
    path = tmp_path / "events.jsonl"
    path.write_text(f"{good}\nnot json\n{good}\n")
    shell.run("%load_ext mpnb\nimport warnings; warnings.simplefilter('ignore')")
    shown = repr(shell.run(f"%mp data {path} --now 2025-01-02T00:00:00").value)
    assert "left out" in shown
    assert "line 2" in shown


def test_old_data_say_where_their_days_are(shell: Shell, tmp_path: Any) -> None:
    path = tmp_path / "old.jsonl"
    path.write_text('{"event": "A", "properties": {"time": 1234567890, "distinct_id": "u"}}\n')
    shell.run("%load_ext mpnb")
    said = shell.run(f"%mp data {path}").text
    assert "events end on 2009-02-13" in said
    for cell in ('insights\n"A"', 'funnel\n"A" -> "A"', 'retention\n"A" -> "A"', 'flow\n"A"'):
        line = shell.run(f"%%mpquery {cell}").value.provenance.line()
        assert "no events on these days: they are from 2009-02-13 to 2009-02-13" in line, cell
    assert "no events" not in shell.run("%%mpquery users\ncount").value.provenance.line()
    option = " ".join(said[said.index("--now") :].split()[:2])
    assert "end on" not in shell.run(f"%mp data {path} {option}").text
    answer = shell.run('%%mpquery\n"A"').value
    assert "no events" not in answer.provenance.line()
    assert answer.df["count"].sum() == 1


def test_loading_twice_and_unloading_leave_nothing_behind(shell: Shell, demo: Any) -> None:
    before = (
        set(shell.ip.magics_manager.magics["line"]),
        set(shell.ip.magics_manager.magics["cell"]),
    )
    matchers = list(shell.ip.Completer.custom_matchers)
    shell.run("%load_ext mpnb")
    shell.run("%load_ext mpnb")
    shell.run("%reload_ext mpnb")
    shell.run("%mp demo")
    shell.run('%%mpquery mine --no-display\n"Purchase"')
    shell.run("mine = 3")
    shell.run("%unload_ext mpnb")
    after = set(shell.ip.magics_manager.magics["line"]), set(shell.ip.magics_manager.magics["cell"])
    assert before == after
    assert shell.ip.Completer.custom_matchers == matchers
    assert "ws" not in shell.ip.user_ns
    assert "_mp" not in shell.ip.user_ns
    assert shell.ip.user_ns["mine"] == 3, "a name that the user gave anew is the user's"
