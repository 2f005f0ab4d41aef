"""For whom and where a request is made, and under which name mpnb makes it.

Enters: nothing. Leaves: what a scope has to say. The surprise: the ``Authorization`` header is
asked for at every request, so a token that was renewed meanwhile is used.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol


class Scope(Protocol):
    """For whom and where a request is made."""

    @property
    def project_id(self) -> str:
        """The project that is asked."""
        ...

    @property
    def workspace_id(self) -> int | None:
        """The pinned data view."""
        ...

    @property
    def region(self) -> str:
        """Where the project's data lives."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers that are sent along with every request."""
        ...

    def auth_header(self) -> str:
        """The value of the ``Authorization`` header."""
        ...


def _mpnb_version() -> str:
    try:
        return version("mpnb")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0"


USER_AGENT = f"mpnb/{_mpnb_version()} (python/{'.'.join(platform.python_version_tuple()[:2])})"
