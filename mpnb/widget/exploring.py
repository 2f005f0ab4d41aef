"""What there is to ask about, step by step: events, their properties, values, people, cohorts.

Enters: a workspace. Leaves: plain records, and cell text that starts a question. The surprise: over
a local store everything is at hand; over a Mixpanel project each step says beforehand how many
requests it costs, and volumes are of the last thirty days.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, TypedDict, cast

from mpnb import text
from mpnb.errors import ParamValidationError
from mpnb.query.breakdown import GroupBy
from mpnb.query.filter import Filter
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.question import Question
from mpnb.query.users import users
from mpnb.query.words import CustomPropertyType
from mpnb.workspace import Workspace

TREND_DAYS = 30
MOST_VALUES = 20
DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$")
ALL_EVENTS = "$all_events"
Resource = Literal["event", "people"]
Start = Literal["count", "break down", "filter", "funnel"]
TYPES = ("string", "number", "boolean", "datetime")
"""Types that a breakdown can be by; the others are taken as text."""


class Cost(TypedDict):
    """How many requests a step sends; nothing over a local store."""

    events: int
    event: int
    people: int
    property: int
    cohorts: int


LOCAL_COST = Cost(events=0, event=0, people=0, property=0, cohorts=0)
REMOTE_COST = Cost(events=1, event=2, people=1, property=1, cohorts=1)


class Exploration:
    """The data of a workspace, opened piece by piece.

    Args:
        workspace: what is explored.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._lexicon: dict[tuple[str, str], Mapping[str, Any]] | None = None

    @property
    def cost(self) -> Cost:
        """Requests per step."""
        return LOCAL_COST if self.workspace.is_local else REMOTE_COST

    def events(self) -> dict[str, Any]:
        """Every event, the most frequent first.

        Returns:
            ``events``: a list of ``{"name", "count", "trend"}``; counts of all rows, trend of the
            days from ``from_date`` to ``to_date``. Over a project ``count`` and ``trend`` are None
            until the event is opened. ``source``: where the data are.
        """
        source = self.workspace.engine.source
        if self.workspace.is_local:
            return {**self.workspace.engine.call("event_trends", {}), "source": source}
        names = self.workspace.events()
        rows = [{"name": name, "count": None, "trend": None} for name in names]
        return {"from_date": None, "to_date": None, "events": rows, "source": source}

    def event(self, name: str) -> dict[str, Any]:
        """An event's properties with type and coverage, its latest rows, and its lexicon entry.

        Raises:
            QueryError: there is no such event.
        """
        if self.workspace.is_local:
            found: dict[str, Any] = self.workspace.engine.call("event_survey", {"event": name})
            return found
        counts = self._volume(name)
        properties = [
            {"name": prop, "type": None, "count": None, **self._about("property", prop)}
            for prop in self.workspace.properties(name)
        ]
        return {
            "event": name,
            "count": sum(counts),
            "trend": counts,
            "properties": properties,
            "sample": [],
            **self._about("event", name),
        }

    def _volume(self, name: str) -> list[int]:
        """Rows per day of the last thirty days, in one request."""
        last = self.workspace.today()
        found = self.workspace.event_counts(
            [name],
            from_date=(last - timedelta(TREND_DAYS - 1)).isoformat(),
            to_date=last.isoformat(),
        )
        days: Mapping[str, Any] = found.series.get(name, {})
        return [int(days[day]) for day in sorted(days)]

    def people(self) -> dict[str, Any]:
        """The properties of profiles with type and coverage, and the first profiles."""
        if self.workspace.is_local:
            found: dict[str, Any] = self.workspace.engine.call("people_survey", {})
            return found
        schemas = self.workspace.lexicon_schemas(entity_type="profile")
        rows = [{"name": one.name, "type": None, "count": None} for one in schemas]
        return {"count": None, "properties": rows, "sample": []}

    def property(
        self, name: str, event: str | None = None, resource: Resource = "event"
    ) -> dict[str, Any]:
        """One property: inferred type, coverage, distinct values, the top ones, a summary.

        Args:
            name: the property.
            event: on the rows of this event; None is all.
            resource: ``"people"`` for a property of profiles.

        Returns:
            ``rows`` looked at and ``count`` of those that have it; ``types``: rows per JSON type;
            ``type``: what it is taken for; ``top``: ``{"value", "text", "count"}``; ``numbers``:
            smallest, quartiles, largest and mean, None where no value is a number. What a project
            does not tell is None.

        Raises:
            QueryError: there is no such property or event.
        """
        asked = {"property_name": name, "event": event, "resource": resource}
        if self.workspace.is_local:
            found = self.workspace.engine.call("property_survey", asked)
            return {**found, "type": inferred(found["types"], found["top"])}
        if resource == "people":
            raise ParamValidationError(
                "Mixpanel does not list the values of profile properties; ask a users question."
            )
        values = self.workspace.property_values(name, event=event, limit=MOST_VALUES)
        top = [{"value": value, "text": value, "count": None} for value in values]
        facts: dict[str, Any] = dict.fromkeys(("rows", "count", "distinct", "numbers", "type"))
        return {**facts, "name": name, "types": {}, "top": top}

    def subproperties(self, name: str, event: str | None = None) -> list[dict[str, Any]]:
        """What the objects in a list property carry: name, type, sample values."""
        return [one.to_dict() for one in self.workspace.subproperties(name, event=event)]

    def cohorts(self) -> list[dict[str, Any]]:
        """The saved cohorts with their sizes."""
        rows = [one.to_dict() for one in self.workspace.cohorts()]
        return [
            {key: row.get(key) for key in ("id", "name", "count", "description")} for row in rows
        ]

    def read_lexicon(self) -> int:
        """Read descriptions, tags and marks of the lexicon; one request. Returns how many."""
        found: dict[tuple[str, str], Mapping[str, Any]] = {}
        if not self.workspace.is_local:
            for schema in self.workspace.lexicon_schemas():
                row = schema.to_dict()
                found[row["entity_type"], row["name"]] = row
                for name, own in (row.get("schema_json") or {}).get("properties", {}).items():
                    found.setdefault(("property", name), own)
        self._lexicon = found
        return len(found)

    def _about(self, kind: str, name: str) -> dict[str, Any]:
        """What the lexicon says of a thing, once it was read."""
        row = (self._lexicon or {}).get((kind, name))
        if row is None:
            return {}
        schema = row.get("schema_json") or row
        marks = schema.get("metadata") or {}
        said = marks.get("com.mixpanel", marks)
        return {
            "description": schema.get("description") or "",
            "tags": list(said.get("tags") or ()),
            "hidden": bool(said.get("hidden")),
            "verified": bool(said.get("verified")),
        }

    def question(
        self,
        start: Start,
        *,
        event: str | None = None,
        property: str | None = None,
        value: Any = None,
        type: str | None = None,
        resource: Resource = "event",
        steps: Sequence[str] = (),
    ) -> Question:
        """A question that begins with a thing of the explorer.

        Args:
            start: count an event, break it down by a property, keep one value, or go through steps.
            event: the event; None is any, or the profiles themselves for a property of people.
            property: the property to break down by or to filter.
            value: the value to keep, as it is in the data.
            type: the property's type, as `property` infers it.
            resource: whose property it is.
            steps: the events of a funnel, in order.

        Raises:
            MixpanelHeadlessError: names that cannot be asked about, or a funnel of one step.
        """
        of: Literal["events", "people"] = "people" if resource == "people" else "events"
        if start == "funnel":
            return funnel(list(steps))
        asked = event or ALL_EVENTS
        if start == "count" or property is None:
            return insights(asked)
        alone = of == "people" and event is None
        if start == "filter":
            kept = same(property, value, of)
            return users(where=kept) if alone else insights(asked, where=kept)
        if alone:
            return users(where=Filter.is_set(property, resource_type=of))
        kind = cast("CustomPropertyType", type if type in TYPES else "string")
        by = GroupBy(property, property_type=kind, resource_type=of)
        return insights(asked, group_by=by)

    def cell(self, question: Question) -> str:
        """The question as a cell."""
        return str(text.cell(question))


def same(property: str, value: Any, resource: Literal["events", "people"] = "events") -> Filter:
    """The filter that keeps rows with this value, by its type."""
    if isinstance(value, bool):
        make = Filter.is_true if value else Filter.is_false
        return make(property, resource_type=resource)
    if isinstance(value, (str, int, float)):
        kept = cast("str", value)  # a number is kept as such, as the cell language does
        return Filter.equals(property, kept, resource_type=resource)
    raise ParamValidationError(
        f"{property!r} holds lists or objects; filter by one of their parts instead."
    )


def inferred(types: Mapping[str, int], top: list[dict[str, Any]]) -> str:
    """What a property is taken for: its one JSON type, ``datetime`` for texts that are dates."""
    if len(types) != 1:
        return "mixed" if types else "empty"
    (kind,) = types
    dated = kind == "string" and all(DATE.match(str(row["value"])) for row in top)
    return "datetime" if dated else kind
