"""Short links: one request tells where a link leads.

Enters: the code of a short link. Leaves: the whole address. The surprise: Mixpanel answers either
with a redirect, or with a page whose script goes on.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from mpnb.engine.mixpanel.call import Call, Reply
from mpnb.engine.mixpanel.regions import HOSTS
from mpnb.errors import AuthenticationError, ReportLinkNotFoundError, ShortLinkResolutionError

if TYPE_CHECKING:
    from mpnb.engine.mixpanel.engine import MixpanelEngine
    from mpnb.entity.report_link import Parsed

REDIRECTS = frozenset({301, 302, 303, 307, 308})
SCRIPT = re.compile(r'window\.location\.href\s*=\s*("(?:[^"\\]|\\.)*")')


def expanded(engine: MixpanelEngine, code: str) -> str:
    """The address that a short link leads to.

    Raises:
        ReportLinkNotFoundError: it leads to nothing (``SHORT_LINK_NOT_FOUND``).
        ShortLinkResolutionError: the answer does not say where it leads.
        AuthenticationError: it leads to the page where people sign in.
    """
    call = Call("GET", "web", f"/s/{code}")
    reply = engine.transport.reply(call)
    if reply.status_code == 404:
        raise ReportLinkNotFoundError(
            f"There is no short link {code}.", code="SHORT_LINK_NOT_FOUND"
        )
    if reply.status_code >= 300 and reply.status_code not in REDIRECTS:
        raise engine.transport.refusal(call, reply)
    address = urljoin(HOSTS[engine.scope.region].web, _target(reply))
    if urlsplit(address).path.startswith("/login"):
        raise AuthenticationError(
            "Mixpanel asks to sign in before it follows the short link: these credentials do not "
            "open it. Open it in a browser and copy the long address."
        )
    return address


def check_target(parsed: Parsed, address: str) -> None:
    """Refuse a short link that leads to another one.

    Raises:
        ShortLinkResolutionError: with the code ``SHORT_LINK_CHAIN``.
    """
    if parsed.short_code is not None:
        raise ShortLinkResolutionError(
            f"The short link leads to another one, {address}.", code="SHORT_LINK_CHAIN"
        )


def _target(reply: Reply) -> str:
    if reply.status_code in REDIRECTS:
        location = reply.headers.get("location")
        if not location:
            raise ShortLinkResolutionError(
                "Mixpanel redirects the short link to nowhere.", code="SHORT_LINK_NO_LOCATION"
            )
        return location
    script = SCRIPT.search(reply.text)
    if script is None:
        raise ShortLinkResolutionError(
            "Mixpanel answered the short link with a page that does not say where it leads.",
            code="SHORT_LINK_UNEXPECTED_RESPONSE",
        )
    return str(json.loads(script[1]))
