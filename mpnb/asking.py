"""The path of the data: a question becomes params, an engine runs them, a result is read.

Enters: a question of one of the five kinds. Leaves: its typed result. The surprise: methods made
here carry the signature of a question's factory, so that the vocabulary stands in one place.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, cast, overload

from mpnb import params as params_json
from mpnb import result
from mpnb.engine.base import Engine, Kind, RunOptions
from mpnb.errors import ParamValidationError
from mpnb.params.loads import check
from mpnb.query.check import shown
from mpnb.query.flow import FlowQuery
from mpnb.query.funnel import FunnelQuery
from mpnb.query.insights import InsightsQuery
from mpnb.query.question import Question
from mpnb.query.retention import RetentionQuery
from mpnb.query.users import UserQuery
from mpnb.result import (
    AnyResult,
    FlowQueryResult,
    FunnelQueryResult,
    Provenance,
    QueryResult,
    RetentionQueryResult,
    UserQueryResult,
)

P = ParamSpec("P")
M = TypeVar("M", bound=Callable[..., Any])
A = TypeVar("A", bound=AnyResult)

MOST_SEGMENTS = 50_000


def signed_like(factory: Callable[..., Any], name: str, doc: str, returns: str) -> Callable[[M], M]:
    """Give a method the factory's own signature, so that ``?`` and editors show it."""

    def dress(method: M) -> M:
        own = inspect.signature(factory)
        this = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        shown = own.replace(parameters=[this, *own.parameters.values()], return_annotation=returns)
        vars(method)["__signature__"] = shown
        method.__name__, method.__qualname__, method.__doc__ = name, f"Workspace.{name}", doc
        return method

    return dress


def building(
    factory: Callable[P, Question], name: str, what: str
) -> Callable[Concatenate[Asking, P], dict[str, Any]]:
    """A method that returns the params of what the factory makes."""
    told = (inspect.getdoc(factory) or "").partition("\n\n")[2]
    doc = f"Return the params JSON of {what} question, without asking it.\n\n{told}"

    @signed_like(factory, name, doc, "dict[str, Any]")
    def build(self: Asking, /, *args: P.args, **kwargs: P.kwargs) -> dict[str, Any]:
        return self._params(factory(*args, **kwargs))

    return build


def asking(
    factory: Callable[P, Question], name: str, answer: type[A], what: str
) -> Callable[Concatenate[Asking, P], A]:
    """A method that asks what the factory makes."""

    @signed_like(factory, name, f"Ask {what}.\n\n{inspect.getdoc(factory)}", answer.__name__)
    def query(self: Asking, /, *args: P.args, **kwargs: P.kwargs) -> A:
        return cast(A, self.ask(factory(*args, **kwargs)))

    return query


