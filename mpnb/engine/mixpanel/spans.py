"""Which days are asked for together, so that a long pull stays inside the limit of exports.

Enters: days that are missing, what is there already, how many requests are left. Leaves: spans of
days in order. The surprise: days are asked for one by one as long as that fits, because a span that
breaks off is asked for again as a whole; days that are not over yet are always alone, because they
are asked for again tomorrow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LAST_ZONE = timedelta(hours=12)
"""A day is over everywhere when it is over twelve hours west of Greenwich."""

MOST_DAYS = 31
AN_HOUR = 60
"""Exports that Mixpanel takes in an hour, where nobody counts them."""
FEWEST = 12
"""So many requests may be planned when none is left: they wait for their time."""


@dataclass(frozen=True, order=True)
class Span:
    """Days that one request asks for.

    Attributes:
        first: the first of them.
        last: the last one.
    """

    first: date
    last: date

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def days(self) -> Iterator[date]:
        """Each day."""
        for n in range(len(self)):
            yield self.first + timedelta(days=n)

    def halves(self) -> list[Span]:
        """The same days in two requests."""
        middle = self.first + timedelta(days=(len(self) - 1) // 2)
        return [Span(self.first, middle), Span(middle + timedelta(days=1), self.last)]


def over(day: date, asked_ms: int) -> bool:
    """Whether a day was over in every zone at a moment."""
    return (datetime.fromtimestamp(asked_ms / 1000, UTC) - LAST_ZONE).date() > day


def spans(
    missing: Collection[date], have: Mapping[date, Span], requests: int | None, now_ms: int
) -> list[Span]:
    """The requests for some days.

    Args:
        missing: the days, ascending.
        have: spans that are there, by each of their days; those with a missing day are asked for
            again as they were, so that no day is in two of them.
        requests: how many requests are left this hour; None when nobody counts.
        now_ms: the time, Unix time in ms.
    """
    again = {have[day] for day in missing if day in have}
    new = [day for day in missing if day not in have]
    left = AN_HOUR if requests is None else requests
    allowed = max(left * 3 // 4 - len(again), FEWEST)
    size = min(-(-len(new) // allowed), MOST_DAYS) if new else 1
    return sorted([*again, *_joined(new, size, now_ms)])


def _joined(days: list[date], size: int, now_ms: int) -> Iterator[Span]:
    """Days that follow one another, at most `size` in a span."""
    span: Span | None = None
    for day in days:
        follows = span is not None and day - span.last == timedelta(days=1) and len(span) < size
        if span is not None and follows and over(day, now_ms):
            span = Span(span.first, day)
            continue
        if span is not None:
            yield span
        span = Span(day, day)
    if span is not None:
        yield span
