"""What people do in a recorded session: single actions, and names for them.

Enters: fields. Leaves: frozen values. The surprise: a name without a ``:`` in a pattern means the
kind of action whatever it was done to; see `ReplayBundle.find_pattern`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from mpnb.errors import ParamValidationError

ActionName = Literal[
    "click",
    "input",
    "scroll",
    "navigate",
    "select",
    "console_error",
    "viewport_resize",
    "touch_start",
    "media_interaction",
    "screen",
]
Env = Literal["prod", "dev"]
RETENTION_DAYS = (1, 7, 30, 90)
"""Days that Mixpanel may keep a replay."""

SIGNED_S = 300.0
"""Seconds that a signed address works."""

ONE_THING = re.compile(r"\d+|[0-9a-fA-F]{8,}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""A segment of a path that names one thing of many: a number, a hash, a UUID."""


def check(holds: bool, code: str, message: str) -> None:
    """Refuse a value.

    Raises:
        ParamValidationError: it does not hold.
    """
    if not holds:
        raise ParamValidationError(message, code)


@dataclass(frozen=True)
class UserAction:
    """One thing that a person did, or that happened to them.

    Attributes:
        timestamp: when, in milliseconds since the epoch, UTC.
        action: what.
        target_node_id: the node of the page; None where there is none.
        target_desc: the node in words, such as ``button "Save"``.
        url: the page at that moment; None before the first one is known.
        metadata: what else was recorded: attributes of the node, place, text, message.
        description: a sentence about it.

    Raises:
        ParamValidationError: the time is not positive (``UA1_…``), or the words are empty
            (``UA2_…``).
    """

    timestamp: int
    action: ActionName
    target_node_id: int | None
    target_desc: str
    url: str | None
    metadata: dict[str, Any] = field(default_factory=dict)
    description: str = ""

    def __post_init__(self) -> None:
        check(self.timestamp > 0, "UA1_TIMESTAMP_NOT_POSITIVE", "timestamp is not positive.")
        check(bool(self.target_desc), "UA2_EMPTY_TARGET_DESC", "target_desc is empty.")

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class SignedReplay:
    """Where the files of a replay can be fetched for five minutes, by whoever has the address.

    Attributes:
        replay_id: the replay.
        url: start of the addresses of its files; ends in ``/``.
        query_string: the signature; a secret, which ``repr`` does not show.
        env: where it was recorded.
        signed_at: when it was signed, in seconds since the epoch.

    Raises:
        ParamValidationError: a field is not what it must be (codes ``SR1_…`` to ``SR4_…``).
    """

    replay_id: str
    url: str
    query_string: str
    env: Env
    signed_at: float

    def __post_init__(self) -> None:
        check(self.url.endswith("/"), "SR1_URL_NO_TRAILING_SLASH", "url does not end in '/'.")
        check(bool(self.query_string), "SR2_EMPTY_QUERY_STRING", "query_string is empty.")
        check(self.env in get_args(Env), "SR3_INVALID_ENV", "env is 'prod' or 'dev'.")
        check(self.signed_at >= 0, "SR4_SIGNED_AT_NEGATIVE", "signed_at is before 1970.")

    @property
    def expires_at(self) -> float:
        """When it stops working, in seconds since the epoch."""
        return self.signed_at + SIGNED_S

    @property
    def is_expired(self) -> bool:
        """Whether it has stopped working."""
        return time.time() >= self.expires_at

    def to_dict(self) -> dict[str, Any]:
        """The fields with the signature in clear, and a warning that says so."""
        return {"_warning": "query_string opens the recording for five minutes.", **asdict(self)}

    def __repr__(self) -> str:
        return f"SignedReplay(replay_id={self.replay_id!r}, env={self.env!r}, query_string='***')"


def default_label_fn(action: UserAction) -> str:
    """A name for an action: what was done, and to what.

    >>> default_label_fn(UserAction(1, "click", 5, 'button "Save"', None))
    'click:button "Save"'
    """
    return f"{action.action}:{action.target_desc}"


def selector_label_fn(attr: str = "data-testid") -> Callable[[UserAction], str]:
    """A function that names actions by an attribute of what they were done to.

    Args:
        attr: the attribute; where a node has none, its words are taken.

    >>> by_id = selector_label_fn("id")
    >>> by_id(UserAction(1, "click", 5, "button", None, {"attributes": {"id": "buy"}}))
    'click:buy'
    """

    def label(action: UserAction) -> str:
        named = (action.metadata.get("attributes") or {}).get(attr)
        return f"{action.action}:{named}" if named else default_label_fn(action)

    return label


def url_normalizer(url: str) -> str:
    """The page that an address shows: without host, query and fragment, ids as ``:id``.

    >>> url_normalizer("https://shop.example/orders/1234/items?page=2#top")
    '/orders/:id/items'
    """
    parts = urlsplit(url).path.split("/")
    return "/".join(":id" if ONE_THING.fullmatch(part) else part for part in parts) or "/"
