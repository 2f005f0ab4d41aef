"""The files of a recorded session: fetched by signed addresses, several at once, in order.

Enters: how to sign, how to send, a session. Leaves: recorded events, file by file. The surprise:
nobody says how many files there are; they are asked for in growing batches until one is missing, so
a short session costs few requests. Threads do the waiting, so a running event loop is no matter.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mpnb.engine import halting
from mpnb.engine.mixpanel.call import Call, Reply
from mpnb.errors import (
    ParamValidationError,
    ReplayNotFoundError,
    SessionReplayError,
    SignedURLExpiredError,
    UnsupportedReplayFormatError,
)
from mpnb.result.replay_action import SignedReplay

TIMEOUT_S = 30.0
GONE, REFUSED = 404, 403


@dataclass
class ReplayFiles:
    """The files of one session."""

    replay_id: str
    retention_days: int
    send: Callable[[Call], Reply]
    sign: Callable[[], SignedReplay]
    most: int = 500
    """Files at most."""
    at_once: int = 50
    """Files asked for at the same time, at most."""
    again: bool = True
    """Whether to sign again when the signature has run out."""
    signed: SignedReplay | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.most < 1 or self.at_once < 1:
            raise ParamValidationError("max_files and cdn_concurrency are whole numbers above 0.")

    def events(self) -> Iterator[dict[str, Any]]:
        """The recorded events, in the order of the files.

        Raises:
            ReplayNotFoundError: there is not one file.
            SignedURLExpiredError: the address is refused, a fresh one too.
            UnsupportedReplayFormatError: a file is no list of events.
            SessionReplayError: a file cannot be had.
        """
        for reply in self._replies():
            yield from self._read(reply)

    def _replies(self) -> Iterator[Reply]:
        first, batch = 0, 1
        with halting.threads(self.at_once) as threads:
            while first < self.most:
                places = range(first, min(first + batch, self.most))
                for place, reply in zip(places, self._fetched(threads, places), strict=True):
                    if reply.status_code == GONE:
                        self._ended(place)
                        return
                    if reply.status_code >= 300:
                        raise self._failed(reply)
                    yield reply
                batch = min(max(1, first + batch), self.at_once)
                first = places.stop
        warnings.warn(
            f"Session {self.replay_id} was read up to max_files={self.most}; there may be more.",
            UserWarning,
            stacklevel=2,
        )

    def _fetched(self, threads: halting.Threads, places: range) -> list[Reply]:
        """A batch of files; where the signature has run out, the refused ones once more."""
        fresh = self._signed()
        found = threads.map(self._get, places)
        refused = [i for i, reply in enumerate(found) if reply.status_code == REFUSED]
        if refused and self.again and not fresh:
            self.signed = self.sign()
            more = threads.map(self._get, [places[i] for i in refused])
            for i, reply in zip(refused, more, strict=True):
                found[i] = reply
        return found

    def _signed(self) -> bool:
        """Make sure of a signature that has not run out; whether an old one was replaced."""
        replaced = self.signed is not None
        if self.signed is None or (self.signed.is_expired and self.again):
            self.signed = self.sign()
            return replaced
        return False

    def _get(self, place: int) -> Reply:
        assert self.signed is not None, "a batch begins by signing"
        name = f"{place:04d}-{self.retention_days}.json"
        address = f"{self.signed.url}{name}?{self.signed.query_string}"
        return self.send(Call("GET", "outside", address, timeout_s=TIMEOUT_S))

    def _ended(self, place: int) -> None:
        if place == 0:
            raise ReplayNotFoundError(
                f"There are no files of session {self.replay_id} that are kept for "
                f"{self.retention_days} days: it does not exist, is over its time, or env and "
                "retention_days are others."
            )

    def _failed(self, reply: Reply) -> SessionReplayError:
        status = reply.status_code
        if status == REFUSED:
            return SignedURLExpiredError(
                f"The signed address of session {self.replay_id} is refused; sign it again."
            )
        return SessionReplayError(
            f"A file of session {self.replay_id} cannot be had (status {status}).",
            status_code=status,
        )

    def _read(self, reply: Reply) -> list[dict[str, Any]]:
        try:
            found = reply.json()
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise UnsupportedReplayFormatError(
                f"A file of session {self.replay_id} is no list of recorded events."
            )
        return found
