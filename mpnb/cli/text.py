"""`mp query text` and `mp query params`: any question, over Mixpanel or local data.

Enters: clauses of the cell language, each one argument, or params JSON. Leaves: a typed result. The
surprise: `--chart` draws on standard error, so that standard output stays data.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, cast

from mpnb.cli import output
from mpnb.cli.parser import piped, read_json
from mpnb.cli.run import Run

TEXT, PARAMS = "mpnb.text", "mpnb.params"
"""Loaded when a question is read."""


def ask(run: Run) -> Any:
    """Ask in the cell language: insights, funnel, retention, flow or users."""
    said = "\n".join(run.options.question)
    body = piped("the question") if said == "-" else said
    question = import_module(TEXT).parse(body, run.options.kind)
    with run.workspace() as workspace:
        answer = workspace.ask(question)
    if run.options.chart:
        output.note(str(answer))
    return answer


def params(run: Run) -> Any:
    """Ask params JSON, from a file or standard input; the kind is told by it."""
    named = run.options.file or "-"
    given = read_json(named if named == "-" else f"@{named}", "params")
    question = import_module(PARAMS).read(given, run.options.kind)
    with run.workspace() as workspace:
        return cast("Any", workspace.ask(question))
