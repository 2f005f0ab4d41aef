"""What a workspace shows of its limits: the budget, the kept answers, the log of changes.

Enters: the remote engine. Leaves: objects that show themselves. The surprise: none of it costs a
request, and a local workspace has none of it, because it has no limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from mpnb.asking import Asking
from mpnb.errors import NotSupportedError

if TYPE_CHECKING:  # the engine's own, which only annotations need
    from mpnb.engine.mixpanel.audit import Audit
    from mpnb.engine.mixpanel.meter import ProjectBudget, ProjectCache


class Keeping(Asking):
    """The part of a workspace that keeps inside Mixpanel's limits."""

    @property
    def budget(self) -> ProjectBudget:
        """The requests that the project has left, over all processes, and when they return.

        Raises:
            NotSupportedError: the workspace is local, or was told not to count.
        """
        return cast("ProjectBudget", self._upkeep("budget", "counts no requests"))

    @property
    def cache(self) -> ProjectCache:
        """The answers that are kept on disk for this account and project.

        Raises:
            NotSupportedError: the workspace is local.
        """
        return cast("ProjectCache", self._upkeep("cache", "keeps no answers"))

    @property
    def audit(self) -> Audit:
        """The log of the changes that were made from this machine.

        Raises:
            NotSupportedError: the workspace is local.
        """
        return cast("Audit", self._upkeep("audit", "logs no changes"))

    def _upkeep(self, name: str, instead: str) -> Any:
        found = getattr(self.engine, name, None)
        if found is None:
            raise NotSupportedError(
                f"This workspace {instead}: it is over local data, or was opened with "
                "on_limit='ignore'."
            )
        return found
