"""A request as the emulator sees it, and an answer as it gives it; neither knows about sockets.

Enters: method, path, headers, body. Leaves: an `Answer`, whole or as a stream of bytes. The
surprise: clients send parameters in the query, as a form, or as JSON; `Request.get` finds them in
any of the three, because Mixpanel does.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

import orjson

JSON = "application/json"
LINES = "application/x-ndjson"


class Refusal(Exception):
    """A request that is answered with an error.

    Args:
        status: HTTP status.
        message: what is wrong and what would work, for a person.
        headers: headers of the answer.
        body: more keys of the error's body.
    """

    def __init__(
        self,
        status: int,
        message: str,
        headers: Mapping[str, str] | None = None,
        **body: Any,
    ) -> None:
        super().__init__(message)
        self.status, self.message = status, message
        self.headers, self.body = dict(headers or {}), body


@dataclass(frozen=True)
class Answer:
    """What goes back: a whole body, or pieces of one that is too large to hold."""

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(value: Any, status: int = 200) -> Answer:
    """An answer that holds JSON."""
    return Answer(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS), status)


@dataclass(frozen=True, eq=False)
class Request:
    """What a client asks."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    content: bytes = field(default=b"", repr=False)
    raw: str = ""
    """The path as it came: a name may hold a slash, written ``%2F``."""

    @cached_property
    def body(self) -> Any:
        """The body: JSON as it is, a form as an object of texts; an empty one is an empty object.

        Raises:
            Refusal: it is neither.
        """
        if not self.content.strip():
            return {}
        if "form" in self.headers.get("content-type", ""):
            pairs = parse_qs(self.content.decode("utf-8", "replace"), keep_blank_values=True)
            return {key: values[-1] for key, values in pairs.items()}
        try:
            return json.loads(self.content)
        except ValueError as problem:
            raise Refusal(400, f"The body is no JSON: {problem}.") from None

    @property
    def fields(self) -> dict[str, Any]:
        """The body as an object.

        Raises:
            Refusal: it is a list or a plain value.
        """
        if not isinstance(self.body, dict):
            raise Refusal(400, "The body must be a JSON object.")
        return self.body

    def said(self, name: str, default: str = "") -> str:
        """A parameter of the query alone: for bodies that hold records."""
        return self.query.get(name, [default])[-1]

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter from the query, else from the body."""
        if name in self.query:
            return self.query[name][-1]
        body = self.body if self.method != "GET" else {}
        return body.get(name, default) if isinstance(body, dict) else default

    def need(self, name: str) -> Any:
        """A parameter that must be there."""
        value = self.get(name)
        if value is None or value == "":
            raise Refusal(400, f"The parameter {name} is missing.")
        return value

    def parsed(self, name: str, default: Any = None) -> Any:
        """A parameter that is JSON, or JSON inside text."""
        value = self.get(name, default)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise Refusal(400, f"The parameter {name} must be JSON.") from None

    def number(self, name: str, default: int | None = None) -> int | None:
        """A parameter that is a whole number."""
        value = self.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise Refusal(400, f"The parameter {name} must be a whole number.") from None

    @property
    def credentials(self) -> tuple[str, str, str]:
        """Kind (basic, bearer, none), user name and secret of the ``Authorization`` header."""
        kind, _, rest = self.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return "bearer", "", rest.strip()
        if kind.lower() != "basic":
            return "none", "", ""
        try:
            name, _, secret = base64.b64decode(rest, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "basic", "", ""
        return "basic", name, secret
