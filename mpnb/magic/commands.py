"""The sub-commands of ``%mp``: one row each, with its arguments, its help line and its function.

Enters: the notebook's state and the options of a line. Leaves: a thing that Jupyter displays, or
nothing.
"""

from __future__ import annotations

import json
import warnings
from argparse import Namespace
from importlib import import_module
from typing import Any

import mpnb
from mpnb import params as params_json
from mpnb import text
from mpnb.errors import HelpLookupError, ParamValidationError
from mpnb.magic import export, project, upkeep, widgets
from mpnb.magic.checks import near
from mpnb.magic.command import Command, argument
from mpnb.magic.ended import ended
from mpnb.magic.errors import CellError
from mpnb.magic.history import Asked
from mpnb.magic.listing import Listing
from mpnb.magic.notebook import Notebook
from mpnb.magic.saved import saved
from mpnb.query.question import Question
from mpnb.reports import REPORT_TYPES
from mpnb.schema import Schema
from mpnb.workspace import Workspace


def _demo(notebook: Notebook, options: Namespace) -> Any:
    notebook.use(mpnb.demo())
    return _whoami(notebook, options)


def _data(notebook: Notebook, options: Namespace) -> Any:
    try:
        mapping = json.loads(options.columns) if options.columns else None
    except ValueError as problem:
        example = """--columns '{"event": "action", "time": "at", "distinct_id": "user"}'"""
        raise CellError(f"--columns is not JSON ({problem}). Example: {example}") from problem
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what was left out is said here, in words
        opened = mpnb.local(
            options.path,
            profiles=options.profiles,
            timezone=options.timezone,
            now=options.now,
            mapping=mapping,
        )
    notebook.use(opened)
    if opened.loaded is not None and opened.loaded.skipped:
        print("\n".join(f"Left out {file}" for file in opened.loaded.skipped))
    if said := ended(opened):
        print(said)
    return _whoami(notebook, options)


def _pull(notebook: Notebook, options: Namespace) -> Any:
    report = notebook.workspace.pull(
        options.from_date,
        options.to_date,
        timezone=options.timezone,
        profiles=not options.no_profiles,
        progress=True,
    )
    print(
        f"{report}\nAsk the copy: %%mpquery --engine local (or auto: Mixpanel where it lacks days)."
    )


def _use(notebook: Notebook, options: Namespace) -> Any:
    found = notebook.shell.user_ns.get(options.name)
    if not isinstance(found, Workspace):
        have = [name for name, v in notebook.shell.user_ns.items() if isinstance(v, Workspace)]
        known = f" Workspaces here: {', '.join(sorted(have))}." if have else ""
        raise CellError(f"{options.name!r} is not a variable that holds a mpnb.Workspace.{known}")
    notebook.use(found)
    return _whoami(notebook, options)


def _whoami(notebook: Notebook, options: Namespace) -> Any:
    return Listing("In use", ("what", "value"), list(notebook.workspace.describe().items()))


def _doctor(notebook: Notebook, options: Namespace) -> Any:
    rows = notebook.workspace.doctor().rows
    return Listing("Doctor", ("what", "", "found", "what to do"), rows)


def _known_event(schema: Schema, event: str | None) -> None:
    if event is not None and event not in schema.events():
        raise CellError(f"There is no event {event!r} in this data. {near(event, schema.events())}")


def _events(notebook: Notebook, options: Namespace) -> Any:
    schema = notebook.workspace.schema
    if schema is None:
        return project.events(notebook.workspace, options.pattern)
    found = schema.event_counts()
    total = sum(event.count for event in found) or 1
    word = options.pattern.casefold()
    rows = [
        (event.name, event.count, f"{event.count / total:.1%}")
        for event in found
        if word in event.name.casefold()
    ]
    return Listing("Events", ("event", "count", "share"), rows, f"No event has {word!r} in it.")


def _props(notebook: Notebook, options: Namespace) -> Any:
    schema = notebook.workspace.schema
    if schema is None:
        return project.properties(notebook.workspace, options.event)
    _known_event(schema, options.event)
    rows = [
        (
            found.name,
            found.type,
            "" if found.coverage is None else f"{found.coverage:.0%}",
            ", ".join(found.examples),
        )
        for found in schema.describe_properties(options.event)
    ]
    title = f"Properties of {options.event}" if options.event else "Properties of all events"
    return Listing(title, ("property", "type", "set on", "for example"), rows)


