"""``%mp budget`` and ``%mp cache``: what Mixpanel still takes, and what is kept.

Enters: the workspace in use. Leaves: a table. The surprise: neither costs a request.
"""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from mpnb.errors import NotSupportedError
from mpnb.magic.errors import CellError
from mpnb.magic.listing import Listing
from mpnb.magic.notebook import Notebook


def budget(notebook: Notebook, options: Namespace) -> Any:
    """How many requests Mixpanel still takes."""
    head = ("requests", "left", "at once", "returns")
    return Listing("Requests left", head, _upkeep(notebook, "budget").rows())


def cache(notebook: Notebook, options: Namespace) -> Any:
    """List the answers that are kept, or forget them."""
    kept = _upkeep(notebook, "cache")
    if options.clear:
        print(f"{kept.clear():,} answers forgotten.")
        return None
    head = ("question", "stored", "good until", "bytes")
    return Listing("Answers kept", head, kept.rows(), "None.")


def _upkeep(notebook: Notebook, name: str) -> Any:
    try:
        return getattr(notebook.workspace, name)
    except NotSupportedError as problem:
        raise CellError(str(problem)) from problem
