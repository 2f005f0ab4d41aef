"""Who wants to know of saved reports that were changed here, and the call that tells them.

Enters: a workspace and what was done to its reports. Leaves: nothing; whoever follows is told. The
surprise: only changes of this process are told; what others do in Mixpanel is seen when asked.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # pydantic models, which only annotations need
    from mpnb.entity.bookmark import Bookmark


@dataclass(frozen=True)
class ReportsChanged:
    """What was done to the reports of a workspace.

    Attributes:
        workspace: whose they are.
        put: reports as they are now, new ones and changed ones.
        gone: ids of those that were deleted.
    """

    workspace: Any
    put: tuple[Bookmark, ...] = ()
    gone: tuple[int, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether it says which; where it does not, the list has to be read again."""
        return bool(self.put or self.gone)


class Follower(Protocol):
    """Who is told."""

    def reports_changed(self, change: ReportsChanged) -> None:
        """Take notice of a change."""
        ...


_followers: weakref.WeakSet[Follower] = weakref.WeakSet()


def follow(follower: Follower) -> None:
    """Tell this one of every change from now on."""
    _followers.add(follower)


def leave(follower: Follower) -> None:
    """Tell this one no more."""
    _followers.discard(follower)


def tell(change: ReportsChanged) -> None:
    """Tell all followers, whoever they are."""
    for follower in list(_followers):
        follower.reports_changed(change)
