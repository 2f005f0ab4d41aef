"""A question as a form: what a builder shows and edits, and the cell text that the form says.

Enters a question, leaves a *draft*: plain JSON of parts, options and lines. A draft may be
incomplete; `write` gives its text and says which stretch is which part, so that a finding about
the text lights up a field. The surprise: what has no field of its own is a line of text under
"more", as the printer of the language writes it, so that a form of any question loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from mpnb import text as language
from mpnb.query import words
from mpnb.query.behavior import BehaviorRef
from mpnb.query.question import Question
from mpnb.query.words import Kind
from mpnb.text.value import name, string
from mpnb.text.words import AGGREGATES, CADENCES
from mpnb.widget import form_parts as parts

Draft = dict[str, Any]


@dataclass(frozen=True)
class Option:
    """One setting of a kind of question.

    Attributes:
        name: the field of the question.
        label: what a person reads.
        control: ``select``, ``number``, ``flag``, ``text``, ``property`` or ``texts``.
        default: the value that is not written.
        choices: what a select offers.
        common: in view at once, or under "More".
        line: the clause as a format of the value; "" where another option writes it.
        with_: the option whose value ends this one's clause.
    """

    name: str
    label: str
    control: str
    default: Any = None
    choices: tuple[Any, ...] = ()
    common: bool = False
    line: str = ""
    with_: str = ""


def _select(field: str, label: str, alias: Any, default: Any, line: str, **more: Any) -> Option:
    choices = alias if isinstance(alias, tuple) else get_args(alias)
    return Option(field, label, "select", default, choices, line=line, **more)


_GROUP = Option("data_group_id", "Data group", "number", line="data group {}")
_UNIT = Option("unit", "Per", "select", "day", get_args(words.QueryTimeUnit), common=True)
_WINDOW_UNIT = Option(
    "conversion_window_unit", "Window unit", "select", "day",
    get_args(words.ConversionWindowUnit), common=True,
)  # fmt: skip

OPTIONS: dict[Kind, tuple[Option, ...]] = {
    "insights": (
        _UNIT,
        _select("mode", "Show", words.InsightsMode, "timeseries", "show {}", common=True),
        Option("rolling", "Rolling mean over", "number", line="rolling {}"),
        Option("cumulative", "Running totals", "flag", False, line="cumulative"),
        _GROUP,
    ),
    "funnel": (
        Option("conversion_window", "Within", "number", 14, line="within {}", common=True,
               with_="conversion_window_unit"),
        _WINDOW_UNIT,
        _UNIT,
        _select("order", "Order", words.FunnelOrder, "loose", "order {}", common=True),
        _select("mode", "Show", words.FunnelMode, "steps", "show {}", common=True),
        _select("math", "Measure", words.FunnelMathType, "conversion_rate_unique", "math {}",
                with_="math_property"),
        Option("math_property", "Measured property", "property"),
        _select("reentry_mode", "Entering again", (None, *get_args(words.FunnelReentryMode)), None,
                "reentry {}"),
        _GROUP,
    ),
    "retention": (
        _select("retention_unit", "Come back per", tuple(CADENCES.values()), "week", "",
                common=True),
        Option("bucket_sizes", "At these units", "text", None, common=True),
        _UNIT,
        _select("mode", "Show", words.RetentionMode, "curve", "show {}", common=True),
        _select("math", "Measure", words.RetentionMathType, "retention_rate", "math {}"),
        _select("alignment", "Units begin at", words.RetentionAlignment, "birth", "align {}"),
        _select("unbounded_mode", "Carry returns", (None, *get_args(words.RetentionUnboundedMode)),
                None, "unbounded {}"),
        Option("retention_cumulative", "Returned by then", "flag", False, line="cumulative"),
        _GROUP,
    ),
    "flow": (
        Option("forward", "Steps after", "number", 3, line="forward {}", common=True),
        Option("reverse", "Steps before", "number", 0, line="back {}", common=True),
        Option("cardinality", "Paths per step", "number", 3, line="top {}", common=True),
        _select("mode", "Show", words.FlowChartType, "sankey", "show {}", common=True),
        _select("count_type", "Count", words.FlowCountType, "unique", "count {}"),
        Option("collapse_repeated", "Collapse repeats", "flag", False, line="collapse"),
        Option("conversion_window", "Within", "number", 7, line="within {}",
               with_="conversion_window_unit"),
        _WINDOW_UNIT,
        _GROUP,
    ),
    "users": (
        _select("aggregate", "Measure", tuple(AGGREGATES), "count", "", common=True),
        Option("aggregate_property", "Of property", "property", common=True),
        Option("percentile", "Percentile", "number"),
        Option("properties", "List properties", "texts", None, common=True),
        Option("sort_by", "Sort by", "property"),
        _select("sort_order", "Direction", get_args(words.SortOrder), "descending", ""),
        Option("limit", "Profiles at most", "number", 1, common=True),
        Option("search", "Search", "text"),
    ),
}  # fmt: skip
"""The settings of each kind; a field of a question that is no part and no line stands here."""

SUBJECTS: dict[Kind, tuple[str, int, int | None]] = {
    "insights": ("Metrics", 1, None),
    "funnel": ("Steps", 2, None),
    "retention": ("Events", 2, 2),
    "flow": ("From", 1, None),
    "users": ("", 0, 0),
}
"""What a kind is about, and the fewest and the most of it."""

BY_FIELD: dict[Kind, str] = {
    "insights": "group_by", "funnel": "group_by", "retention": "group_by", "flow": "segments",
}  # fmt: skip


@dataclass(frozen=True)
class Written:
    """The text of a draft, and from where to where each part stands: start, end, path."""

    text: str
    places: tuple[tuple[int, int, str], ...]

    def place_of(self, start: int) -> str:
        """The part that stands at a position; the narrowest that holds it."""
        holding = [(end - begin, path) for begin, end, path in self.places if begin <= start <= end]
        return min(holding)[1] if holding else ""


def of(question: Question) -> Draft | None:
    """The draft that says a question; None where a form cannot say it without loss."""
    draft: Draft = {
        "kind": question.kind,
        "subject": _subject(question),
        "by": [parts.breakdown(item) for item in _breakdowns(question)],
        "where": _where(question),
        "range": _range(question),
        "options": {row.name: _option(question, row) for row in OPTIONS[question.kind]},
        "more": [],
    }
    printed = question.to_text().split("\n")
    covered = write(draft).text.split("\n")
    draft["more"] = [line for line in printed if line and line not in covered]
    return draft if language.parse(write(draft).text, question.kind) == question else None


def _subject(question: Any) -> list[parts.Part]:
    if question.kind == "insights":
        return [parts.metric(item) for item in question.metrics]
    if question.kind == "retention":
        if isinstance(question.born_event, BehaviorRef):
            return []
        return [parts.step(question.born_event), parts.step(question.return_event)]
    if question.kind == "users" or isinstance(question.steps, BehaviorRef):
        return []
    return [parts.step(item) for item in question.steps]


def _breakdowns(question: Any) -> tuple[Any, ...]:
    field = BY_FIELD.get(question.kind)
    return getattr(question, field) if field else ()


def _where(question: Any) -> list[parts.Part]:
    if isinstance(question.where, str):
        return []
    return [parts.condition(item) for item in question.where]


def _range(question: Any) -> dict[str, Any] | None:
    if question.kind == "users":
        return None
    when = question.range
    return {"last": when.last, "from_date": when.from_date, "to_date": when.to_date}


def _option(question: Any, row: Option) -> Any:
    value = getattr(question, row.name)
    if row.name == "bucket_sizes":
        return None if value is None else ", ".join(map(str, value))
    if row.name == "aggregate":
        return next(word for word, aggregate in AGGREGATES.items() if aggregate == value)
    return list(value) if isinstance(value, tuple) else value


def write(draft: Draft) -> Written:
    """The cell text of a draft, complete or not."""
    pieces: list[tuple[str, str]] = []
    for path, text in _clauses(draft):
        pieces.append((path, text))
    text, places = "", []
    for path, piece in pieces:
        begin = len(text)
        text += piece
        if path:
            places.append((begin, len(text), path))
    return Written(text.strip("\n"), tuple(places))


def _clauses(draft: Draft) -> Iterator[tuple[str, str]]:
    """Stretches of the text, each with the path of its part, "" for what joins them."""
    kind: Kind = draft["kind"]
    if kind == "users":
        yield from _users_head(draft["options"])
    joint = "\n" if kind == "insights" else " -> "
    yield from _listed(draft, "subject", "", joint)
    for row in OPTIONS[kind]:
        yield from _option_line(draft, row)
    yield from _listed(draft, "by", "by ", ", ")
    yield from _listed(draft, "where", "where ", " and ")
    if draft["range"] is not None:
        yield from _range_line(draft)
    for at, line in enumerate(draft["more"]):
        yield "", "\n"
        yield f"more.{at}", str(line)


def _listed(draft: Draft, list_name: str, word: str, joint: str) -> Iterator[tuple[str, str]]:
    for at, one in enumerate(draft[list_name]):
        yield "", joint if at else f"\n{word}"
        yield f"{list_name}.{at}", parts.text_of(one)


def _option_line(draft: Draft, row: Option) -> Iterator[tuple[str, str]]:
    options = draft["options"]
    value = options.get(row.name, row.default)
    if row.name == "retention_unit":
        yield from _cadence(options)
        return
    if not row.line:
        return
    also = options.get(row.with_) if row.with_ else None
    if row.with_ == "conversion_window_unit":
        if (value, also) != (row.default, "day"):
            yield "", "\n"
            plural = "" if value == 1 else "s"
            yield f"options.{row.name}", f"within {_shown(value)} {also}{plural}"
        return
    if value == row.default and not also:
        return
    yield "", "\n"
    text = row.line.format(_shown(value)) if row.control != "flag" else row.line
    yield f"options.{row.name}", text + (f" of {name(str(also))}" if also else "")


def _cadence(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    unit, sizes = options["retention_unit"], options["bucket_sizes"]
    if sizes:
        yield "", "\n"
        yield "options.bucket_sizes", f"at {unit}s {sizes}"
        return
    if unit != "week":
        yield "", "\n"
        yield "options.retention_unit", next(w for w, own in CADENCES.items() if own == unit)
    if sizes is not None:
        yield "options.bucket_sizes", "\nat"


def _users_head(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The lines of a users question, whose words do not follow the other kinds."""
    if options["properties"]:
        yield "", "\n"
        listed = ", ".join(name(str(one)) for one in options["properties"])
        yield "options.properties", f"show {listed}"
    measured = options["aggregate"]
    measured += "" if options["percentile"] is None else f" {_shown(options['percentile'])}"
    prop = options["aggregate_property"]
    measured += "" if not prop else f" of {name(str(prop))}"
    if measured != "count":
        yield "", "\n"
        yield "options.aggregate", measured
    by = f" {name(str(options['sort_by']))}" if options["sort_by"] else ""
    way = " asc" if options["sort_order"] == "ascending" else ""
    if by or way:
        yield "", "\n"
        yield "options.sort_by", f"sort{by}{way}"
    if options["search"]:
        yield "", "\n"
        yield "options.search", f"search {string(options['search'])}"
    if options["limit"] != 1:
        yield "", "\n"
        bound = options["limit"]
        yield "options.limit", "no limit" if bound is None else f"limit {_shown(bound)}"


