"""Ingestion: events and profile changes come in, with an answer about each record.

Enters: ``/import``, ``/track``, ``/engage`` and ``/groups``. Leaves: what was taken, and why the
rest was not. The surprise: ``/import`` in strict mode takes the good records of a batch and answers
400 for the others, so an error does not mean that nothing was stored.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from typing import Any

from mpnb.emulator.messages import Answer, Refusal, Request, as_json
from mpnb.emulator.project import Event, Project
from mpnb.emulator.updates import OPERATIONS, Change

MOST_RECORDS = 2000
"""Records of one batch, of events and of profile changes."""
MOST_BYTES = 10 * 2**20
"""Bytes of one batch of events, unpacked."""
LONGEST_INSERT_ID = 36
MILLISECONDS_FROM = 10**11
LAST_SECOND = 253_402_300_799
"""The end of the year 9999."""

Bad = dict[str, Any]
Sender = Callable[[str], bool]
"""Whether a token is the project's."""


def import_events(project: Project, request: Request) -> Answer:
    """POST /import: events with a time and an id of their own."""
    if len(request.content) > MOST_BYTES:
        raise Refusal(413, f"request exceeds max limit of {MOST_BYTES} bytes", code=413)
    records = _records(request)
    if len(records) > MOST_RECORDS:
        raise Refusal(413, f"A batch has at most {MOST_RECORDS:,} events.", code=413)
    older = _is_form(request)
    strict = request.said("strict", "0" if older else "1") != "0"
    latest = project.latest() if strict else None
    good: list[Event] = []
    bad: list[Bad] = []
    for index, record in enumerate(records):
        problem = _problem(record, latest, strict)
        if problem is None:
            good.append((record["event"], _stamped(record["properties"])))
        else:
            bad.append({"index": index, "insert_id": _insert_id(record), **problem})
    project.add_events(good)
    if older:
        return _said(request, str(bad[0]["message"]) if bad else None)
    counted = {"num_records_imported": len(good)}
    if bad and strict:
        said = "some data points in the request failed validation"
        return as_json(
            {"code": 400, "error": said, "failed_records": bad, **counted, "status": "Bad Request"},
            400,
        )
    return as_json({"code": 200, **counted, "status": "OK"})


def _records(request: Request) -> list[Any]:
    """The records of a body: a JSON list, JSON lines, or text in a form (``data=``)."""
    if _is_form(request):
        return _of_form(str(request.fields.get("data", "")))
    text = request.content.strip()
    if text.startswith(b"{") and b"\n" in text:
        try:
            return [json.loads(line) for line in text.split(b"\n") if line.strip()]
        except ValueError as problem:
            raise Refusal(400, f"A line of the body is no JSON: {problem}.", code=400) from None
    body = request.body
    if not body:
        raise Refusal(400, "The body holds no records.", code=400)
    return body if isinstance(body, list) else [body]


def _is_form(request: Request) -> bool:
    """Whether the records come as clients sent them before there was a JSON body."""
    return "form" in request.headers.get("content-type", "")


def _of_form(data: str) -> list[Any]:
    for text in (data, _decoded(data)):
        try:
            found = json.loads(text)
        except ValueError:
            continue
        return found if isinstance(found, list) else [found]
    raise Refusal(400, "data is neither JSON nor JSON in base64.", code=400)


def _decoded(data: str) -> str:
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4)).decode("utf-8")
    except ValueError:
        return ""


def _insert_id(record: Any) -> str:
    properties = record.get("properties") if isinstance(record, dict) else None
    found = properties.get("$insert_id") if isinstance(properties, dict) else None
    return "" if found is None else str(found)


def _problem(record: Any, latest: float | None, strict: bool) -> Bad | None:
    """What is wrong with an event, and with which of its fields."""
    if not isinstance(record, dict):
        return _bad("", "must be an object")
    if not isinstance(record.get("event"), str) or not record["event"]:
        return _bad("event", "must not be missing or blank")
    properties = record.get("properties")
    if not isinstance(properties, dict):
        return _bad("properties", "must be an object")
    return _time_problem(properties.get("time"), latest) or (
        _id_problem(properties) if strict else None
    )


def _bad(field: str, message: str) -> Bad:
    return {"field": field, "message": f"'{field}' is invalid: {message}"}


def _time_problem(time: Any, latest: float | None) -> Bad | None:
    number = isinstance(time, int | float) and not isinstance(time, bool) and math.isfinite(time)
    if not number or not 0 < _seconds(time) <= LAST_SECOND:
        return _bad("properties.time", "must be specified as seconds or milliseconds since epoch")
    if latest is not None and _seconds(time) > latest:
        return _bad("properties.time", "must not be in the future")
    return None


