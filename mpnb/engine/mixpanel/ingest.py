"""Sending events and profiles to Mixpanel in batches, packed, with an answer for every record.

Enters: records in the form of the ingestion API. Leaves: a `SendReport`. The surprise: a record
that Mixpanel refuses does not stop the others, and sending everything again does no harm: events
are told by ``$insert_id``, which is made from their content where it is missing.
"""

from __future__ import annotations

import gzip
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from mpnb.engine.mixpanel.call import Call, Reply
from mpnb.engine.mixpanel.event_form import MILLISECONDS_FROM, insert_id_of
from mpnb.engine.mixpanel.transport import Transport
from mpnb.errors import MixpanelHeadlessError, QueryError

BATCH = 2000
BATCH_BYTES = 9_000_000
"""Mixpanel takes ten million bytes, unpacked."""
KEPT = 1000

Record = dict[str, Any]
Numbered = tuple[int, bytes]
"""A record's place in what was given, and its JSON."""


@dataclass(frozen=True)
class RecordError:
    """A record that was refused.

    Attributes:
        index: its place in what was given, from 0.
        message: why.
        field: the part of it that is wrong, where that is said.
        insert_id: its ``$insert_id``, where it has one.
    """

    index: int
    message: str
    field: str = ""
    insert_id: str = ""

    def __str__(self) -> str:
        return f"record {self.index}: {self.field + ': ' if self.field else ''}{self.message}"


@dataclass
class SendReport:
    """What became of records that were sent.

    Attributes:
        records: how many were given.
        accepted: how many Mixpanel took.
        refused: how many it did not take, or were not sent because they cannot be right.
        errors: the first thousand of those.
        batches: requests that were needed.
    """

    records: int = 0
    accepted: int = 0
    refused: int = 0
    errors: list[RecordError] = field(default_factory=list)
    batches: int = 0

    def refuse(self, error: RecordError) -> None:
        """Count a record that was not taken."""
        self.refused += 1
        if len(self.errors) < KEPT:
            self.errors.append(error)

    def __str__(self) -> str:
        text = f"{self.accepted:,} of {self.records:,} records taken in {self.batches:,} batches"
        shown = [f"  {error}" for error in self.errors[:5]]
        more = self.refused - len(shown)
        return "\n".join([text, *shown, *([f"  and {more:,} more"] if more > 0 else [])])


@dataclass(frozen=True)
class Way:
    """Where records go and how: the path, its query, and what each needs."""

    path: str
    query: Mapping[str, Any]
    prepare: Callable[[Record], Record]


def importing(project_id: str) -> Way:
    """Events of any age, for an account (``/import``)."""
    return Way("/import", {"strict": "1", "project_id": project_id}, _event)


def tracking(token: str) -> Way:
    """Events of the last days, for a project's token (``/track``)."""

    def prepare(record: Record) -> Record:
        made = _event(record)
        made["properties"]["token"] = token
        return made

    return Way("/track", {"verbose": "1", "ip": "0"}, prepare)


def updating(token: str, *, groups: bool = False) -> Way:
    """Profiles of users or groups, for a project's token (``/engage``, ``/groups``)."""

    def prepare(record: Record) -> Record:
        own = "$group_id" if groups else "$distinct_id"
        if record.get(own) in (None, ""):
            raise ValueError(f"{own} is missing")
        made = {key: value for key, value in record.items() if key != "$properties"}
        if "$properties" in record:
            made["$set"] = {**record["$properties"], **record.get("$set", {})}
        return {**made, "$token": token}

    query = {"verbose": "1", "strict": "1", "ip": "0"}
    return Way("/groups" if groups else "/engage", query, prepare)


def send_all(
    transport: Transport, project_id: str, way: Way, records: Iterable[Record], size: int = BATCH
) -> SendReport:
    """Send records in batches of up to `size`.

    Raises:
        APIError: a whole batch was refused, or the server failed again and again; sending all
            again is safe.
    """
    report = SendReport()
    for batch in _batches(records, way, min(size, BATCH), report):
        try:
            _send(transport, project_id, way, batch, report)
        except MixpanelHeadlessError as problem:
            problem.add_note(
                f"{report.accepted:,} records of the batches before were taken. Sending all again "
                "does not double events."
            )
            raise
    return report


