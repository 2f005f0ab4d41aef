"""Takes secrets out of what is shown, logged or written down.

Enters: any JSON-like value or text, and the secrets that are known to be in use. Leaves: a copy
with ``***`` in their place. The surprise: both names and values count; what stands under a key like
``password`` goes whatever it is, and a known secret goes wherever it stands.
"""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

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


def redacted(value: Any, known: Collection[str] = ()) -> Any:
    """A copy of a JSON-like value without secrets."""
    if isinstance(value, Mapping):
        return {key: _entry(str(key), item, known) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item, known) for item in value]
    return scrubbed(value, known) if isinstance(value, str) else value


def scrubbed(text: str, known: Collection[str]) -> str:
    """A text in which the known secrets are masked."""
    for secret in known:
        text = text.replace(secret, MASK)
    return text


def spelled(authorization: str) -> frozenset[str]:
    """The ways in which the secret of an ``Authorization`` header may show up in a text."""
    scheme, _, sent = authorization.partition(" ")
    found = {sent}
    if scheme == "Basic":
        found |= set(_decoded(sent).split(":", 1)[-1:])
        found |= set(_decoded(sent).rstrip(":").split(":")[-1:])  # the API secret is the user name
    found |= {quote(secret, safe="") for secret in found}
    return frozenset(secret for secret in found if len(secret) >= SHORTEST)


def _entry(key: str, item: Any, known: Collection[str]) -> Any:
    hidden = SECRET_NAME.search(key) and key not in HARMLESS and item is not None
    return MASK if hidden and not isinstance(item, bool) else redacted(item, known)


def _decoded(pair: str) -> str:
    try:
        return base64.b64decode(pair).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


class WithoutQuery(logging.Filter):
    """Cuts the query off addresses in log lines: a signed address is a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; it is always kept."""
        if isinstance(record.args, tuple):
            record.args = tuple(_without_query(part) for part in record.args)
        return True


def _without_query(part: Any) -> Any:
    is_address = type(part).__name__ == "URL"
    return str(part).partition("?")[0] if is_address else part
