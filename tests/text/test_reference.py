"""The reference page is made from the tables and is fresh; what it shows is read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from mpnb import text
from mpnb.query.insights import InsightsQuery
from mpnb.query.metric import Metric
from mpnb.query.operators import OPERATORS as VOCABULARY
from mpnb.query.words import Kind
from mpnb.text import grammar, words
from mpnb.text.clauses import KINDS, of_kind
from mpnb.text.reference import operator_example, page

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
CELLS = re.findall(r"```\n%%mpquery ?(\w*).*\n((?:.|\n)+?)```", page())


def test_the_page_is_fresh() -> None:
    made = page()
    assert PAGE.read_text("utf-8") == made, "make it: python -m mpnb.text.reference"


@pytest.mark.parametrize(("kind", "body"), CELLS)
def test_cells_of_the_page_are_read(kind: Any, body: str) -> None:
    question = text.parse(body, kind or "insights")
    assert text.parse(text.print(question), question.kind) == question


def test_there_is_a_cell_for_each_kind() -> None:
    assert [kind or "insights" for kind, _ in CELLS] == list(KINDS) == list(get_args(Kind))


def test_every_operator_has_a_word() -> None:
    written = {row.wire for row in words.OPERATORS} | {"list_contains"}
    assert written == set(VOCABULARY)


@pytest.mark.parametrize("row", words.OPERATORS, ids=lambda row: f"{row.text} ({row.implied})")
def test_every_operator_is_read_and_printed(row: words.Operator) -> None:
    condition = operator_example(row)
    question = text.parse(f'"A" where {condition}')
    assert isinstance(question, InsightsQuery)
    metric = question.metrics[0]
    assert isinstance(metric, Metric)
    assert metric.filters is not None
    assert metric.filters[0]._operator == row.wire
    assert metric.filters[0]._property_type == row.implied
    assert text.print(question) == f'"A" where {condition}'


@pytest.mark.parametrize("kind", KINDS)
def test_every_clause_of_the_grammar_is_in_the_table(kind: Kind) -> None:
    """What may begin a clause by the grammar is what the table says."""
    parser = grammar.parser(kind).parse_interactive("")
    accepted = set(grammar.phrases([str(name) for name in parser.accepts()]))  # type: ignore[no-untyped-call]
    table = {word for clause in of_kind(kind) for word in clause.words}
    events = {"any", "behavior", "custom", "session", "step"}
    assert accepted - events == table - events
