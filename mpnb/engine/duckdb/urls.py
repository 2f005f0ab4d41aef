"""The domain of an address: text in, its registrable name out.

The surprise: where a registrable name ends is no rule but a list (publicsuffix.org), which comes
with a package and is read when the first address is asked about; nothing is fetched.
"""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from mpnb.errors import NotSupportedError

PARTS = ("domain", "full_domain")


def parse_url(text: Any, part: Any) -> str | None:
    """Return a part of an address; None where it has no registrable name.

    Args:
        text: an address, with or without its scheme.
        part: ``"domain"`` is the registrable name without its public suffix (``google``),
            ``"full_domain"`` with it (``google.co.uk``).

    Raises:
        NotSupportedError: another part.
    """
    if part not in PARTS:
        raise NotSupportedError(f"parse_url() gives {' or '.join(PARTS)}, not {part!r}.")
    host = _host(text) if isinstance(text, str) else None
    if host is None:
        return None
    full = _suffixes().privatesuffix(host)
    if full is None:
        return None
    return str(full) if part == "full_domain" else str(full).partition(".")[0]


def _host(text: str) -> str | None:
    """The name of the host, in small letters; an IP address is no name."""
    try:
        found = urlsplit(text if "://" in text else f"//{text}").hostname
    except ValueError:  # brackets that hold no address
        return None
    host = (found or "").rstrip(".")
    if not host or " " in host:
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return None


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=True)
