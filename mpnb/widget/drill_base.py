"""What drill-down is made of: a place in an answer, and a question that it leads to.

Enters: nothing. Leaves: the two records, and what all kinds of drills share. The surprise: a drill
without a question is not an error, it says why there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpnb.query.breakdown import Breakdown, GroupBy
from mpnb.query.question import Question
from mpnb.widget.drill_words import CannotSayError


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in an answer.

    Attributes:
        path: the segment, one label per breakdown; empty for all.
        date: label of the bucket or cohort; "" for the whole range.
        metric: name of the series of an insights answer.
        step: step of a funnel, from 1.
        bucket: bucket of a retention; None is the cohort itself.
        source: event that an edge of a flow leaves.
        target: event that it leads to.
        columns: the steps that these two stand at, from 0.
        route: event and type of every node of a path, from its first to this one.
        count: the number that stands there.
    """

    path: tuple[str, ...] = ()
    date: str = ""
    metric: str = ""
    step: int = 0
    bucket: int | None = None
    source: str = ""
    target: str = ""
    columns: tuple[int, int] = (0, 0)
    route: tuple[tuple[str, str], ...] = ()
    count: float | None = None


@dataclass(frozen=True, kw_only=True)
class Drill:
    """A question that a place leads to.

    Attributes:
        name: what it is called in messages.
        title: what it shows, for people.
        question: what to ask; None where the vocabulary cannot say it.
        note: why not, or what the reader has to know of the numbers.
        expects: the number that the answer holds again; None where no one number is.
        who: of a question told person by person, the ids of those who stand at the place.
        then: what is asked of them; None lists their profiles.
    """

    name: str
    title: str
    question: Question | None
    note: str = ""
    expects: float | None = None
    place: Place = Place()
    who: Callable[[Any], list[str]] | None = None
    then: Callable[[list[str]], Question] | None = None

    @property
    def cost(self) -> str:
        """What it costs over a project of Mixpanel; people without a profile cost one page more."""
        if self.who is None:
            return "1 request"
        return "2 requests" if self.then is not None else "2 to 3 requests"


def attempt(name: str, title: str, make: Callable[[], Drill]) -> Drill:
    """A drill, or why there is none."""
    try:
        return make()
    except CannotSayError as problem:
        return Drill(name=name, title=title, question=None, note=str(problem))


def split(by: Breakdown | None) -> tuple[Breakdown, ...]:
    """What a person wants an answer split by, as breakdowns."""
    return () if by is None else (by,)


def named(by: Breakdown | None) -> str:
    """The same as the end of a title."""
    return f" by {by.property}" if isinstance(by, GroupBy) else " by segment" if by else ""
