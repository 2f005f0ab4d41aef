"""The embedded engine: params JSON or a named call in, the raw answer of Mixpanel's endpoint out.

Params are read back into a question and handed to the module of its kind. The surprise: what the
params hold beyond the vocabulary and would change the answer is refused, never ignored.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack

from mpnb import params as params_json
from mpnb.engine.base import Kind, Raw, RunOptions
from mpnb.engine.duckdb import axis, reach, relative
from mpnb.engine.duckdb.context import Context
from mpnb.errors import NotSupportedError

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

MAX_LEVELS = 100

KINDS: dict[str, str] = {
    "insights": "mpnb.engine.duckdb.insights",
    "funnel": "mpnb.engine.duckdb.funnel",
    "retention": "mpnb.engine.duckdb.retention",
    "flow": "mpnb.engine.duckdb.flow",
    "users": "mpnb.engine.duckdb.users",
}
"""The module of each kind of question, with an ``answer`` function; loaded when first asked."""

CALLS = "mpnb.engine.duckdb.calls"
"""The module whose ``CALLS`` name a function for each discovery and legacy method."""

EXPLAIN = "mpnb.engine.duckdb.explain"
"""The module that says questions as SQL; loaded when asked, because sqlglot takes its time."""


class DuckEngine:
    """Answers questions from a local store of events.

    Args:
        store: the events and profiles.
        source: what provenance calls the store, for example ``"local store shop"``.
    """

    name = "duckdb"

    def __init__(self, store: Store, source: str = "local store") -> None:
        self.store = store
        self.source = source
        self.steps: list[str] = []
        """The statements and passes of the last answer, in order."""

    def now(self) -> datetime:
        """The store's clock, aware and in the project's zone."""
        return self.store.now.astimezone(self.store.timezone)

    @cached_property
    def days(self) -> tuple[str, str] | None:
        """First and last day that have events, ``YYYY-MM-DD``; None where there are none."""
        return reach.span(self.store)

    def describe(self) -> dict[str, str]:
        """What the store holds, in words: events, users, first and last day, zone, today."""
        store = self.store
        facts = {"events": f"{store.n_rows:,}", "users": f"{store.n_users:,}"}
        if held := self.days:
            facts["days"] = f"{held[0]} to {held[1]}"
        return facts | {"timezone": store.timezone.key, "today": self.now().date().isoformat()}

    def run(self, kind: Kind, params: Mapping[str, Any], **options: Unpack[RunOptions]) -> Raw:
        """Answer one question; see `Engine.run`."""
        question = params_json.read(params, kind)
        if options.get("selector") and "where" in params:  # a blank text asks for everybody
            question = replace(question, where=params["where"])  # type: ignore[call-arg]  # only users questions get here
        question = relative.settled(question)
        refuse_extras(question)
        refuse_depth(question)
        context = Context(limit=options.get("limit"), mode=options.get("mode"))
        raw: Raw = _answer_of(kind)(self.store, question, context)
        if options.get("parallel"):  # one page, yet callers look at how it was fetched
            fetched = {"failed_pages": [], "parallel": True, "workers": options.get("workers", 5)}
            raw = {**raw, "meta": fetched}
        self.steps = context.steps
        return reach.told(raw, self._asked_days(raw, question), self.days)

    def _asked_days(self, raw: Raw, question: Any) -> tuple[str, str] | None:
        """The days asked for: as the answer says them, or as the question does (flows)."""
        said = raw.get("date_range")
        if said:
            return str(said["from_date"])[:10], str(said["to_date"])[:10]
        if not hasattr(question, "range"):  # users are asked about as they are
            return None
        from_date, to_date = axis.between(self.store, question.range)
        return from_date.isoformat(), to_date.isoformat()

    def explain(self, question: Any) -> str:
        """How a question was answered just now, and SQL that counts the same rows."""
        question = relative.settled(question)
        statements = importlib.import_module(EXPLAIN).statements(self.store, question)
        return "\n\n".join(["\n".join(self.steps), *statements])

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """Answer one discovery or legacy call; see `Engine.call`."""
        calls = importlib.import_module(CALLS).CALLS
        if method not in calls:
            raise NotSupportedError(
                f"{method} is not there in the local engine: its data live in a Mixpanel project"
            )
        context = Context()
        raw = calls[method](self.store, dict(arguments), context)
        self.steps = context.steps
        return raw


def _answer_of(kind: str) -> Callable[..., Raw]:
    try:
        found: Callable[..., Raw] = importlib.import_module(KINDS[kind]).answer
    except ModuleNotFoundError as error:
        if error.name != KINDS[kind]:
            raise
        raise NotSupportedError(f"{kind} questions are not there in the local engine") from None
    return found


def refuse_depth(question: Any) -> None:
    """Raise for more breakdowns than an answer, an object in an object for each, can hold."""
    levels = getattr(question, "group_by", getattr(question, "segments", ()))
    if len(levels) > MAX_LEVELS:
        raise NotSupportedError(
            f"{len(levels):,} breakdowns in one question are too many for the local engine; "
            f"ask for at most {MAX_LEVELS}."
        )


def refuse_extras(question: Any) -> None:
    """Raise for parts of the params that change the answer and are not in the vocabulary."""
    extras = params_json.meaningful_extras(question)
    if extras:
        places = ", ".join(".".join(str(key) for key in extra.path) for extra in extras[:5])
        raise NotSupportedError(
            f"the params hold parts that the local engine does not know: {places}; "
            "ask without them, or ask Mixpanel"
        )
