"""Ask a person in a notebook before something is destroyed.

Enters: what is about to happen. Leaves: nothing, or a refusal. The surprise: scripts are not asked,
they say what they mean; only a live IPython session is.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from mpnb.errors import MixpanelHeadlessError


def confirmed(doing: str, given: Mapping[str, Any]) -> None:
    """Return when the call may go on: it says ``confirm=True``, nobody is there, or they agree.

    Raises:
        MixpanelHeadlessError: the person said no, or cannot be asked (code ``NOT_CONFIRMED``).
    """
    if given.get("confirm") or not _somebody_is_there():
        return
    named = ", ".join(f"{name}={value!r}" for name, value in given.items() if name != "confirm")
    question = f"{doing} ({named})" if named else doing
    try:
        said = input(f"{question} Go ahead? [y/N] ")
    except (EOFError, NotImplementedError):  # a notebook that runs without a person
        raise _refusal(f"{question} Nobody can be asked here") from None
    if said.strip().casefold() not in ("y", "yes"):
        raise _refusal(f"{question} Not done")


def _somebody_is_there() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def _refusal(what: str) -> MixpanelHeadlessError:
    return MixpanelHeadlessError(f"{what}: pass confirm=True to go ahead.", code="NOT_CONFIRMED")
