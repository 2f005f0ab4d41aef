"""How a workspace asks Mixpanel: its limits, what it remembers, and what it may change.

Enters: the state folder and a person's wishes. Leaves: the budget, the cache and the audit log to
use. The surprise: without a folder nothing is counted, kept or logged; that is for callers who
bring an HTTP client of their own.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mpnb.engine.mixpanel.audit import Audit
from mpnb.engine.mixpanel.budget import Budget
from mpnb.engine.mixpanel.cache import FRESH_S, Cache
from mpnb.errors import ParamValidationError

OnLimit = Literal["wait", "raise", "ignore"]
WORDS: tuple[OnLimit, ...] = ("wait", "raise", "ignore")


@dataclass(frozen=True)
class Policy:
    """The wishes."""

    folder: Path | None = None
    """Where the files are that all processes share."""
    on_limit: OnLimit = "wait"
    """When nothing is left: wait, raise at once, or do not count and let Mixpanel refuse."""
    cache: bool = True
    """Whether answers are kept."""
    fresh_s: float = FRESH_S
    """How long answers are good that reach today."""
    read_only: bool = False
    """Whether changes are refused."""

    def __post_init__(self) -> None:
        if self.on_limit not in WORDS:
            raise ParamValidationError(
                f"on_limit is one of {', '.join(WORDS)}, not {self.on_limit!r}."
            )

    @classmethod
    def of(
        cls,
        folder: Path | None,
        on_limit: OnLimit | None = None,
        cache: bool | float | None = None,
        read_only: bool = False,
    ) -> Policy:
        """The policy of a workspace.

        Args:
            folder: the state folder.
            on_limit: as `Policy.on_limit`; by default ``MPNB_ON_LIMIT``, else wait.
            cache: False keeps nothing; a number is the minutes that answers are good which reach
                today; by default ``MPNB_CACHE`` (``off``, or minutes), else five minutes.
            read_only: refuse changes; ``MP_READ_ONLY`` does so too.
        """
        chosen = _cache_setting() if cache is None else cache
        fresh = FRESH_S if chosen is True else float(chosen) * 60
        word = on_limit or os.environ.get("MPNB_ON_LIMIT") or "wait"
        return cls(folder, word, chosen is not False, fresh, read_only)  # type: ignore[arg-type]  # checked above

    def budget(self) -> Budget | None:
        """What keeps requests inside the limits."""
        if self.folder is None or self.on_limit == "ignore":
            return None
        return Budget(self.folder / "budget.db", self.on_limit)

    def answers(self) -> Cache | None:
        """Where answers are kept."""
        if self.folder is None or not self.cache:
            return None
        return Cache(self.folder / "answers.db", self.fresh_s)

    def audit(self) -> Audit | None:
        """Where changes are written down."""
        return None if self.folder is None else Audit(self.folder / "audit.jsonl")


def _cache_setting() -> bool | float:
    word = os.environ.get("MPNB_CACHE", "").strip().casefold()
    if word in ("", "on", "1", "true", "yes"):
        return True
    if word in ("off", "0", "false", "no"):
        return False
    try:
        return float(word)
    except ValueError:
        raise ParamValidationError(
            f"MPNB_CACHE is 'off' or a number of minutes, not {word!r}."
        ) from None


UNBOUND = Policy()
"""Nothing is counted, kept or logged."""