def _id_problem(properties: dict[str, Any]) -> Bad | None:
    insert_id = properties.get("$insert_id")
    if insert_id is None or insert_id == "":
        return _bad("properties.$insert_id", "must not be missing")
    if len(str(insert_id).encode()) > LONGEST_INSERT_ID:
        return _bad("properties.$insert_id", f"must have at most {LONGEST_INSERT_ID} bytes")
    return None


def _seconds(time: float) -> float:
    return time / 1000 if time >= MILLISECONDS_FROM else time


def _stamped(properties: dict[str, Any]) -> dict[str, Any]:
    """The properties as they are stored: time in seconds, without the token."""
    kept = {name: value for name, value in properties.items() if name != "token"}
    return {**kept, "time": _seconds(kept["time"])}


def track(project: Project, request: Request, ours: Sender) -> Answer:
    """POST /track: events that prove themselves by the project's token."""
    records = _records(request)
    if len(records) > MOST_RECORDS:
        return _said(request, f"A batch has at most {MOST_RECORDS:,} events.")
    now = project.now().timestamp()
    good: list[Event] = []
    for record in records:
        properties = record.get("properties") if isinstance(record, dict) else None
        if not isinstance(properties, dict) or not ours(str(properties.get("token", ""))):
            return _said(request, "token, missing or empty, or not the project's", 401)
        timed = {**record, "properties": {"time": now, **properties}}
        problem = _problem(timed, None, strict=False)
        if problem is not None:
            return _said(request, str(problem["message"]))
        good.append((timed["event"], _stamped(timed["properties"])))
    project.add_events(good)
    return _said(request)


def engage(project: Project, request: Request, ours: Sender, groups: bool = False) -> Answer:
    """POST /engage and /groups: changes of profiles."""
    records = _records(request)
    if len(records) > MOST_RECORDS:
        return _said(request, f"A batch has at most {MOST_RECORDS:,} changes.")
    changes: list[Change] = []
    bad: list[Bad] = []
    for index, record in enumerate(records):
        if not isinstance(record, dict) or not ours(str(record.get("$token", ""))):
            return _said(request, "$token, missing or empty, or not the project's", 401)
        problem = _change_problem(record, groups)
        if problem is None:
            changes += _changes(record, groups)
        else:
            bad.append({"index": index, **problem})
    project.change_profiles(changes)
    if bad and request.said("strict") == "1":
        said = "some data points in the request failed validation"
        return as_json(
            {"code": 400, "status": "Bad Request", "error": said, "failed_records": bad}, 400
        )
    return _said(request, str(bad[0]["message"]) if bad and not changes else None)


def _owner(record: dict[str, Any], groups: bool) -> tuple[Any, Any]:
    return record.get("$group_id" if groups else "$distinct_id"), record.get("$group_key")


def _change_problem(record: dict[str, Any], groups: bool) -> Bad | None:
    owner, key = _owner(record, groups)
    if owner is None or owner == "" or (groups and not key):
        return _bad("$group_id" if groups else "$distinct_id", "must not be missing or blank")
    named = [name for name in record if name in OPERATIONS or name == "$delete"]
    if not named:
        known = ", ".join([*OPERATIONS, "$delete"])
        return _bad("operation", f"must be one of {known}")
    for name in named:
        wanted: type = list if name == "$unset" else dict
        if name != "$delete" and not isinstance(record[name], wanted):
            return _bad(name, f"must be {'a list' if wanted is list else 'an object'}")
        values = record[name].values() if name == "$add" else ()
        if any(isinstance(v, bool) or not isinstance(v, int | float) for v in values):
            return _bad(name, "must add numbers")
    return None


def _changes(record: dict[str, Any], groups: bool) -> list[Change]:
    owner, key = _owner(record, groups)
    return [
        Change(str(owner), str(key) if groups else None, name, argument)
        for name, argument in record.items()
        if name in OPERATIONS or name == "$delete"
    ]


def _said(request: Request, problem: str | None = None, status: int | None = None) -> Answer:
    """The answer of the older endpoints: 1 or 0, with words when `verbose` asks for them."""
    code = status or (200 if problem is None else 400)
    taken = 0 if problem else 1
    verbose = request.get("verbose") if _is_form(request) else request.said("verbose")
    if str(verbose) == "1" or code == 401:
        return as_json({"status": taken, "error": problem}, code)
    return as_json(taken, code)