def _values(notebook: Notebook, options: Namespace) -> Any:
    schema = notebook.workspace.schema
    if schema is None:
        return project.values(notebook.workspace, options.property, options.event)
    _known_event(schema, options.event)
    known = schema.properties(options.event)
    if options.property not in known:
        where = f"event {options.event!r}" if options.event else "any event"
        hint = near(options.property, known)
        raise CellError(f"There is no property {options.property!r} on {where}. {hint}")
    values = schema.values(options.property, options.event)
    return Listing(f"Values of {options.property}", ("value",), [(value,) for value in values])


def _top(notebook: Notebook, options: Namespace) -> Any:
    found = notebook.workspace.top_events(type=options.type, limit=options.limit)
    rows = [(event.event, event.count, f"{event.percent_change:+.0%}") for event in found]
    empty = "Nothing happened today."
    return Listing("Today's events", ("event", "count", "against yesterday"), rows, empty)


def _save(notebook: Notebook, options: Namespace) -> Any:
    asked = notebook.history.find(options.cell)
    if not options.name.strip():
        raise CellError('A report needs a name: %mp save "Checkout funnel"')
    print(saved(asked.workspace, asked.question, options.name, options.about))


def _reports(notebook: Notebook, options: Namespace) -> Any:
    kinds = {name: kind for kind, name in REPORT_TYPES.items()}
    rows = [
        (str(report.id), report.name, kinds.get(report.bookmark_type, report.bookmark_type))
        for report in notebook.workspace.list_bookmarks_v2()
    ]
    empty = 'None yet. Keep the last question: %mp save "A name"'
    return Listing("Saved reports", ("id", "name", "kind"), rows, empty)


def _open(notebook: Notebook, options: Namespace) -> Any:
    source = text.cell(_question_of(notebook.workspace, options.report))
    notebook.shell.set_next_input(source)
    print(source)


def _question_of(workspace: Workspace, wanted: str) -> Question:
    """What a report asks, by its id, its name or a link to it."""
    if "://" not in wanted:
        return workspace.question(_report_of(workspace, wanted))
    found = workspace.resolve_report_link(wanted)
    kind = next((kind for kind, name in REPORT_TYPES.items() if name == found.report_type), None)
    if kind is None:
        raise CellError(f"The link shows a report of type {found.report_type!r}, no question.")
    return params_json.read(found.params, kind)


def _report_of(workspace: Workspace, wanted: str) -> Any:
    """A report by its id or its name."""
    if wanted.isdigit():
        return workspace.get_bookmark(int(wanted))
    reports = workspace.list_bookmarks_v2()
    same = [report for report in reports if report.name == wanted]
    if not same:
        hint = near(wanted, [report.name for report in reports])
        raise CellError(f"There is no report {wanted!r}. {hint}")
    return same[-1]


def _history(notebook: Notebook, options: Namespace) -> Any:
    rows = [(f"[{a.cell}]", a.question.kind, a.name or "", _gist(a)) for a in _entries(notebook)]
    empty = "Nothing was asked yet in this session."
    return Listing("Asked in this session", ("cell", "kind", "name", "question"), rows, empty)


def _entries(notebook: Notebook) -> list[Asked]:
    return notebook.history.entries


def _gist(asked: Asked) -> str:
    lines = [line.strip() for line in asked.text.splitlines()]
    return ", ".join(line for line in lines if line and not line.startswith("#"))


def _explain(notebook: Notebook, options: Namespace) -> Any:
    asked = notebook.history.find(options.cell)
    print(asked.workspace.explain(asked.question))


def _export(notebook: Notebook, options: Namespace) -> Any:
    asked = notebook.history.find(options.cell)
    try:
        written = export.write(asked, options.path, interactive=options.interactive)
    except (OSError, ParamValidationError) as problem:
        raise CellError(f"Not written: {problem}") from problem
    print(f"Wrote {written}.")


def _help(notebook: Notebook, options: Namespace) -> Any:
    topic = " ".join(options.topic)
    if not topic:
        rows = [("%%mpquery", "ask a question; %%mpquery? lists its options", "%%mpquery funnel")]
        rows += [(f"%mp {row.name}", row.help, row.example) for row in COMMANDS.values()]
        return Listing("mpnb", ("magic", "what it does", "for example"), rows)
    if topic in COMMANDS:
        row = COMMANDS[topic]
        return Listing(
            f"%mp {row.name}", ("what it does", "for example"), [(row.help, row.example)]
        )
    found = [clause for clause in text.CLAUSES if topic in (clause.name, *clause.words)]
    listed = list(dict.fromkeys(example for clause in found for example in clause.examples))
    if not listed:
        return _page(topic)
    return Listing(f"The clause {topic}", ("write", "meaning"), listed)


