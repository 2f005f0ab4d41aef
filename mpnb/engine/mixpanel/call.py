"""A request before it knows host and credentials, and an answer after the connection is gone.

Enters: what an endpoint wants. Leaves: values that the transport sends and that errors describe.
The surprise: a `Call` does not show its parameters and its body, because they may hold secrets.
"""

from __future__ import annotations

import email.utils
import json
import os
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from mpnb.engine.mixpanel.regions import Family
from mpnb.errors import ConfigError

TIMEOUT_S: dict[Family, float] = {
    "query": 503.0,
    "engage": 503.0,
    "app": 135.0,
    "export": 600.0,
    "oauth": 30.0,
    "web": 135.0,
    "ingestion": 135.0,
    "outside": 135.0,
}
"""How long an answer may take; queries may run for minutes on the server."""

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


@dataclass(frozen=True, repr=False)
class Call:
    """One request, before it knows host and credentials."""

    method: str
    family: Family
    path: str
    """Appended to the family's address; of the family ``outside`` it is the whole address."""
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    """JSON; bytes are sent as they are."""
    repeatable: bool = True
    """Whether sending it twice does no harm; every question is, a change is not."""
    form: bool = False
    """Whether the body, an object of texts, is sent as a form instead of JSON."""
    timeout_s: float | None = None
    """How long the answer may take, where the family's limit does not fit."""
    attempts: int | None = None
    """How often it is tried at most, where it is only asked whether somebody is there."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of this call alone, such as the kind of its body."""
    mutates: bool | None = None
    """Whether it changes something in the project; by default what is not repeatable does."""
    before: Any = None
    """What is about to change, where it was read: for the audit log."""

    def __repr__(self) -> str:
        """The call without what may be secret, the query of a signed address too."""
        return f"Call({self.method} {self.path.partition('?')[0]}, {self.family})"

    @property
    def changes(self) -> bool:
        """Whether the call changes something in the project."""
        return (not self.repeatable) if self.mutates is None else self.mutates

    def custom_headers(self) -> dict[str, str]:
        """The header of ``MP_CUSTOM_HEADER_NAME`` and ``MP_CUSTOM_HEADER_VALUE``.

        Raises:
            ConfigError: they make no header.
        """
        name = os.environ.get("MP_CUSTOM_HEADER_NAME", "")
        value = os.environ.get("MP_CUSTOM_HEADER_VALUE", "")
        if not (name and value):
            return {}
        if not (HEADER_NAME.fullmatch(name) and HEADER_VALUE.fullmatch(value)):
            raise ConfigError(
                "MP_CUSTOM_HEADER_NAME and MP_CUSTOM_HEADER_VALUE make no HTTP header: a name has "
                "no spaces or colons, a value no line ends."
            )
        return {name: value}


@dataclass(frozen=True)
class Reply:
    """An answer, whole."""

    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    content: bytes = field(repr=False)
    url: str
    """What was asked, without its query."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body parsed.

        Raises:
            ValueError: it is not JSON.
        """
        return json.loads(self.content)


@dataclass(frozen=True)
class Lost:
    """No answer: what happened instead."""

    problem: str
    timed_out: bool = False
    unsent: bool = False
    """Whether the server certainly never saw the request."""


@dataclass(frozen=True)
class Stream:
    """An answer that is read as it comes."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]
    """The body, unpacked; raises MixpanelHeadlessError (code ``STREAM_CUT``) when it breaks off."""
    raw: Iterator[bytes]
    """The body as it was sent, packed where ``headers`` say so; instead of `chunks`, not beside."""


def content(call: Call) -> bytes | None:
    """The body as it is sent."""
    if call.body is None or isinstance(call.body, bytes):
        return call.body
    return (urlencode(call.body) if call.form else json.dumps(call.body)).encode()


def content_type(call: Call) -> str:
    """What the body is, for the server."""
    if isinstance(call.body, bytes):
        return "application/octet-stream"
    return f"application/{'x-www-form-urlencoded' if call.form else 'json'}"


def texts(value: Any) -> str | list[str]:
    """A query parameter; a tuple is a parameter that is repeated."""
    return [_text(item) for item in value] if isinstance(value, tuple) else _text(value)


def _text(value: Any) -> str:
    """A query parameter as Mixpanel writes it: lists as JSON, booleans in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)


def timeout(call: Call) -> float:
    """Seconds that the answer to a call may take."""
    return call.timeout_s or TIMEOUT_S[call.family]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The wait that a server asks for, in seconds: given as seconds or as a date (RFC 9110)."""
    text = str(headers.get("retry-after", "")).strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def backoff(attempt: int) -> float:
    """Seconds to wait: doubling, with a tenth of jitter, so that clients do not come together."""
    return jittered(2**attempt)


def jittered(seconds: float) -> float:
    """A wait that is up to a tenth longer."""
    return float(seconds * (1 + random.random() / 10))
