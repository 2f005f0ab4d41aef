"""The lines of docs/formulas.md give what the page says, and every function has a line."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mpnb.engine.duckdb import evaluate, values
from mpnb.query.expression import FUNCTIONS
from mpnb.query.formula import parse

PAGE = (Path(__file__).parents[2] / "docs" / "formulas.md").read_text("utf-8")
LINES = re.findall(r"^\| `(.+)` \| (.+) \|$", PAGE, re.MULTILINE)
CLOCK = values.Clock(ZoneInfo("America/New_York"), datetime(2025, 2, 1, 5, tzinfo=UTC))


@pytest.mark.parametrize(("formula", "gives"), LINES, ids=[line[0] for line in LINES])
def test_line(formula: str, gives: str) -> None:
    found = evaluate.compiled(parse(formula, []), formula, CLOCK)({})
    assert found == (None if gives == "undefined" else json.loads(gives))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_is_on_the_page(name: str) -> None:
    assert re.search(rf"\b{name}\b\(|`{name}`", PAGE)
