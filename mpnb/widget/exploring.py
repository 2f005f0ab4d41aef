"""What there is to ask about, step by step: events, their properties, values, people, cohorts.

Enters: a workspace. Leaves: plain records, and questions that start from them. The surprise: over a
local store everything is at hand; over a Mixpanel project each step says beforehand how many
requests it costs (`Exploration.cost`), and volumes are of the last thirty days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypedDict

from mpnb import text
from mpnb.errors import ParamValidationError
from mpnb.query.question import Question
from mpnb.widget import starting
from mpnb.widget.starting import Resource, Start, Thing
from mpnb.workspace import Workspace

TREND_DAYS = 30
MOST_VALUES = 20
LONGEST_LIST = 4_000
"""Characters of names in one request; longer addresses are refused by servers."""
DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$")


@dataclass(frozen=True)
class Lexicon:
    """What is said of things by their names, and the properties that events carry."""

    events: Mapping[str, dict[str, Any]]
    properties: Mapping[str, dict[str, Any]]
    people: Mapping[str, dict[str, Any]]
    carried: Mapping[str, list[dict[str, Any]]]


class Cost(TypedDict):
    """How many requests a step sends; nothing over a local store, nor for what is known by now."""

    events: int
    volumes: int
    lexicon: int
    people: int
    property: int
    cohorts: int


LOCAL_COST = Cost(events=0, volumes=0, lexicon=0, people=0, property=0, cohorts=0)
LEXICON_COST = 4


class Exploration:
    """The data of a workspace, opened piece by piece.

    Args:
        workspace: what is explored.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._here = workspace.engine.name == "duckdb"  # also the local copy of a project
        self._names: list[str] = []
        self._volumes: dict[str, list[int]] = {}
        self._lexicon: Lexicon | None = None

    @property
    def cost(self) -> Cost:
        """Requests per step; that of the volumes is known once events are listed."""
        if self._here:
            return LOCAL_COST
        lexicon = LEXICON_COST if self._lexicon is None else 0
        missing = [name for name in self._names if name not in self._volumes]
        volumes = len(list(batches(missing)))
        return Cost(
            events=1, volumes=volumes, lexicon=lexicon, people=lexicon, property=1, cohorts=1
        )

    def events(self) -> dict[str, Any]:
        """Every event, the most frequent first.

        Returns:
            ``events``: a list of ``{"name", "count", "trend"}``; counts of all rows, trend of the
            days from ``from_date`` to ``to_date``. Over a project the events stand by name,
            ``count`` and ``trend`` are of those days and None until they are read, ``cost`` is
            how many requests opening it takes, and what the lexicon says is added once known.
        """
        if self._here:
            found: dict[str, Any] = self.workspace.engine.call("event_trends", {})
            return found
        self._names = self.workspace.events()
        rows = [
            {"name": name, **self._volume(name), **self._said("events", name)}
            for name in self._names
        ]
        rows.sort(key=lambda row: -(row["count"] or 0))
        first, last = self._days()
        return {"from_date": first, "to_date": last, "events": rows}

    def _days(self) -> tuple[str, str]:
        """The last thirty days of a project."""
        last = self.workspace.today()
        return (last - timedelta(TREND_DAYS - 1)).isoformat(), last.isoformat()

    def _volume(self, name: str) -> dict[str, Any]:
        trend = self._volumes.get(name)
        cost = (trend is None) + (self._lexicon is None)
        return {"count": None if trend is None else sum(trend), "trend": trend, "cost": cost}

    def _said(self, table: str, name: str) -> dict[str, Any]:
        """What the lexicon says of a thing, once it was read."""
        return {} if self._lexicon is None else getattr(self._lexicon, table).get(name, {})

    def read_volumes(self) -> None:
        """Count all listed events per day; `cost` says how many requests that takes."""
        for names in batches([name for name in self._names if name not in self._volumes]):
            self._count(names)

    def _count(self, names: list[str]) -> None:
        first, last = self._days()
        found = self.workspace.event_counts(names, from_date=first, to_date=last)
        for name in names:
            days: Mapping[str, Any] = found.series.get(name, {})
            self._volumes[name] = [int(days[day]) for day in sorted(days)]

    def read_lexicon(self) -> None:
        """Read what is said of events and properties, and which event carries which property.

        Descriptions, tags, hidden and verified marks, types, coverage: four requests, remembered.
        A local store has no lexicon.
        """
        if not self._here:
            graph = self.workspace.schema_graph(include_density=True)
            self._lexicon = Lexicon(
                events=_by_name(graph.events),
                properties=_by_name(graph.properties),
                people=_by_name(graph.user_properties),
                carried={row.get("name", ""): row.get("properties") or [] for row in graph.events},
            )

    def event(self, name: str) -> dict[str, Any]:
        """An event's properties with type and coverage, and what the lexicon says of them.

        Raises:
            QueryError: there is no such event.
        """
        if self._here:
            found: dict[str, Any] = self.workspace.engine.call("event_survey", {"event": name})
            return found
        if name not in self._volumes:
            self._count([name])
        said = self._said("events", name)
        return {"event": name, **self._volume(name), "properties": self._carried(name), **said}

    def _carried(self, event: str) -> list[dict[str, Any]]:
        """The properties of a project's event; how often they are set only the lexicon tells."""
        if self._lexicon is None:
            names = self.workspace.properties(event)
            return [{"name": name, "type": None, "count": None} for name in names]
        return [
            {
                "type": None,
                **self._lexicon.properties.get(row["name"], {}),
                "name": row["name"],
                "count": None,
                "part": row.get("density"),
            }
            for row in self._lexicon.carried.get(event, ())
        ]

    def sample(self, name: str) -> list[dict[str, Any]]:
        """The latest rows of an event, as an export holds them; a project gives none here."""
        if not self._here:
            return []
        found: list[dict[str, Any]] = self.workspace.engine.call("event_sample", {"event": name})
        return found

    def people(self) -> dict[str, Any]:
        """The properties of profiles with type and coverage, and the first profiles."""
        if self._here:
            found: dict[str, Any] = self.workspace.engine.call("people_survey", {})
            return found
        if self._lexicon is None:
            self.read_lexicon()
        known = self._lexicon.people if self._lexicon else {}
        rows = [{"name": name, "count": None, **said} for name, said in sorted(known.items())]
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
        if self._here:
            found = self.workspace.engine.call("property_survey", asked)
            return {**found, "type": inferred(found["types"], found["top"])}
        if resource == "people":
            raise ParamValidationError(
                "Mixpanel does not list the values of profile properties; ask a users question."
            )
        kind = self._said("properties", name).get("type")
        texts = self.workspace.property_values(name, event=event, limit=MOST_VALUES)
        top = [{"value": typed(one, kind), "text": one, "count": None} for one in texts]
        facts: dict[str, Any] = dict.fromkeys(("rows", "count", "distinct", "numbers"))
        return {**facts, "name": name, "type": kind, "types": {}, "top": top}

    def subproperties(self, name: str, event: str | None = None) -> list[dict[str, Any]]:
        """What the objects in a list property carry: name, type, sample values."""
        return [one.to_dict() for one in self.workspace.subproperties(name, event=event)]

    def cohorts(self) -> list[dict[str, Any]]:
        """The saved cohorts with their sizes."""
        keys = ("id", "name", "count", "description")
        rows = [one.to_dict() for one in self.workspace.cohorts()]
        return [{key: row.get(key) for key in keys} for row in rows]

    def question(self, start: Start, **thing: Any) -> Question:
        """A question that starts from a thing; `starting.Thing` has the names.

        Raises:
            MixpanelHeadlessError: names that cannot be asked about, or a funnel of one step.
        """
        return starting.question(start, Thing(**thing))

    def cell(self, question: Question) -> str:
        """The question as a cell."""
        return str(text.cell(question))


