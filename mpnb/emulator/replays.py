"""Recorded sessions: what recorders send, signed addresses, and the files behind them.

Enters: ``POST /record`` as Mixpanel's JavaScript library sends it, and requests to sign. Leaves:
files of recorded events, one for each batch. The surprise: an address is signed whether or not
there is a recording, as a store of files does; only the file says that it is missing.

Source of the recorder's request: https://github.com/mixpanel/mixpanel-js, ``src/recorder``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson

from mpnb.emulator.messages import Answer, Refusal, Request, as_json
from mpnb.emulator.project import Project
from mpnb.result.replay_action import RETENTION_DAYS

RECORD, FILES = "/record", "/replay-files/"
ENVIRONMENTS = ("prod", "dev")
TTL_S = 300
USUAL_DAYS = 30
MOST_BATCH = 64 * 2**20
"""Bytes of a batch, unpacked."""
RECORDED, REPLAY, KEPT = "$mp_session_record", "$mp_replay_id", "$mp_replay_retention_period"
Batches = dict[int, bytes]


class Replays:
    """Takes recordings and hands them out; they are kept for the emulator's life."""

    def __init__(self, project: Project, clock: Callable[[], float] = time.time) -> None:
        self._project, self._clock = project, clock
        self._key = secrets.token_bytes(32)
        self._files: dict[tuple[str, str, int], Batches] = {}
        """Environment, session and days of keeping → its batches."""
        self._lock = threading.Lock()

    def record(self, request: Request) -> Answer:
        """POST /record: a batch of a session; the first one makes the session known to queries."""
        session, seq = str(request.said("replay_id")), request.said("seq", "0")
        if not session or not seq.isdigit():
            raise Refusal(400, "A batch has a replay_id and a seq.")
        events = _events(request)
        place = (_env(request.said("replay_env") or "prod"), session, _days(request))
        with self._lock:
            batches = self._files.setdefault(place, {})
            first = not batches
            batches[int(seq)] = orjson.dumps(events)
        if first:
            self._announce(request, events, place[2])
        return as_json({"code": 200, "status": "OK"})

    def sign(self, request: Request, keys: tuple[str, ...]) -> list[dict[str, str]]:
        """POST replays/sign/bulk."""
        asked = request.fields.get("replays")
        if not isinstance(asked, list) or not all(_is_wish(one) for one in asked):
            raise Refusal(400, "The body must hold a list replays, each with its replay_id.")
        host = f"http://{request.headers.get('host', '127.0.0.1')}"
        ends = int(self._clock()) + TTL_S
        signed = []
        for one in asked:
            folder = f"{_env(one.get('replay_env') or 'prod')}/{quote(one['replay_id'], safe='')}/"
            said = f"expires={ends}&signature={self._signature(folder, ends)}"
            row = {"replay_id": one["replay_id"], "url": f"{host}{FILES}{folder}"}
            signed.append({**row, "query_string": said})
        return signed

    def file(self, request: Request) -> Answer:
        """GET a file: the signature is the permission, and holds for the session's folder."""
        folder, _, name = request.raw.removeprefix(FILES).rpartition("/")
        ends = request.said("expires")
        right = ends.isdigit() and hmac.compare_digest(
            self._signature(folder + "/", int(ends)).encode(), request.said("signature").encode()
        )
        if not right or self._clock() > int(ends):
            raise Refusal(403, "This address was not signed, or no longer holds.")
        number, _, days = name.removesuffix(".json").partition("-")
        env, _, session = request.path.removeprefix(FILES).rpartition("/")[0].partition("/")
        with self._lock:
            place = (env, session, int(days) if days.isdigit() else 0)
            batches = sorted(self._files.get(place, {}).items())
        if not number.isdigit() or int(number) >= len(batches):
            raise Refusal(404, f"There is no file {name} of session {session}.")
        return Answer(batches[int(number)][1])

    def answers(self) -> dict[tuple[str, str], Callable[..., Any]]:
        """Method and address below the scope → what answers."""
        return {("POST", "replays/sign/bulk"): self.sign}

    def _announce(self, request: Request, events: list[Any], days: int) -> None:
        """The event by which queries find a session."""
        session, person = request.said("replay_id"), request.said("distinct_id")
        properties = {
            "time": events[0]["timestamp"] / 1000,
            "distinct_id": person,
            "$insert_id": hashlib.sha256(session.encode()).hexdigest()[:36],
            REPLAY: session,
            KEPT: days,
            "mp_lib": request.said("mp_lib") or None,
            "$current_url": request.said("$current_url") or None,
        }
        known = {name: value for name, value in properties.items() if value not in (None, "")}
        self._project.add_events([(RECORDED, known)])

    def _signature(self, folder: str, ends: int) -> str:
        return hmac.new(self._key, f"{folder} {ends}".encode(), "sha256").hexdigest()


def _events(request: Request) -> list[Any]:
    """The recorded events of a batch, which may be packed.

    Raises:
        Refusal: they are no list of events with a timestamp.
    """
    content = request.content
    try:
        if request.said("format") == "gzip":
            content = zlib.decompressobj(31).decompress(content, MOST_BATCH)
        events = json.loads(content)
    except (ValueError, zlib.error):
        events = None
    if not isinstance(events, list) or not events or not all(map(_is_event, events)):
        raise Refusal(400, "A batch is a JSON list of recorded events, each with its timestamp.")
    return events


def _is_event(event: Any) -> bool:
    return isinstance(event, dict) and isinstance(event.get("timestamp"), int | float)


def _is_wish(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("replay_id"), str) and one["replay_id"]


def _env(name: Any) -> str:
    if name not in ENVIRONMENTS:
        raise Refusal(400, f"replay_env is one of {', '.join(ENVIRONMENTS)}, not {name!r}.")
    return str(name)


def _days(request: Request) -> int:
    """How long a session is kept; recorders do not say, so a test may."""
    text = request.said("retention_days") or str(USUAL_DAYS)
    if not text.isdigit() or int(text) not in RETENTION_DAYS:
        raise Refusal(400, f"retention_days is one of {', '.join(map(str, RETENTION_DAYS))}.")
    return int(text)