def _page(topic: str) -> Any:
    """The page of a public name, or what a search finds; it shows itself."""
    pages = import_module("mpnb.reference")  # it reads every public name, so only when asked
    try:
        return pages.answer(topic)
    except HelpLookupError as error:
        topics = sorted({*COMMANDS, *(clause.name for clause in text.CLAUSES), *error.suggestions})
        raise CellError(f"There is no help on {topic!r}. {near(topic, topics)}") from None


_CELL = argument("--cell", type=int, metavar="N", help="the number beside the cell; last one else")

_ROWS = (
    Command("demo", "use the shop that comes with mpnb", _demo, example="%mp demo"),
    Command(
        "data",
        "use your own events: exports, Parquet, CSV, a folder of them, or a store made before",
        _data,
        (
            argument("path", help="file or folder"),
            argument("--profiles", metavar="FILE", help="engage profiles"),
            argument(
                "--timezone", default="UTC", help="the project's zone, for example Europe/Rome"
            ),
            argument("--now", help="the moment that counts as now, ISO"),
            argument("--columns", metavar="JSON", help="which column of a table is what"),
        ),
        "%mp data export.jsonl.gz --timezone Europe/Rome",
    ),
    Command(
        "use",
        "use a workspace that a variable holds",
        _use,
        (argument("name", help="the variable"),),
        "%mp use ws",
    ),
    Command("whoami", "what is asked: source, dates, zone", _whoami, example="%mp whoami"),
    Command("doctor", "who asks and why, and which APIs answer", _doctor, example="%mp doctor"),
    Command(
        "events",
        "list the events",
        _events,
        (argument("pattern", nargs="?", default="", help="part of a name"),),
        "%mp events cart",
    ),
    Command(
        "props",
        "list the properties of an event, or of all",
        _props,
        (argument("event", nargs="?", help="the event"),),
        '%mp props "Purchase"',
    ),
    Command(
        "values",
        "list the values of a property, the most frequent first",
        _values,
        (argument("property", help="the property"), argument("--event", help="on this event")),
        "%mp values country",
    ),
    Command(
        "top",
        "today's events and their change against yesterday",
        _top,
        (
            argument("--type", choices=["general", "unique", "average"], default="general"),
            argument("--limit", type=int, default=10, metavar="N"),
        ),
        "%mp top",
    ),
    *widgets.ROWS,
    Command(
        "pull",
        "fill the local copy of the project, day by day; finished days are kept",
        _pull,
        (
            argument("from_date", metavar="FROM", help="first day, YYYY-MM-DD"),
            argument("to_date", metavar="TO", help="last day, inclusive"),
            argument("--timezone", metavar="ZONE", help="the project's zone, where unknown"),
            argument("--no-profiles", action="store_true", help="events only"),
        ),
        "%mp pull 2025-01-01 2025-01-31",
    ),
    Command(
        "save",
        "keep the last question, or that of a cell, as a report",
        _save,
        (
            argument("name", help="what the report is called"),
            _CELL,
            argument("--about", metavar="TEXT", help="what it is for"),
        ),
        '%mp save "Checkout funnel" --cell 4',
    ),
    Command("reports", "list the saved reports", _reports, example="%mp reports"),
    Command(
        "open",
        "write a saved report back as a cell",
        _open,
        (argument("report", help="its id or its name"),),
        "%mp open 1",
    ),
    Command("history", "list what was asked in this session", _history, example="%mp history"),
    Command(
        "explain",
        "how the local engine answered the last question",
        _explain,
        (_CELL,),
        "%mp explain",
    ),
    Command(
        "export",
        "write the last answer to a file: .html, .svg, .csv, .json (params)",
        _export,
        (
            argument("path", help="the file; its ending decides the form"),
            _CELL,
            argument("--interactive", action="store_true", help="HTML with Plotly inside (5 MB)"),
        ),
        "%mp export funnel.html",
    ),
    Command(
        "budget",
        "how many requests Mixpanel still takes, and when more return",
        upkeep.budget,
        example="%mp budget",
    ),
    Command(
        "cache",
        "list the answers that are kept, or forget them",
        upkeep.cache,
        (argument("--clear", action="store_true", help="forget them"),),
        "%mp cache --clear",
    ),
    Command(
        "help",
        "list the magics, or explain a sub-command, a clause, a method or a type",
        _help,
        (argument("topic", nargs="*", help="what to explain; search WORD searches"),),
        "%mp help where",
    ),
)

COMMANDS: dict[str, Command] = {row.name: row for row in _ROWS}