def _event(record: Record) -> Record:
    """An event as Mixpanel takes it.

    Raises:
        ValueError: it has no name or no time.
    """
    name, given = record.get("event"), record.get("properties")
    if not isinstance(name, str) or not name:
        raise ValueError("event is missing")
    if not isinstance(given, Mapping):
        raise ValueError("properties is not an object")
    properties = {str(key): value for key, value in given.items()}
    time = properties.get("time")
    if isinstance(time, bool) or not isinstance(time, (int, float)):
        raise ValueError("properties.time is not a number (seconds or milliseconds since 1970)")
    if not math.isfinite(time):
        raise ValueError("properties.time is not a finite number")
    whole = float(time).is_integer() or time >= MILLISECONDS_FROM
    properties["time"] = int(time) if whole else round(time * 1000)
    properties.setdefault("distinct_id", "")
    if properties.get("$insert_id") in (None, ""):
        properties["$insert_id"] = insert_id_of(name, properties)
    return {"event": name, "properties": properties}


def _batches(
    records: Iterable[Record], way: Way, size: int, report: SendReport
) -> Iterator[list[Numbered]]:
    batch: list[Numbered] = []
    weight = 0
    for index, record in enumerate(records):
        report.records += 1
        try:
            text = orjson.dumps(way.prepare(record), option=orjson.OPT_NON_STR_KEYS)
        except (ValueError, TypeError, AttributeError) as problem:
            report.refuse(RecordError(index, str(problem)))
            continue
        if batch and (len(batch) == size or weight + len(text) > BATCH_BYTES):
            yield batch
            batch, weight = [], 0
        batch.append((index, text))
        weight += len(text) + 1
    if batch:
        yield batch


def _send(
    transport: Transport, project_id: str, way: Way, batch: list[Numbered], report: SendReport
) -> None:
    body = gzip.compress(b"[" + b",".join(text for _, text in batch) + b"]", 6, mtime=0)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    call = Call("POST", "ingestion", way.path, way.query, body, headers=headers, mutates=True)
    reply = transport.reply(call)
    report.batches += 1
    if reply.status_code == 413 and len(batch) > 1:
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            _send(transport, project_id, way, half, report)
        return
    answer = transport.clean(_answer(reply))
    failed = answer.get("failed_records")
    if reply.status_code >= 300 and not (reply.status_code == 400 and isinstance(failed, list)):
        raise transport.refusal(call, reply)
    if failed is None and (answer.get("error") or answer.get("status") in (0, "error")):
        said = answer.get("error") or answer.get("message") or "no reason given"
        raise QueryError(f"Mixpanel refused a batch: {said}", status_code=reply.status_code)
    if reply.status_code < 300 and not _taken(answer):
        raise transport.unread(call, reply)
    refused = [_error(batch, row) for row in failed or ()]
    for error in refused:
        report.refuse(error)
    report.accepted += len(batch) - len(refused)


def _taken(answer: Mapping[str, Any]) -> bool:
    """Whether an answer says that a batch was taken; a proxy's page does not."""
    said = answer.get("status")
    good = said == 1 or str(said).casefold() == "ok" or answer.get("code") == 200
    return good or "num_records_imported" in answer


def _answer(reply: Reply) -> Mapping[str, Any]:
    """What was answered; some endpoints answer with ``1`` or ``0`` alone."""
    try:
        answer = reply.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, Mapping) else {"status": answer}


def _error(batch: list[Numbered], row: Mapping[str, Any]) -> RecordError:
    place = row.get("index")
    known = isinstance(place, int) and 0 <= place < len(batch)
    index = batch[place][0] if known and isinstance(place, int) else -1
    said = str(row.get("message") or "refused without a reason")
    return RecordError(index, said, str(row.get("field") or ""), str(row.get("insert_id") or ""))
