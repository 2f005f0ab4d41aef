"""Who wants to know of questions that were asked in a notebook, and the call that tells them.

Enters: a question with the name of its answer and its cell. Leaves: nothing; whoever follows is
told. The surprise: followers are held weakly, so a widget that is gone is not told, nor kept.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Protocol

from mpnb.query.question import Question


@dataclass(frozen=True)
class Asked:
    """A question that a cell asked: the name of its answer and the id of the cell, if known."""

    question: Question
    name: str | None = None
    cell: str | None = None


class Follower(Protocol):
    """Who is told."""

    def heard(self, asked: Asked) -> None:
        """Take notice of a question."""
        ...


_followers: weakref.WeakSet[Follower] = weakref.WeakSet()


def follow(follower: Follower) -> None:
    """Tell this one of every question from now on."""
    _followers.add(follower)


def announce(asked: Asked) -> None:
    """Tell all followers, whoever they are."""
    for follower in list(_followers):
        follower.heard(asked)
