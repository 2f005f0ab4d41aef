"""``%%mpquery``: ask a question in the cell language.

Enters: a line of options and a body of clauses. Leaves: the answer, which shows itself. The
surprise: the answer is returned, not printed, so that ``_`` and ``Out`` hold it too.
"""

from __future__ import annotations

import difflib
import json
import shlex
from argparse import Namespace
from dataclasses import replace
from keyword import iskeyword
from typing import Any, cast, get_args

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import MagicArgumentParser, argument, magic_arguments

from mpnb import chart
from mpnb import params as params_json
from mpnb.magic.checks import check_names
from mpnb.magic.errors import CellError
from mpnb.magic.notebook import Notebook, readable
from mpnb.magic.saved import saved
from mpnb.magic.shown import Shown
from mpnb.query.announce import Asked, announce
from mpnb.query.flow import FlowQuery
from mpnb.query.question import Question
from mpnb.query.words import FlowChartType, Kind
from mpnb.result import AnyResult
from mpnb.text.python import to_python

KINDS: tuple[str, ...] = get_args(Kind)
NEEDS_TRENDS = ("trends", "over-time")
"""Charts over time, whose numbers are others: the question has to ask for them."""


@magics_class
class QueryMagics(Magics):
    """The cell magic."""

    def __init__(self, shell: InteractiveShell, notebook: Notebook) -> None:
        super().__init__(shell)
        self.notebook = notebook

    @magic_arguments()
    @argument(
        "words",
        nargs="*",
        metavar="[KIND] [NAME]",
        help="insights (default), funnel, retention, flow or users; then a name for the answer",
    )
    @argument("--engine", choices=["local", "remote", "auto"], help="who answers this cell")
    @argument("--show", metavar="CHART", help="the chart to draw, for example curve or table")
    @argument("--card", action="store_true", help="show the answer as a live card")
    @argument("--limit", type=int, metavar="N", help="the most segments or profiles")
    @argument("--refresh", action="store_true", help="ask again although an answer is kept")
    @argument("--no-display", action="store_true", help="keep the answer, show nothing")
    @argument("--params", action="store_true", help="print the params JSON too")
    @argument("--sql", action="store_true", help="print how the local engine answers")
    @argument("--python", action="store_true", help="print the same question in Python")
    @argument("--dry-run", action="store_true", help="check and print, but do not ask")
    @argument("--save", metavar="NAME", help="save the question as a report of that name")
    @no_var_expand
    @cell_magic
    def mpquery(self, line: str, cell: str) -> Any:
        """Ask a question of events: insights, funnel, retention, flow or users."""
        options = parse_line(vars(QueryMagics.mpquery)["parser"], line)
        kind, name = kind_and_name(options.words)
        question, source = self.notebook.parse(cell, kind)
        check_chart(options.show, kind)
        question = drawn_as(question, options.show)
        with readable(source):
            check_names(question, self.notebook.workspace.schema, source)
            self._print_forms(options, question)
            if options.dry_run:
                return None
            return self._ask(options, question, source, name)

    def _print_forms(self, options: Namespace, question: Question) -> None:
        workspace = self.notebook.workspace
        made = params_json.build(question, today=workspace.today())
        if options.params or (options.dry_run and not (options.sql or options.python)):
            print(json.dumps(made, indent=2, ensure_ascii=False))
        if options.python:
            print(to_python(question))
        if options.sql:
            print(workspace.explain(question))

    def _ask(self, options: Namespace, question: Question, source: str, name: str | None) -> Any:
        workspace = self.notebook.workspace.on(options.engine)
        result = workspace.ask(question, limit=options.limit, refresh=options.refresh)
        self.notebook.answer(question, source, name, result)
        announce(Asked(question, name, self.notebook.cell_id))
        if options.show:
            check_fits(options.show, result)
        if options.save:
            print(saved(workspace, question, options.save))
        if options.no_display:
            return None
        if options.card:
            return result.card(workspace, chart=options.show)
        return Shown(result, options.show) if options.show else result


def parse_line(parser: MagicArgumentParser, line: str) -> Namespace:
    """Read the option line.

    Raises:
        CellError: an unknown option, or one without its value.
    """
    try:
        words = shlex.split(line)
    except ValueError as problem:
        raise CellError(f"The line cannot be read: {problem}.") from problem
    try:
        return parser.parse_args(words)
    except UsageError as problem:
        options = [text for action in parser._actions for text in action.option_strings]
        wrong = [word for word in words if word.startswith("-") and word not in options]
        near = difflib.get_close_matches(wrong[0], options, 1) if wrong else []
        hint = f" Did you mean {near[0]}?" if near else " %%mpquery? lists the options."
        raise CellError(f"{str(problem).capitalize()}.{hint}") from problem


def kind_and_name(words: list[str]) -> tuple[Kind, str | None]:
    """The kind of question and the answer's name, from the words of the line."""
    kind = words[0] if words and words[0] in KINDS else "insights"
    names = words[1:] if words and words[0] in KINDS else words
    if len(names) > 1:
        near = difflib.get_close_matches(names[0], KINDS, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise CellError(
            f"%%mpquery takes a kind ({', '.join(KINDS)}) and one name, not {names!r}.{hint}"
        )
    name = names[0] if names else None
    if name is not None and (not name.isidentifier() or iskeyword(name)):
        raise CellError(f"{name!r} is no kind of question and no Python name for the answer.")
    near = difflib.get_close_matches(name, KINDS, 1, 0.75) if name and len(words) == 1 else []
    if near:
        raise CellError(
            f"{name!r} is no kind of question. Did you mean {near[0]}? "
            f"For an answer of that name: %%mpquery {kind} {name}"
        )
    return cast(Kind, kind), name


def check_chart(name: str | None, kind: Kind) -> None:
    """Refuse a chart that this kind of answer does not have, before anything is asked."""
    fitting = chart.names(kind)
    if name is not None and name not in fitting:
        near = difflib.get_close_matches(name, fitting, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise CellError(f"There is no chart {name!r} for {kind}: {', '.join(fitting)}.{hint}")


def drawn_as(question: Question, name: str | None) -> Question:
    """A flow's mode says only how it is drawn, so that a chart chosen by name sets it."""
    if isinstance(question, FlowQuery) and name in get_args(FlowChartType):
        return replace(question, mode=cast(FlowChartType, name))
    return question


def check_fits(name: str, result: AnyResult) -> None:
    """Refuse a chart that cannot show this answer, as one block and not while it is drawn."""
    fitting = [row.name for row in chart.fitting(result)]
    if name not in fitting:
        hint = " For this chart the cell needs the clause: show trends" * (name in NEEDS_TRENDS)
        known = ", ".join(fitting)
        raise CellError(
            f"The chart {name!r} cannot show this answer. Charts for it: {known}.{hint}"
        )
