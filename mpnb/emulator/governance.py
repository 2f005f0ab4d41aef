"""What the data look like beside what was said about them: audits, anomalies, exports, previews.

Enters: a request. Leaves: rows, computed from the events at each question. The surprise: how
Mixpanel finds anomalies is not published, so the emulator has a rule of its own: a day is one when
it lies more than three standard deviations from the mean of the fourteen days before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from mpnb.emulator.entities import Entities, Row
from mpnb.emulator.lexicon import CUSTOM, EVENTS, SCHEMAS, Lexicon
from mpnb.emulator.messages import Refusal, Request
from mpnb.emulator.project import Project
from mpnb.engine.duckdb.exporting import chosen
from mpnb.engine.duckdb.store import Store
from mpnb.query import formula
from mpnb.query.expression import FormulaError

Keys = tuple[str, ...]
BEFORE, DEVIATIONS, FEWEST = 14, 3.0, 10
"""Days that a day is measured by, how far from them it must be, and events that it must differ."""
ANOMALIES = "data-definitions/data-volume-anomalies"
EPOCH = date(1970, 1, 1)
EXPORTS = ("All Events and Properties", "All User Profile Properties")
RESERVED = ("$", "mp_")
"""Beginnings of the names that libraries set by themselves; audits do not ask for them."""
LIBRARY, VERSION = "mp_lib", "$lib_version"


class Governance:
    """Answers the addresses that look into the data."""

    def __init__(self, project: Project, entities: Entities, lexicon: Lexicon) -> None:
        self._project, self._entities, self._lexicon = project, entities, lexicon

    def answers(self) -> dict[tuple[str, str], Callable[[Request, Keys], Any]]:
        """Method and address below the scope → what answers."""
        base = "data-definitions"
        return {
            ("GET", f"{base}/audit"): self._audit,
            ("GET", f"{base}/audit-events-only"): self._audit,
            ("GET", ANOMALIES): self._anomalies,
            ("PATCH", ANOMALIES): self._settle,
            ("PATCH", f"{ANOMALIES}/bulk"): self._settle_many,
            ("GET", f"{base}/export"): self._export,
            ("GET", f"{base}/events/tracking-metadata"): self._sources,
            ("DELETE", f"{base}/events"): self._forget,
            ("GET", f"{base}/properties/{{}}/history"): self._history,
            ("POST", f"{base}/events/deletion-requests/preview-filters"): self._preview,
            ("POST", "custom_properties/validate"): self._validate,
        }

    def _audit(self, request: Request, keys: Keys) -> list[Any]:
        """What the data have that the schemas of this project do not."""
        rows = self._entities.rows(SCHEMAS)
        known = {row["name"]: row["schemaJson"] for row in rows if row["entityType"] == "event"}
        found = list(_unexpected(self._project.store(), known))
        if not request.path.rstrip("/").endswith("events-only"):
            found += self._unexpected_properties(known)
        return [found, {"computed_at": self._project.now().isoformat()}]

    def _unexpected_properties(self, known: dict[str, Any]) -> Iterator[Row]:
        graph = self._lexicon.graph()
        for row in graph["per_event"]:
            expected = known.get(row["name"], {}).get("properties")
            if expected is None:
                continue
            for prop in row["properties"]:
                if prop["name"] not in expected and not prop["name"].startswith(RESERVED):
                    count = self._carrying(row["name"], prop["name"])
                    yield _violation("Unexpected Property", prop["name"], count, row["name"])

    def _carrying(self, event: str, name: str) -> int:
        """Events that have a property."""
        store = self._project.store()
        column = store.column(name)
        if column is None:
            return 0
        of_event = store.event == store.events.index(event)
        defined = ~np.isnan(column.numbers) if column.kind == "number" else column.codes != 0
        return int(np.count_nonzero(of_event & defined))

    def _anomalies(self, request: Request, keys: Keys) -> dict[str, Any]:
        """The anomalies that are computed, with the status that was given to them."""
        status, limit = request.get("status"), request.number("limit")
        found = [self._with_status(row) for row in self.computed()]
        rows = [row for row in found if status in (None, row["status"])]
        return {"anomalies": rows[:limit]}

    def computed(self) -> Iterator[Row]:
        """Days of events, the latest first."""
        store = self._project.store()
        rows = [row for row in _volumes(store) if abs(row["actual"] - row["mean"]) >= FEWEST]
        for row in sorted(rows, key=lambda row: (-row["day"], row["name"])):
            band = DEVIATIONS * row["deviation"]
            low, high = max(0.0, row["mean"] - band), row["mean"] + band
            if not low <= row["actual"] <= high:
                yield {
                    "id": row["day"] * 1000 + row["event"],
                    "timestamp": (EPOCH + timedelta(days=row["day"])).isoformat(),
                    "actualCount": row["actual"],
                    "predictedUpper": int(np.ceil(high)),
                    "predictedLower": int(np.floor(low)),
                    "percentVariance": f"{_variance(row['actual'], low, high):.1f}%",
                    "project": self._project.identity.project_id,
                    "event": row["event"],
                    "eventName": row["name"],
                    "anomalyClass": "Event",
                }

    def _with_status(self, row: Row) -> Row:
        said = self._entities.value(f"anomaly/{row['id']}", "open")
        return {**row, "status": said}

    def _settle(self, request: Request, keys: Keys) -> Row:
        self._set_status([request.need("id")], str(request.need("status")))
        return {"id": request.need("id")}

    def _settle_many(self, request: Request, keys: Keys) -> dict[str, int]:
        sent = request.fields.get("anomalies")
        if not isinstance(sent, list) or not all(isinstance(r, dict) and "id" in r for r in sent):
            raise Refusal(400, "The body must hold a list anomalies, each with its id.")
        self._set_status([row["id"] for row in sent], str(request.need("status")))
        return {"updated": len(sent)}

    def _set_status(self, numbers: list[Any], status: str) -> None:
        known = {row["id"] for row in self.computed()}
        for number in numbers:
            if number not in known:
                raise Refusal(404, f"There is no anomaly {number} in this project.")
        for number in numbers:
            self._entities.set_value(f"anomaly/{number}", status)

    def _export(self, request: Request, keys: Keys) -> dict[str, Any]:
        """The lexicon as it is, the parts that are asked for."""
        wanted = request.parsed("export_type", list(EXPORTS))
        wanted = wanted if isinstance(wanted, list) else [wanted]
        unknown = sorted(set(map(str, wanted)) - set(EXPORTS))
        if unknown:
            raise Refusal(400, f"export_type is one of {', '.join(EXPORTS)}, not {unknown[0]!r}.")
        found: dict[str, Any] = {}
        if EXPORTS[0] in wanted:
            found["events"] = self._lexicon.defined("events")
            found["eventProperties"] = self._lexicon.defined("Event")
        if EXPORTS[1] in wanted:
            found["userProperties"] = self._lexicon.defined("User")
        return found

    def _sources(self, request: Request, keys: Keys) -> dict[str, Any]:
        """The libraries that sent an event, by their own word."""
        name, store = str(request.need("event_name")), self._project.store()
        if name not in store.events:
            raise Refusal(404, f"There is no event {name!r}.")
        rows = np.flatnonzero(store.event == store.events.index(name))
        found: dict[tuple[Any, Any], int] = {}
        parts = [_texts(store, column, rows) for column in (LIBRARY, VERSION)]
        for pair in zip(*parts, strict=True):
            found[pair] = found.get(pair, 0) + 1
        sources = [
            {"source": library, "version": version, "count": count}
            for (library, version), count in sorted(found.items(), key=str)
        ]
        return {"event_name": name, "sources": sources}

    def _forget(self, request: Request, keys: Keys) -> dict[str, Any]:
        """What was said about an event is forgotten, its events stay; a custom one is gone."""
        if request.fields.get("customEventId") is not None:
            self._entities.delete(CUSTOM, str(self._lexicon.custom(request)["id"]))
            return {}
        name = str(request.need("name"))
        said = self._entities.delete(EVENTS, name)
        if not said and name not in self._project.store().events:
            raise Refusal(404, f"The lexicon has no event {name!r}.")
        return {}

    def _history(self, request: Request, keys: Keys) -> list[Any]:
        kind = str(request.get("entity_type", "event")).capitalize()
        return self._entities.history(f"data-definitions/properties/{kind}", keys[0])

    def _preview(self, request: Request, keys: Keys) -> list[Row]:
        """What a deletion request would take away; filters are kept as they were sent."""
        name = str(request.need("eventName"))
        first, last = _day(request, "fromDate"), _day(request, "toDate")
        with self._project.engine() as engine:
            known = [name] if name in engine.store.events else []
            count = len(chosen(engine.store, first, last, known, None)) if known else 0
        said = {"eventName": name, "fromDate": first.isoformat(), "toDate": last.isoformat()}
        return [{**said, "filters": request.fields.get("filters"), "eventCount": count}]

    def _validate(self, request: Request, keys: Keys) -> dict[str, Any]:
        """Whether a formula can be read, and uses the properties that it is given."""
        sent = request.fields
        composed = sent.get("composedProperties") or {}
        try:
            formula.parse(str(request.need("displayFormula")), composed)
        except FormulaError as problem:
            return {"valid": False, "error": problem.reason}
        return {"valid": True}


def _violation(what: str, name: str, count: int, event: str | None) -> Row:
    nothing = dict.fromkeys(("platform", "version", "propertyTypeError"))
    return {
        "violation": what,
        "name": name,
        "count": count,
        "event": event,
        "sensitive": False,
        **nothing,
    }


def _unexpected(store: Store, known: dict[str, Any]) -> Iterator[Row]:
    counts = np.bincount(store.event, minlength=len(store.events))
    for name, count in sorted(zip(store.events, counts.tolist(), strict=True)):
        if count and name not in known:
            yield _violation("Unexpected Event", name, count, None)


def _volumes(store: Store) -> Iterator[dict[str, Any]]:
    """Each day of each event that has fourteen days before it, with what they say."""
    if not store.n_rows:
        return
    first, last = int(store.day.min()), int(store.day.max())
    days = last - first + 1
    cells = store.event.astype(np.int64) * days + (store.day - first)
    counts = np.bincount(cells, minlength=len(store.events) * days).reshape(-1, days)
    for code, name in enumerate(store.events):
        for place in range(BEFORE, days):
            before = counts[code, place - BEFORE : place]
            yield {
                "event": code,
                "name": name,
                "day": first + place,
                "actual": int(counts[code, place]),
                "mean": float(before.mean()),
                "deviation": float(before.std()),
            }


def _variance(actual: int, low: float, high: float) -> float:
    """How far beyond the band, in percent of the side that it is beyond."""
    side = high if actual > high else low
    return (actual - side) / side * 100 if side else 100.0


def _texts(store: Store, name: str, rows: Any) -> list[Any]:
    column = store.column(name)
    if column is None:
        return [None] * len(rows)
    if column.kind == "number":
        return [None if np.isnan(n) else n for n in column.numbers[rows].tolist()]
    return [column.values[code] for code in column.codes[rows].tolist()]


def _day(request: Request, name: str) -> date:
    text = str(request.need(name))
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise Refusal(400, f"{name} is {text!r}; a date is written like 2025-01-31.") from None