def _range_line(draft: Draft) -> Iterator[tuple[str, str]]:
    when, unit = draft["range"], draft["options"].get("unit", "day")
    per = "" if unit == "day" else f"per {unit}"
    if when["from_date"]:
        end = f" to {when['to_date']}" if when["to_date"] else ""
        text = f"{'from' if end else 'since'} {when['from_date']}{end}"
    else:
        last = when["last"]
        text = "" if last == 30 else f"last {_shown(last)} day" + ("" if last == 1 else "s")
    if text or per:
        yield "", "\n"
        yield "range", f"{text} {per}".strip()


def _shown(value: Any) -> str:
    return (
        string(value)
        if isinstance(value, str) and not value.replace("_", "").isalnum()
        else str(value)
    )


def blanks(draft: Draft) -> Iterator[tuple[str, str]]:
    """The parts that are not filled in yet: path, and what to choose."""
    for list_name in ("subject", "by", "where"):
        for at, one in enumerate(draft[list_name]):
            yield from _blanks(f"{list_name}.{at}", one)
    for at, line in enumerate(draft["more"]):
        if not str(line).strip():
            yield f"more.{at}", "Write a clause, or remove the line."


def _blanks(path: str, one: parts.Part) -> Iterator[tuple[str, str]]:
    fields = one["fields"]
    if not fields:
        if not one["text"].strip():
            yield path, "Write it as cell text, or remove it."
        return
    said = parts.missing(fields)
    if said:
        yield path, said
    for at, inner in enumerate(fields.get("where", ())):
        yield from _blanks(f"{path}.where.{at}", inner)
