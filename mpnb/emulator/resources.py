"""What can be done with the rows of a collection: the behaviours that addresses share.

Enters: a collection, and the end of an address (``""``, ``"{}"``, ``"{}/archive"``, …). Leaves: a
function of the request that reads or changes the entity store. The surprise: an end that is not
in the table has no behaviour here, and its address says so with status 501.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mpnb.emulator import metrics
from mpnb.emulator.collection import COLLECTIONS, Collection
from mpnb.emulator.entities import Entities, Row
from mpnb.emulator.messages import Refusal, Request
from mpnb.emulator.project import Identity


@dataclass(frozen=True)
class Place:
    """Where a request goes: the store, the collection, and the names in its address."""

    entities: Entities
    identity: Identity
    collection: Collection
    keys: tuple[str, ...]

    def row(self, key: str | None = None) -> Row:
        """The row that the address names.

        Raises:
            Refusal: status 404, there is none.
        """
        wanted = self.keys[0] if key is None else key
        found = self.entities.find(self.collection.path, wanted)
        if found is None:
            raise Refusal(404, f"There is no {self.collection.path} {wanted} in this project.")
        return found

    def keep(self, row: Row, what: str) -> Row:
        """Store a row under its own key."""
        key = str(row[self.collection.key])
        return self.entities.put(self.collection.path, key, row, what)

    def shown(self, rows: list[Row]) -> Any:
        """Rows as this collection shows them."""
        if self.collection.mapped:
            return {str(row[self.collection.key]): row for row in rows}
        return rows


Behaviour = Callable[[Place, Request], Any]


def collection_of(path: str) -> tuple[Collection, str] | None:
    """The collection that an address is in, and the rest of the address."""
    for found in sorted(COLLECTIONS, key=lambda each: -len(each.path)):
        if path == found.path or path.startswith(found.path + "/"):
            return found, path[len(found.path) + 1 :]
    return None


def behaviour_of(collection: Collection, method: str, rest: str) -> Behaviour | None:
    """What an address does; None when the emulator does not know."""
    table = BY_BODY if collection.by_body else BY_PATH
    return table.get((method, rest))


def _list(place: Place, request: Request) -> Any:
    rows = place.entities.rows(place.collection.path)
    wanted = request.get("ids")
    if wanted:
        chosen = set(str(wanted).split(","))
        rows = [row for row in rows if str(row[place.collection.key]) in chosen]
    kind = request.get("type")
    if kind and place.collection.path == "bookmarks":
        rows = [row for row in rows if row.get("type") == kind]
    if str(request.get("include_archived", "")).lower() != "true":
        rows = [row for row in rows if not row.get("archived")]
    return place.shown(rows)


def _create(place: Place, request: Request) -> Any:
    sent = dict(request.fields)
    if place.collection.path == "data-definitions/tags" and sent.get("delete"):
        return _delete_tag(place, str(sent.get("name")))
    made = _keep_new(place, sent)
    if place.collection.by_body:
        return place.entities.rows(place.collection.path)
    return place.shown([made]) if place.collection.mapped else made


def _keep_new(place: Place, sent: Mapping[str, Any]) -> Row:
    chosen, entities = place.collection, place.entities
    named = {chosen.names.get(name, name): value for name, value in sent.items()}
    row = {"project_id": place.identity.project_id, **chosen.defaults, **named}
    if chosen.path == "metrics":
        metrics.check(row)
    if chosen.key not in named:
        row[chosen.key] = entities.new_uuid() if chosen.uuid else entities.new_id()
    if chosen.path == "annotations":
        row["tags"] = [_tag(entities, tag) for tag in row["tags"]]
    if chosen.path == "alerts/custom":
        row["bookmark"] = entities.find("bookmarks", str(row.get("bookmark_id")))
    return place.keep(row, "created")


def _tag(entities: Entities, tag: Any) -> Any:
    found = entities.find("annotations/tags", str(tag))
    return {"id": found["id"], "name": found["name"]} if found else tag


def _delete_tag(place: Place, name: str) -> Any:
    for row in place.entities.rows(place.collection.path):
        if row.get("name") == name:
            place.entities.delete(place.collection.path, str(row["id"]))
    return {}


def _get(place: Place, request: Request) -> Any:
    row = place.row()
    return place.shown([row]) if place.collection.mapped else row


def _update(place: Place, request: Request) -> Any:
    row = place.row()
    sent = dict(request.fields)
    content = sent.pop("content", None) if place.collection.path == "dashboards" else None
    row.update({name: value for name, value in sent.items() if name != "v"})
    if place.collection.path == "metrics":
        metrics.check(row)
    if place.collection.path == "annotations":
        row["tags"] = [_tag(place.entities, tag) for tag in row["tags"]]
    if isinstance(content, dict):
        row["contents"] = _contents(place.entities, row, content)
    kept = place.keep(row, "updated")
    return place.shown([kept]) if place.collection.mapped else kept


def _contents(entities: Entities, row: Row, change: Mapping[str, Any]) -> list[Any]:
    """What stands on a dashboard after a card was added or taken away."""
    contents: list[Any] = list(row.get("contents") or [])
    kind = change.get("content_type")
    if change.get("action") == "delete":
        gone = change.get("content_id")
        return [card for card in contents if (card["type"], card["id"]) != (kind, gone)]
    params = change.get("content_params") or {}
    source = params.get("source_bookmark_id")
    if kind == "report" and source is not None:
        report = entities.find("bookmarks", str(source))
        if report is None:
            raise Refusal(404, f"There is no bookmarks {source} in this project.")
        if report.get("dashboard_id") is None:
            report["dashboard_id"] = row["id"]
            entities.put("bookmarks", str(source), report, "updated")
        return [*contents, {"type": kind, "id": source}]
    return [*contents, {"type": kind, "id": entities.new_id(), **params}]


def _delete(place: Place, request: Request) -> Any:
    row = place.row()
    place.entities.delete(place.collection.path, place.keys[0])
    return {place.collection.key: row[place.collection.key]}


def _bulk_delete(place: Place, request: Request) -> Any:
    keys = request.fields.get(place.collection.ids)
    if not isinstance(keys, list):
        raise Refusal(400, f"The body must hold a list {place.collection.ids}.")
    for key in keys:
        place.row(str(key))
    for key in keys:
        place.entities.delete(place.collection.path, str(key))
    return {}


def _many(place: Place, request: Request) -> list[Row]:
    """The rows that a bulk change names, each with its id."""
    sent = request.fields.get(place.collection.plural)
    good = isinstance(sent, list) and all(isinstance(row, dict) and "id" in row for row in sent)
    if not good:
        wanted = place.collection.plural
        raise Refusal(400, f"The body must hold a list {wanted}, each with its id.")
    return list(sent or [])


def _bulk_update(place: Place, request: Request) -> Any:
    changes = [(place.row(str(change["id"])), change) for change in _many(place, request)]
    return place.shown([place.keep({**row, **change}, "updated") for row, change in changes])


def _bulk_remove(place: Place, request: Request) -> Any:
    keys = [str(row["id"]) for row in _many(place, request)]
    for key in keys:
        place.row(key)
    for key in keys:
        place.entities.delete(place.collection.path, key)
    return {}


def _history(place: Place, request: Request) -> Any:
    place.row()
    entries = place.entities.history(place.collection.path, place.keys[0])
    if place.collection.path == "feature-flags":
        listed = [[entry["created"], entry["action"]] for entry in entries]
        return {"events": listed, "count": len(listed)}
    paging = {"next_cursor": None, "previous_cursor": None, "page_size": len(entries)}
    return {"results": entries, "pagination": paging}


def _duplicate(place: Place, request: Request) -> Any:
    row = place.row()
    name = request.fields.get("name") or f"{row.get('name', '')} copy"
    left = (place.collection.key, "created", "modified")
    copied = {key: value for key, value in row.items() if key not in left}
    copied.update(request.fields, name=name)
    if "key" in row:
        copied["key"] = f"{row['key']}_copy"
    return _keep_new(place, copied)


def _with(what: str, **changes: Any) -> Behaviour:
    """A behaviour that gives a row some values, and some of the body."""

    def change(place: Place, request: Request) -> Any:
        sent = request.fields if request.method in ("PUT", "PATCH") else {}
        return place.keep({**place.row(), **changes, **sent}, what)

    return change


def _decide(place: Place, request: Request) -> Any:
    """An experiment ends as a success or as a failure."""
    sent = dict(request.fields)
    status = "success" if sent.get("success") else "fail"
    return place.keep({**place.row(), **sent, "status": status}, "decided")


def _body_update(place: Place, request: Request) -> Any:
    row = place.row(str(request.need(place.collection.key)))
    names = place.collection.names
    row.update({names.get(name, name): value for name, value in request.fields.items()})
    place.keep(row, "updated")
    return place.entities.rows(place.collection.path)


def _body_delete(place: Place, request: Request) -> Any:
    key = str(request.need(place.collection.key))
    place.row(key)
    place.entities.delete(place.collection.path, key)
    return place.entities.rows(place.collection.path)


BY_PATH: dict[tuple[str, str], Behaviour] = {
    ("GET", ""): _list,
    ("POST", ""): _create,
    ("PATCH", ""): _bulk_update,
    ("DELETE", ""): _bulk_remove,
    ("GET", "{}"): _get,
    ("PATCH", "{}"): _update,
    ("PUT", "{}"): _update,
    ("DELETE", "{}"): _delete,
    ("POST", "bulk-delete"): _bulk_delete,
    ("POST", "bulk-update"): _bulk_update,
    ("GET", "{}/history"): _history,
    ("POST", "{}/duplicate"): _duplicate,
    ("POST", "{}/archive"): _with("archived", archived=True),
    ("DELETE", "{}/archive"): _with("restored", archived=False),
    ("POST", "{}/favorites"): _with("updated", is_favorited=True),
    ("DELETE", "{}/favorites"): _with("updated", is_favorited=False),
    ("POST", "{}/pin"): _with("updated", is_pinned=True),
    ("DELETE", "{}/pin"): _with("updated", is_pinned=False),
    ("PUT", "{}/launch"): _with("launched", status="active"),
    ("PUT", "{}/force_conclude"): _with("concluded", status="concluded"),
    ("PATCH", "{}/decide"): _decide,
    ("PUT", "{}/test-users"): _with("updated"),
}
"""Method and the end of an address → behaviour; ``{}`` is the key of a row."""

BY_BODY: dict[tuple[str, str], Behaviour] = {
    ("GET", ""): _list,
    ("POST", ""): _create,
    ("PATCH", ""): _body_update,
    ("DELETE", ""): _body_delete,
}
"""The same for collections whose rows are named in the body."""
