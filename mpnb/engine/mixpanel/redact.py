"""Takes secrets out of what is shown, logged or written down.

Enters: any JSON-like value or text, and the secrets that are known to be in use. Leaves: a copy
with ``***`` in their place. The surprise: both names and values count; what stands under a key like
``password`` goes whatever it is, and a known secret goes wherever it stands, also where JSON, HTML
or an address spells its characters otherwise.
"""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

MASK = "***"

SECRET_NAME = re.compile(
    r"authorization|secret|passw|token|credential|signature|api[_-]?key|private[_-]?key"
    r"|verifier|cookie|^(code|sig|auth|client_assertion)$",
    re.IGNORECASE,
)
"""Names whose values are never shown: of headers, of query parameters, of keys in a body."""

HARMLESS = frozenset({"next_page_token", "token_type", "token_env", "tokens"})
SHORTEST = 6
"""Shorter texts are not looked for inside other texts: they would mask half of a sentence."""


class Hidden(dict[str, str]):
    """A mapping that shows nothing of itself, so that no traceback with locals does."""

    def __repr__(self) -> str:
        return "{…}"


def redacted(value: Any, known: Collection[str] = ()) -> Any:
    """A copy of a JSON-like value without secrets."""
    if isinstance(value, Mapping):
        return {_name(key, known): _entry(str(key), item, known) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item, known) for item in value]
    return scrubbed(value, known) if isinstance(value, str) else value


def scrubbed(text: str, known: Collection[str]) -> str:
    """A text in which the known secrets are masked."""
    for secret in sorted(known, key=len, reverse=True):
        text = _looks_like(secret).sub(MASK, text)
    return text


@lru_cache(maxsize=256)
def _looks_like(secret: str) -> re.Pattern[str]:
    """A secret however JSON, HTML, addresses and reprs spell it, also twice over."""
    return re.compile("".join(map(_spellings, secret)))


def _spellings(character: str) -> str:
    if character.isascii() and (character.isalnum() or character == "_"):
        return character
    itself = re.escape(character) if character.isascii() else r"[^\x00-\x7f]{1,4}"
    escaped = r"u[0-9a-fA-F]{4}|(?:x[0-9a-fA-F]{2}\\*)+"
    coded = r"(?:%(?:25)*[0-9a-fA-F]{2})+|&(?:amp;)*#?\w+;"
    return rf"(?:\\*(?:{itself}|{escaped}|{coded}|\+)|\\+[nrt])"


def spelled(authorization: str) -> frozenset[str]:
    """The ways in which the secret of an ``Authorization`` header may show up in a text."""
    scheme, _, sent = authorization.partition(" ")
    found = {sent}
    if scheme == "Basic":
        found |= set(_decoded(sent).split(":", 1)[-1:])
        found |= set(_decoded(sent).rstrip(":").split(":")[-1:])  # the API secret is the user name
    return frozenset(secret for secret in found if len(secret) >= SHORTEST)


def signature(address: str) -> set[str]:
    """What the query of a signed address says: whoever knows it may read what is there."""
    values = [value for _, value in parse_qsl(address.partition("?")[2])]
    return {value for value in values if len(value) >= SHORTEST}


def secrets_in(value: Any) -> Iterator[str]:
    """The texts in a JSON-like value that stand under names of secrets."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from secrets_in(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(item, str):
                yield from secrets_in(item)
            elif len(item) >= SHORTEST and _is_hidden(str(key)):
                yield item


def _name(key: Any, known: Collection[str]) -> Any:
    return scrubbed(key, known) if isinstance(key, str) else key


def _is_hidden(key: str) -> bool:
    return bool(SECRET_NAME.search(key)) and key not in HARMLESS


def _entry(key: str, item: Any, known: Collection[str]) -> Any:
    hidden = _is_hidden(key) and item is not None and not isinstance(item, bool)
    return MASK if hidden else redacted(item, known)


def _decoded(pair: str) -> str:
    try:
        return base64.b64decode(pair).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


LOGGERS = ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy")))
HEADERS = re.compile(r"\[\(b['\"].*\)\]", re.DOTALL)
"""Names and values of headers, as the log of a connection shows them."""


class Harmless(logging.Filter):
    """Takes queries of addresses and headers of answers out of log lines: both may hold secrets."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; it is always kept."""
        if isinstance(record.args, tuple):
            record.args = tuple(_without_query(part) for part in record.args)
        if isinstance(record.msg, str):
            record.msg = HEADERS.sub("[…]", record.msg)
        return True


def quiet_logs() -> None:
    """Make the logs of the HTTP client harmless."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(found, Harmless) for found in logger.filters):
            logger.addFilter(Harmless())


def _without_query(part: Any) -> Any:
    is_address = type(part).__name__ == "URL"
    return str(part).partition("?")[0] if is_address else part