class Asking:
    """The asking half of a workspace; an engine answers."""

    @property
    def engine(self) -> Engine:
        """Who answers: Mixpanel, or the embedded engine over a local store."""
        raise NotImplementedError  # the Workspace that mixes this in says who answers

    def today(self) -> date:
        """The last day of a range that is left open, by the engine's clock."""
        return self.engine.now().date()

    def _params(self, question: Question) -> dict[str, Any]:
        """The params of a question; the clock is read only for a range with an open end."""
        today = self.today() if params_json.needs_today(question) else None
        return params_json.build(question, today=today)

    @overload
    def ask(
        self, question: InsightsQuery, *, limit: int | None = None, refresh: bool = False
    ) -> QueryResult: ...
    @overload
    def ask(
        self, question: FunnelQuery, *, limit: int | None = None, refresh: bool = False
    ) -> FunnelQueryResult: ...
    @overload
    def ask(
        self, question: RetentionQuery, *, limit: int | None = None, refresh: bool = False
    ) -> RetentionQueryResult: ...
    @overload
    def ask(
        self, question: FlowQuery, *, limit: int | None = None, refresh: bool = False
    ) -> FlowQueryResult: ...
    @overload
    def ask(
        self, question: UserQuery, *, limit: int | None = None, refresh: bool = False
    ) -> UserQueryResult: ...
    @overload
    def ask(
        self, question: Question, *, limit: int | None = None, refresh: bool = False
    ) -> AnyResult: ...

    def ask(
        self, question: Question, *, limit: int | None = None, refresh: bool = False
    ) -> AnyResult:
        """Answer any question: build its params, run them, read the answer.

        Args:
            question: one of the five kinds, from `mpnb.query`, `text.parse` or `params.read`.
            limit: the most segments (1 to 50,000) or profiles to return.
            refresh: ask Mixpanel although an answer is kept on this machine.

        Returns:
            The typed result of the question's kind.

        Raises:
            NotSupportedError: this workspace's engine cannot answer it; the message says why.
            QueryError: the engine refused it.
            ParamValidationError: the limit is no such number.
        """
        made = self._params(question)
        options = RunOptions(limit=limit, refresh=refresh)
        if isinstance(question, UserQuery):
            options = RunOptions(
                limit=question.limit if limit is None else limit,
                parallel=question.parallel,
                workers=question.workers,
                selector=isinstance(question.where, str),
                refresh=refresh,
            )
        return self.run(question.kind, made, options, question)

    @overload
    def run(
        self,
        kind: Literal["insights"],
        made: Mapping[str, Any],
        options: RunOptions,
        question: Question | None = None,
    ) -> QueryResult: ...
    @overload
    def run(
        self,
        kind: Literal["funnel"],
        made: Mapping[str, Any],
        options: RunOptions,
        question: Question | None = None,
    ) -> FunnelQueryResult: ...
    @overload
    def run(
        self,
        kind: Literal["retention"],
        made: Mapping[str, Any],
        options: RunOptions,
        question: Question | None = None,
    ) -> RetentionQueryResult: ...
    @overload
    def run(
        self,
        kind: Literal["flow"],
        made: Mapping[str, Any],
        options: RunOptions,
        question: Question | None = None,
    ) -> FlowQueryResult: ...
    @overload
    def run(
        self,
        kind: Literal["users"],
        made: Mapping[str, Any],
        options: RunOptions,
        question: Question | None = None,
    ) -> UserQueryResult: ...
    @overload
    def run(
        self,
        kind: Kind,
        made: Mapping[str, Any],
        options: RunOptions,
        question: Question | None = None,
    ) -> AnyResult: ...

    def run(
        self,
        kind: Kind,
        made: Mapping[str, Any],
        options: RunOptions,
        question: Question | None = None,
    ) -> AnyResult:
        """Answer params JSON of a kind; `ask` for a question, the `run_*_params` for people.

        Raises:
            BookmarkValidationError: PJ1 to PJ5, the params of a caller are no JSON object.
        """
        if question is None:
            made = check(made)
        if kind != "users":
            _check_limit(options.get("limit"))
        elif question is None:
            _check_pages(options.get("limit"), options.get("workers"))
        raw = self.engine.run(kind, made, **options)
        mode = options.get("mode")
        asked = {**made, "mode": mode} if mode else dict(made)
        return result.read(kind, raw, asked, self._provenance(raw), question)

    def _provenance(self, raw: Mapping[str, Any]) -> Provenance:
        """Who answered, over which days, and what a reader must know (``meta.mpnb``)."""
        days = raw.get("date_range") or {}
        meta = raw.get("meta")
        known = meta.get("mpnb", {}) if isinstance(meta, Mapping) else {}
        return Provenance(
            engine=known.get("engine", self.engine.name),
            source=known.get("source", self.engine.source),
            from_date=str(days.get("from_date", ""))[:10],
            to_date=str(days.get("to_date", ""))[:10],
            computed_at=str(raw.get("computed_at", "")),
            cached=known.get("cached"),
            requests=known.get("requests"),
            budget_left=known.get("budget_left"),
            notes=tuple(known.get("notes", ())),
        )


def _check_limit(limit: Any) -> None:
    """Refuse a number of segments that Mixpanel would refuse."""
    whole = isinstance(limit, int) and not isinstance(limit, bool)
    if limit is not None and not (whole and 1 <= limit <= MOST_SEGMENTS):
        raise ParamValidationError(
            f"limit is a whole number from 1 to {MOST_SEGMENTS:,}, not {shown(limit)}."
        )


def _check_pages(limit: Any, workers: Any) -> None:
    """Refuse numbers of profiles and of pages at once that a question would not take."""
    if limit is not None and (type(limit) is not int or limit <= 0):
        raise ParamValidationError(f"limit must be a positive whole number, not {shown(limit)}.")
    if workers is not None and (type(workers) is not int or workers <= 0):
        raise ParamValidationError(f"workers must be 1 to 5, not {shown(workers)}.")
