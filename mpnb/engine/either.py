"""Two engines as one: the local copy of a project where it has the days, Mixpanel for the rest.

Enters: params or a named call. Leaves: the answer of one of the two. The surprise: who answered,
and why, stands in the answer (``meta.mpnb``), so that a result can say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Literal, Unpack

from mpnb import params as params_json
from mpnb.engine.base import Engine, Kind, Raw, RunOptions
from mpnb.engine.reaching import reach
from mpnb.errors import NotSupportedError, ParamValidationError

Covers = Callable[[date, date], bool]

DATA = frozenset(
    {
        "events",
        "properties",
        "property_values",
        "subproperties",
        "top_events",
        "segmentation",
        "segmentation_numeric",
        "segmentation_sum",
        "segmentation_average",
        "event_counts",
        "property_counts",
        "retention",
        "frequency",
        "activity_feed",
        "stream_profiles",
        "stream_events",
        "jql",
        "property_distribution",
        "numeric_summary",
        "daily_counts",
        "engagement_distribution",
        "property_coverage",
        "event_trends",
        "event_survey",
        "event_sample",
        "people_survey",
        "property_survey",
    }
)
"""Calls about data, which the copy answers when it is asked for; all others are Mixpanel's own."""

DATED = frozenset(
    {
        "segmentation",
        "segmentation_numeric",
        "segmentation_sum",
        "segmentation_average",
        "event_counts",
        "property_counts",
    }
)
"""Calls that rest on the days from ``from_date`` to ``to_date`` and no others."""


class EitherEngine:
    """The copy, or either of the two.

    Args:
        local: the engine over the copy; None when there is none.
        remote: Mixpanel's.
        mode: ``"local"`` asks the copy only, ``"auto"`` wherever it has all days.
        covers: whether the copy has all days from one to another.
    """

    def __init__(
        self,
        local: Engine | None,
        remote: Any,
        mode: Literal["local", "auto"],
        covers: Covers,
    ) -> None:
        self.local = local
        self.remote = remote
        first = local if mode == "local" and local is not None else remote
        self.name = first.name
        either = mode == "auto" and local is not None
        self.source = f"{remote.source}, or its local copy" if either else first.source
        self._mode = mode
        self._covers = covers

    def __getattr__(self, name: str) -> Any:
        """What only Mixpanel's engine has: its transport, its scope, its budget and so on."""
        if name.startswith("__") or name == "remote":
            raise AttributeError(name)  # what Python itself looks for, such as when copying
        return getattr(self.remote, name)

    def now(self) -> datetime:
        """The clock, in the project's zone where there is a copy, which knows it."""
        return (self.local or self.remote).now()

    def run(self, kind: Kind, params: Mapping[str, Any], **options: Unpack[RunOptions]) -> Raw:
        """Answer one question; see `Engine.run`."""
        if self._mode == "local" and self.local is not None:
            return _stamped(self.local, self.local.run(kind, params, **options))
        why = self._why_not(kind, params)
        if not why and self.local is not None:
            try:
                return _stamped(self.local, self.local.run(kind, params, **options))
            except NotSupportedError as problem:
                why = problem.message
        return _stamped(self.remote, self.remote.run(kind, params, **options), why)

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """Answer a discovery or legacy call; see `Engine.call`."""
        known = method in DATED and self._mode == "auto" and self._has(arguments)
        if self.local is not None and (known or (method in DATA and self._mode == "local")):
            return self.local.call(method, arguments)
        return self.remote.call(method, arguments)

    def explain(self, question: Any) -> str:
        """How the copy answers a question.

        Raises:
            NotSupportedError: there is no copy.
        """
        explain = getattr(self.local, "explain", None)
        if explain is None:
            raise NotSupportedError("Mixpanel does not say how it answers; a local store does.")
        return str(explain(question))

    def forget(self) -> None:
        """Ask for events, properties and values again next time."""
        for engine in (self.local, self.remote):
            forget = getattr(engine, "forget", None)
            if forget is not None:
                forget()

    def close(self) -> None:
        """Let go of connections and files."""
        for engine in (self.local, self.remote):
            close = getattr(engine, "close", None)
            if close is not None:
                close()

    def _why_not(self, kind: Kind, params: Mapping[str, Any]) -> str:
        """Why the copy cannot answer; empty when it can."""
        if self.local is None:
            return "there is no local copy"
        try:
            question = params_json.read(params, kind)
        except (NotSupportedError, ParamValidationError) as problem:
            return problem.message
        days = reach(question, self.now().date())
        if isinstance(days, str):
            return days
        if self._covers(*days):
            return ""
        return f"the local copy does not have all days from {days[0]} to {days[1]}"

    def _has(self, arguments: Mapping[str, Any]) -> bool:
        try:
            days = [date.fromisoformat(str(arguments[key])) for key in ("from_date", "to_date")]
        except (KeyError, ValueError):
            return False
        return self._covers(days[0], days[1])


def _stamped(engine: Engine, raw: Raw, why: str = "") -> Raw:
    """The answer with who gave it."""
    meta = raw.get("meta") if isinstance(raw.get("meta"), Mapping) else {}
    known = dict(meta.get("mpnb") or {}) if isinstance(meta, Mapping) else {}
    notes = [*known.get("notes", ()), *([f"asked Mixpanel: {why}"] if why else [])]
    own = {**known, "engine": engine.name, "source": engine.source, "notes": notes}
    return {**raw, "meta": {**(meta or {}), "mpnb": own}}
