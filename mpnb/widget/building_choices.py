"""What a field of a builder can be chosen from: events, properties, values, cohorts.

Enters: a draft, a field, and what was typed. Leaves: the first few that fit. The surprise: over a
Mixpanel project nothing is looked up before it is allowed, because each look-up is a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from mpnb.errors import MixpanelHeadlessError
from mpnb.widget.building_draft import Draft
from mpnb.workspace import Workspace

MOST = 50
"""The most choices that are sent to a page at once."""

Choice = dict[str, Any]


class Choices:
    """The names and values of a workspace, searched here and not in the page.

    Args:
        workspace: whose.

    Attributes:
        allowed: whether look-ups may be made; always over a local store.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.allowed = workspace.is_local
        self._values: dict[tuple[str, str | None, bool], list[str]] = {}

    def find(self, draft: Draft, path: Sequence[str | int], picks: str, word: str) -> list[Choice]:
        """The choices for a field that hold the word, best first, at most `MOST`.

        A project that cannot say gives none; the field takes any text all the same.
        """
        if not self.allowed:
            return []
        try:
            rows = self._rows(draft, path, picks)
        except MixpanelHeadlessError:
            return []
        return list(islice(search(rows, word), MOST))

    def _rows(self, draft: Draft, path: Sequence[str | int], picks: str) -> Iterable[Choice]:
        event, people, name = around(draft, path)
        match picks:
            case "event":
                return _plain(self.events())
            case "property":
                return _plain(self._properties(event, people))
            case "profile property":
                return _plain(self._properties(None, True))
            case "value":
                return _plain(self._all_values(name, event, people)) if name else ()
            case "key":
                found = self.workspace.subproperties(name, event=event) if name else []
                return _plain(one.name for one in found)
            case "cohort":
                return _numbered(self.workspace.cohorts())
            case "custom property":
                return _numbered(self.workspace.list_custom_properties(), "custom_property_id")
            case "custom event":
                return _numbered(self.workspace.list_custom_events(), "custom_event_id")
        return ()

    def events(self) -> list[str]:
        """Events, the most frequent first where that is known."""
        schema = self.workspace.schema
        return schema.events() if schema else self.workspace.events()

    def _properties(self, event: str | None, people: bool) -> list[str]:
        schema = self.workspace.schema
        if schema is None:
            return self.workspace.properties(event) if event and not people else []
        if people:
            return schema.profile_properties()
        return schema.properties(event) or schema.properties()

    def _all_values(self, name: str, event: str | None, people: bool) -> list[str]:
        """Every value as text, the most frequent first; counted once and remembered."""
        key = (name, event, people)
        if key not in self._values:
            self._values[key] = self._count(name, event, people)
        return self._values[key]

    def _count(self, name: str, event: str | None, people: bool) -> list[str]:
        engine = self.workspace.engine
        if people:
            if not self.workspace.is_local:
                return []
            asked = {"property_name": name, "event": None, "resource": "people"}
            return [str(row["text"]) for row in engine.call("property_survey", asked)["top"]]
        limit = None if self.workspace.is_local else 1000
        wanted: dict[str, Any] = {"property_name": name, "event": event, "limit": limit}
        return [str(value) for value in engine.call("property_values", wanted)]

    def typed(self, draft: Draft, path: Sequence[str | int], value: Any) -> Any:
        """A typed-in value of a filter in the type that its property has in the data."""
        schema, (_, people, name) = self.workspace.schema, around(draft, path)
        if not isinstance(value, str) or schema is None or people or name is None:
            return value
        kind = schema.types().get(name)
        if kind == "boolean" and value in ("true", "false"):
            return value == "true"
        return as_number(value) if kind == "number" else value


def as_number(text: str) -> Any:
    """The number that a text is, or the text."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text) if text.strip()[-1:].isdigit() else text
    except ValueError:
        return text


def search(rows: Iterable[Choice], word: str) -> Iterable[Choice]:
    """Rows whose words hold the word, those that begin with it first."""
    wanted = word.casefold()
    later: list[Choice] = []
    for row in rows:
        at = str(row.get("label", row["value"])).casefold().find(wanted)
        if at == 0:
            yield row
        elif at > 0 and len(later) < MOST:
            later.append(row)
    yield from later


def around(draft: Draft, path: Sequence[str | int]) -> tuple[str | None, bool, str | None]:
    """The event, whether profiles are meant, and the property that stand around a field."""
    event, name, people = None, None, draft["kind"] == "users"
    node: Any = draft
    for step in path:
        if isinstance(node, dict):
            event = node["event"] if isinstance(node.get("event"), str) else event
            people = people or node.get("resource_type") == "people"
            name = node["property"] if isinstance(node.get("property"), str) else name
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            break
    return event or None, people, name or None


def _plain(names: Iterable[str]) -> Iterable[Choice]:
    return ({"value": name} for name in names)


def _numbered(rows: Iterable[Any], key: str = "id") -> Iterable[Choice]:
    for row in rows:
        number = getattr(row, key, None)
        if number is not None:
            yield {"value": number, "label": f"{row.name} ({number})"}