def batches(names: list[str]) -> Iterator[list[str]]:
    """Names in groups that fit into one request each."""
    batch: list[str] = []
    length = 0
    for name in names:
        if batch and length + len(name) > LONGEST_LIST:
            yield batch
            batch, length = [], 0
        batch.append(name)
        length += len(name)
    if batch:
        yield batch


def typed(value: str, kind: str | None) -> Any:
    """A value that Mixpanel gives as text, in the type that the lexicon says it has."""
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind in ("number", "integer"):
        try:
            return int(value) if value.lstrip("-").isdigit() else float(value)
        except ValueError:
            return value
    return value


def inferred(types: Mapping[str, int], top: list[dict[str, Any]]) -> str:
    """What a property is taken for: its one JSON type, ``datetime`` for texts that are dates."""
    if len(types) != 1:
        return "mixed" if types else "empty"
    (kind,) = types
    dated = kind == "string" and all(DATE.match(str(row["value"])) for row in top)
    return "datetime" if dated else kind


def _by_name(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(row["name"]): _marks(row) for row in rows if row.get("name")}


def _marks(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the lexicon says of one thing."""
    return {
        "type": row.get("type"),
        "description": row.get("description") or "",
        "tags": [str(tag) for tag in row.get("tags") or ()],
        "hidden": bool(row.get("hidden")),
        "verified": bool(row.get("verified")),
    }
