"""What the pages name is there, and what is there is named: links, files, variables, magics, commands."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import mpnb
from mpnb.cli import COMMANDS
from mpnb.cli.table import commands
from mpnb.engine.mixpanel import budget, cache
from mpnb.magic import commands as magics
from mpnb.magic import manual
from tests.docs.pages import PAGES, ROOT, anchors, name_of

TEXT = {page: page.read_text("utf-8") for page in PAGES}
ALL = "\n".join(TEXT.values())
SOURCES = [path.read_text("utf-8") for path in (ROOT / "mpnb").rglob("*.py")]
VARIABLE = re.compile(r"\b(?:MP|MPNB)_[A-Z]+(?:_[A-Z]+)*\b")
PLACES = ("", "mpnb", "docs", "extensions/lab", "tests", "mpnb/engine/duckdb", "tests/emulator")
"""Folders that paths in the pages are relative to."""


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", TEXT[page]):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_reached_from_the_readme() -> None:
    linked = set(re.findall(r"\]\((docs/[^)#]+|extensions/[^)#]+)", TEXT[PAGES[0]]))
    assert {name_of(page) for page in PAGES[1:]} - linked == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_are_named_are_there(page: Path) -> None:
    suffixes = r"py|md|lark|txt|jsonl|js|ipynb"
    named = re.findall(rf"`([\w./-]+/[\w.-]+\.(?:{suffixes}))`", TEXT[page])
    named += re.findall(r"`((?:tests|mpnb|docs|binder|extensions)/[\w./-]*)`", TEXT[page])
    lost = {name for name in named if not any((ROOT / at / name).exists() for at in PLACES)}
    assert lost == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_modules_that_are_named_can_be_run_or_imported(page: Path) -> None:
    for name in re.findall(r"python -m ([\w.]+)", TEXT[page]):
        assert importlib.util.find_spec(name), name
    for path in re.findall(r"`mpnb\.([a-z_.]+\.\w+)`", TEXT[page]):
        module, _, attribute = path.rpartition(".")
        try:
            importlib.import_module(f"mpnb.{path}")
        except ImportError:
            assert hasattr(importlib.import_module(f"mpnb.{module}"), attribute), path


def test_every_variable_of_the_environment_is_in_the_table() -> None:
    used = {name for text in SOURCES for name in VARIABLE.findall(text)}
    table = TEXT[ROOT / "docs" / "accounts.md"].partition("## Environment")[2]
    assert {
        name for row in re.findall(r"^\| (.*?) \|", table, re.M) for name in VARIABLE.findall(row)
    } == used
    assert set(VARIABLE.findall(ALL)) <= used | {"MPNB_SHARED"}


def test_the_page_of_the_magics_is_made_from_the_tables() -> None:
    assert TEXT[ROOT / "docs" / "magics.md"] == manual.page(), (
        "make it: python -m mpnb.magic.manual"
    )


def test_sub_commands_that_are_named_are_there() -> None:
    assert set(re.findall(r"%mp ([a-z]+)", ALL)) <= magics.COMMANDS.keys()


def test_commands_that_are_named_are_there() -> None:
    known = {" ".join(path) for command in commands().values() for path in [command.path]}
    firsts = {path.split()[0] for path in known} | COMMANDS.keys()
    for line in re.findall(r"(?:^|`|\$ )mp ((?:[a-z][a-z-]+ ?)+)", ALL, re.MULTILINE):
        words = line.split()
        assert words[0] in firsts, line
        if not any(path == words[0] or path.startswith(f"{words[0]} ") for path in known):
            continue
        groups = {path for path in known if path.split()[0] == words[0]}
        assert (
            len(words) == 1
            or groups == {words[0]}
            or any(
                " ".join(words).startswith(path) or path.startswith(" ".join(words))
                for path in groups
            )
        ), line


def test_methods_that_are_named_are_there() -> None:
    """``ws.NAME`` and ``mp.NAME`` anywhere in the pages."""
    unknown = {
        f"ws.{n}" for n in re.findall(r"\bws\.([a-z]\w*)", ALL) if not hasattr(mpnb.Workspace, n)
    }
    unknown |= {f"mp.{n}" for n in re.findall(r"[`\s]mp\.([a-z]\w*)", ALL) if not hasattr(mpnb, n)}
    assert unknown == set()


def _spelled(limit: budget.Limit) -> str:
    units = {
        "an_hour": "an hour",
        "a_minute": "a minute",
        "a_second": "a second",
        "at_once": "at once",
    }
    said = [(getattr(limit, name), unit) for name, unit in units.items()]
    return ", ".join(f"{count} {unit}" for count, unit in said if count is not None)


def test_the_numbers_of_the_limits_are_those_in_force() -> None:
    page = TEXT[ROOT / "docs" / "limits.md"]
    rows = re.findall(r"^\| ([a-z ]+) \| ([\da-z ,]+) \|", page, re.M)
    assert [limit for _, limit in rows if limit[0].isdigit()] == [
        _spelled(limit) for limit in budget.LIMITS.values()
    ]
    assert (cache.FRESH_S, cache.MOST_BYTES) == (5 * 60, 256 * 2**20)
    assert "good for five minutes" in page
    assert "256 MB" in page
