"""Completion over the real Jupyter protocol's entry point: the shell's own completer."""

from __future__ import annotations

import time
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter

from tests.magic.shell import Shell

CASES = {
    "a kind": ("%%mpquery ret|", "retention"),
    "a kind before the body": ("%%mpquery fun|\n", "funnel"),
    "a kind of all": ("%%mpquery |", "users"),
    "an option": ("%%mpquery funnel --sh|", "--show"),
    "a chart": ("%%mpquery flow --show |", "paths"),
    "an event behind props": ('%mp props "Pur|', '"Purchase"'),
    "an event without quotes": ("%mp props pur|", "Purchase"),
    "an event to explore": ("%mp explore pur|", "Purchase"),
    "a property behind values": ("%mp values plat|", "platform"),
    "a sub-command": ("%mp ex|", "explain"),
    "an event in quotes": ('%%mpquery funnel\n"Sig|', '"Sign Up"'),
    "a clause": ('%%mpquery funnel\n"Sign Up" -> "Purchase"\nwit|', "within"),
    "a property": ('%%mpquery\n"Purchase"\nby plat|', "platform"),
    "a value": ('%%mpquery\n"Purchase" where country = "U|', '"US"'),
    "a profile property": ('%%mpquery\n"Purchase"\nwhere user.ord|', "user.orders"),
}


def complete(shell: Shell, text: str) -> list[str]:
    """What the shell offers at the bar, as whole words."""
    at = text.index("|")
    with provisionalcompleter():
        found = list(shell.ip.Completer.completions(text.replace("|", ""), at))
    return [item.text for item in found]


@pytest.mark.parametrize("case", CASES)
def test_completion(shell: Shell, demo: Any, case: str) -> None:
    shell.run("%load_ext mpnb\n%mp demo")
    text, wanted = CASES[case]
    assert wanted in complete(shell, text)


def test_the_first_line_offers_no_events(shell: Shell, demo: Any) -> None:
    shell.run("%load_ext mpnb\n%mp demo")
    assert complete(shell, "%%mpquery ret|") == ["retention"]


def test_python_cells_are_left_alone(shell: Shell) -> None:
    shell.run("%load_ext mpnb")
    assert "print" in complete(shell, "pri|")


def test_clauses_complete_without_data(shell: Shell) -> None:
    shell.run("%load_ext mpnb")
    assert "unique" in complete(shell, "%%mpquery\nuni|")


def test_it_answers_while_a_person_types(shell: Shell, demo: Any) -> None:
    shell.run("%load_ext mpnb\n%mp demo")
    complete(shell, CASES["a value"][0])
    started = time.perf_counter()
    complete(shell, CASES["a value"][0])
    assert time.perf_counter() - started < 1, "a front end gives up after a second"
