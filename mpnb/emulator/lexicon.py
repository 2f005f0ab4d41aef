"""Definitions of events and properties: what the data has, and what was said about it.

Enters: a request. Leaves: definitions. The surprise: the emulator starts without a lexicon, so
every event of the data has a plain definition; what is changed lies over it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpnb.emulator.entities import Entities, Row
from mpnb.emulator.messages import Refusal, Request
from mpnb.emulator.project import Project

PLAIN: Row = {
    "displayName": None,
    "description": None,
    "hidden": False,
    "dropped": False,
    "tags": [],
}
EVENTS, SCHEMAS, CUSTOM = "data-definitions/events", "schemas", "custom_events"


JSON_TYPES = {
    "boolean": "boolean",
    "list": "array",
    "number": "number",
    "object": "object",
    "string": "string",
}
"""Type of a property → its word in a JSON schema, which has none for moments and mixtures."""


class Lexicon:
    """Answers the addresses of definitions and schemas."""

    def __init__(self, project: Project, entities: Entities) -> None:
        self._project, self._entities = project, entities

    def events(self, request: Request, keys: tuple[str, ...]) -> Any:
        """GET data-definitions/events/: those of the data, or the custom ones."""
        if str(request.get("custom_event", "")).lower() == "true":
            return _named([_of_custom(row) for row in self._entities.rows(CUSTOM)], request)
        return _named(self.defined("events"), request)

    def properties(self, request: Request, keys: tuple[str, ...]) -> Any:
        """GET data-definitions/properties/."""
        kind = request.get("resourceType") or request.get("resource_type") or "Event"
        return _named(self.defined(str(kind)), request)

    def custom(self, request: Request) -> Row:
        """The custom event that a body names."""
        number = request.need("customEventId")
        row = self._entities.find(CUSTOM, str(number))
        if row is None:
            raise Refusal(404, f"There is no custom event {number} in this project.")
        return row

    def defined(self, kind: str) -> list[Row]:
        """The definitions of events (``"events"``), or of the properties of events or users."""
        if kind == "events":
            table, place = kind, EVENTS
        else:
            people = kind.lower() in ("user", "people")
            table = "user_properties" if people else "properties"
            place = f"data-definitions/properties/{kind}"
        rows = self._numbered(table)
        return [self._over(place, {"id": i, **PLAIN, **row}) for i, row in rows]

    def change_events(self, request: Request, keys: tuple[str, ...]) -> Any:
        """PATCH data-definitions/events/: one definition, or several under ``events``."""
        if request.fields.get("customEventId") is not None:
            row = {**self.custom(request), **request.fields}
            return _of_custom(self._entities.put(CUSTOM, str(row["id"]), row, "updated"))
        return self._change(EVENTS, request, "events")

    def change_properties(self, request: Request, keys: tuple[str, ...]) -> Any:
        """PATCH data-definitions/properties/."""
        kind = request.fields.get("resourceType") or "Event"
        return self._change(f"data-definitions/properties/{kind}", request, "properties")

    def schemas(self, request: Request, keys: tuple[str, ...]) -> Any:
        """GET schemas, of one type, or of one name."""
        rows = {(row["entityType"], row["name"]): row for row in self._derived()}
        rows |= {(row["entityType"], row["name"]): row for row in self._entities.rows(SCHEMAS)}
        kind = keys[0] if keys else None
        found = [row for row in rows.values() if kind in (None, row["entityType"])]
        name = keys[1] if len(keys) > 1 else request.get("entity_name")
        if name is None:
            return found
        for row in found:
            if row["name"] == name:
                return row["schemaJson"]
        raise Refusal(404, f"The lexicon has no {kind} {name!r}.")

    def put_schema(self, request: Request, keys: tuple[str, ...]) -> Any:
        """POST or PATCH schemas/TYPE/NAME."""
        self._put(keys[0], keys[1], request.fields, merge=request.method == "PATCH")
        return {"entityType": keys[0], "name": keys[1]}

    def put_schemas(self, request: Request, keys: tuple[str, ...]) -> Any:
        """POST or PATCH schemas: several at once."""
        entries = request.fields.get("entries")
        if not isinstance(entries, list) or not all(_is_entry(entry) for entry in entries):
            wanted = "entries, a list of objects with entityType, name and schemaJson"
            raise Refusal(400, f"The body must hold {wanted}.")
        deleted = self._remove(()) if request.fields.get("truncate") else 0
        for entry in entries:
            merge = request.method == "PATCH"
            self._put(entry["entityType"], entry["name"], entry["schemaJson"], merge=merge)
        if request.method == "PATCH":
            return [
                {"entityType": entry["entityType"], "name": entry["name"], "status": "ok"}
                for entry in entries
            ]
        return {"added": len(entries), "deleted": deleted}

    def delete_schemas(self, request: Request, keys: tuple[str, ...]) -> Any:
        """DELETE schemas, of one type, or one."""
        count = self._remove(keys)
        return {"delete_count": count, "deleteCount": count}

    def _put(self, kind: str, name: str, schema: Row, *, merge: bool) -> None:
        key = f"{kind}/{name}"
        old = (self._entities.find(SCHEMAS, key) or {}).get("schemaJson", {}) if merge else {}
        row = {"entityType": kind, "name": name, "schemaJson": {**old, **schema}}
        self._entities.put(SCHEMAS, key, row, "updated")

    def _remove(self, keys: tuple[str, ...]) -> int:
        start = "/".join(keys)
        found = [f"{row['entityType']}/{row['name']}" for row in self._entities.rows(SCHEMAS)]
        chosen = [key for key in found if not start or key == start or key.startswith(start + "/")]
        return sum(self._entities.delete(SCHEMAS, key) for key in chosen)

    def _derived(self) -> list[Row]:
        """A schema for each event of the data."""
        graph = self.graph()
        types = {row["name"]: JSON_TYPES.get(row["type"], "string") for row in graph["properties"]}
        return [
            {
                "entityType": "event",
                "name": row["name"],
                "schemaJson": {
                    "description": "",
                    "properties": {
                        p["name"]: {"type": types.get(p["name"], "string")}
                        for p in row["properties"]
                    },
                },
            }
            for row in graph["per_event"]
        ]

    def _numbered(self, table: str) -> list[tuple[int, Row]]:
        return list(enumerate(self.graph()[table], 1))

    def graph(self) -> Any:
        """The events and properties that the data have."""
        with self._project.engine() as engine:
            return engine.call("schema_graph", {"include_user_properties": True})

    def _over(self, collection: str, row: Row) -> Row:
        said = self._entities.find(collection, str(row["name"])) or {}
        return {**row, **{key: value for key, value in said.items() if key != "id"}}

    def _change(self, collection: str, request: Request, plural: str) -> Any:
        sent = request.fields.get(plural)
        changes = sent if isinstance(sent, list) else [request.fields]
        changed = []
        for change in changes:
            name = change.get("name") if isinstance(change, dict) else None
            if not name:
                raise Refusal(400, "A definition is named by `name`.")
            row = {**(self._entities.find(collection, name) or {}), **change}
            changed.append(
                {"id": 0, **PLAIN, **self._entities.put(collection, name, row, "updated")}
            )
        return changed if isinstance(sent, list) else changed[0]


def _of_custom(row: Row) -> Row:
    """A custom event as a definition."""
    own = {"customEventId": row["id"], "status": "active"}
    moments = {"createdUtc": row["created"], "modifiedUtc": row["modified"]}
    return {**PLAIN, **row, **own, **moments}


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and {"entityType", "name", "schemaJson"} <= set(entry)


def _named(rows: list[Row], request: Request) -> list[Row]:
    names = request.query.get("name[]") or request.query.get("name")
    return [row for row in rows if not names or row["name"] in names]


def answers(lexicon: Lexicon) -> dict[tuple[str, str], Callable[..., Any]]:
    """Method and address below the scope → what answers."""
    return {
        ("GET", "data-definitions/events"): lexicon.events,
        ("PATCH", "data-definitions/events"): lexicon.change_events,
        ("GET", "data-definitions/properties"): lexicon.properties,
        ("PATCH", "data-definitions/properties"): lexicon.change_properties,
        ("GET", "schemas"): lexicon.schemas,
        ("GET", "schemas/{}"): lexicon.schemas,
        ("GET", "schemas/{}/{}"): lexicon.schemas,
        ("POST", "schemas"): lexicon.put_schemas,
        ("PATCH", "schemas"): lexicon.put_schemas,
        ("POST", "schemas/{}/{}"): lexicon.put_schema,
        ("PATCH", "schemas/{}/{}"): lexicon.put_schema,
        ("DELETE", "schemas"): lexicon.delete_schemas,
        ("DELETE", "schemas/{}"): lexicon.delete_schemas,
        ("DELETE", "schemas/{}/{}"): lexicon.delete_schemas,
    }
