"""The settings of a local project: how raw rows are read and which calendar rules hold.

Enters: a mapping with the names of the fields below. Leaves: one frozen `Settings`. The surprise:
only `identity`, `time_storage` (and with it the zone) change what is stored; everything else is
applied when a question is answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from mpnb.errors import ParamValidationError
from mpnb.params.build_parts import filter_clause
from mpnb.query.cohort import CohortDefinition
from mpnb.query.custom import PropertyInput
from mpnb.query.filter import Filter

Identity = Literal["as_is", "simplified", "original"]
TimeStorage = Literal["utc", "project_local"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

DEFAULT_EXCLUDED = (
    "$identify",
    "$create_alias",
    "$merge",
    "$hotshard_events",
    "$campaign_delivery",
    "$campaign_bounced",
    "$campaign_marked_spam",
    "$message_suppressed",
    "$unsubscribe",
    "$journey_entered",
)
"""Events that no session counts, whatever else is configured."""


@dataclass(frozen=True)
class Settings:
    """How one project reads its data.

    Attributes:
        identity: how ids become users: as exported, or by one of the two merges of raw ids.
        time_storage: whether `time` is true UTC, or the project's wall clock read as UTC.
        week_start: first day of a week.
        quarter_start: first month of the fiscal year, 1 to 12.
        session_timeout_minutes: longest gap inside a session, 1 to 1440.
        session_excluded_events: events that no session counts, beside the built-in list.
        session_start_events, session_end_events: cut sessions between these events, not by timeout.
        session_property: rows that carry it form a session while its value stays the same.
        session_properties: up to four more event properties that sessions take over.
        funnel_grace_ms: how much earlier than the step ahead of it a funnel's step may come; at
            -1 it has to come later.
        group_keys: rows `{"id", "key"}`: which event property names the groups of a data group.
        cohorts: saved cohorts `{"id", "name", "definition"}`.
        custom_events: saved custom events `{"id", "name", "alternatives"}`.
        custom_properties: saved custom properties `{"id", "formula", "inputs", "type"}`.
    """

    identity: Identity = "as_is"
    time_storage: TimeStorage = "utc"
    week_start: Weekday = "monday"
    quarter_start: int = 1
    session_timeout_minutes: float = 30
    session_excluded_events: tuple[str, ...] = ()
    session_start_events: tuple[str, ...] = ()
    session_end_events: tuple[str, ...] = ()
    session_property: str | None = None
    session_properties: tuple[str, ...] = ()
    funnel_grace_ms: float = 2000
    group_keys: tuple[Mapping[str, Any], ...] = ()
    cohorts: tuple[Any, ...] = ()
    custom_events: tuple[Any, ...] = ()
    custom_properties: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        _one_of("identity", self.identity, get_args(Identity))
        _one_of("time_storage", self.time_storage, get_args(TimeStorage))
        _one_of("week_start", self.week_start, get_args(Weekday))
        _between("quarter_start", self.quarter_start, 1, 12)
        _between("session_timeout_minutes", self.session_timeout_minutes, 1, 24 * 60)
        _between("funnel_grace_ms", self.funnel_grace_ms, -1000, 60_000)

    @classmethod
    def of(cls, values: Mapping[str, Any] | Settings | None) -> Settings:
        """Read settings from a mapping; sequences become tuples.

        Raises:
            ParamValidationError: a name is not known or a value is not allowed.
        """
        if isinstance(values, Settings):
            return values
        known = {field.name for field in fields(cls)}
        for name in values or {}:
            if name not in known:
                raise ParamValidationError(
                    f"there is no setting {name!r}; the settings are {', '.join(sorted(known))}"
                )
        return cls(**{name: _frozen(value) for name, value in (values or {}).items()})

    def but(self, **changes: Any) -> Settings:
        """The same settings with some values changed."""
        return replace(self, **{name: _frozen(value) for name, value in changes.items()})

    def to_dict(self) -> dict[str, Any]:
        """All values as JSON: what the store's folder keeps; parts of questions in wire form."""
        return {field.name: _stored(getattr(self, field.name)) for field in fields(self)}

    def group_key(self, group_id: object) -> str | None:
        """The event property that names the groups of a data group, None when there is none."""
        for row in self.group_keys:
            if str(row["id"]) == str(group_id):
                return str(row["key"])
        return None


def _stored(value: Any) -> Any:
    """A value as JSON: definitions of cohorts and filters as params spell them."""
    if isinstance(value, CohortDefinition):
        return value.to_dict()
    if isinstance(value, Filter):
        return filter_clause(value)
    if isinstance(value, PropertyInput):
        return asdict(value)
    if isinstance(value, Mapping):
        return {key: _stored(item) for key, item in value.items()}
    return [_stored(item) for item in value] if isinstance(value, list | tuple) else value


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else value


def _one_of(name: str, value: object, legal: tuple[str, ...]) -> None:
    if value not in legal:
        raise ParamValidationError(
            f"{name} is {value!r}; it must be one of {', '.join(map(repr, legal))}"
        )


def _between(name: str, value: float, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ParamValidationError(f"{name} is {value!r}; it must be from {low} to {high}")
