"""What travels beside a question while it is answered: the limit, and a record of what was run."""

from __future__ import annotations

from dataclasses import dataclass, field

from mpnb.engine import halting

MAX_SEGMENTS = 3000


@dataclass
class Context:
    """The circumstances of one answer.

    Attributes:
        limit: most segments (or profiles) to return; None is the default of the kind.
        mode: the shape of a flow's answer, where it differs from what the params say.
        steps: the SQL statements and passes that were run, in order, for ``explain``.
    """

    limit: int | None = None
    mode: str | None = None
    steps: list[str] = field(default_factory=list)

    def note(self, step: str) -> None:
        """Record a statement or a pass; a question that was stopped ends here."""
        halting.look()
        self.steps.append(step)

    @property
    def max_segments(self) -> int:
        """Most segments of one metric in an answer."""
        return MAX_SEGMENTS if self.limit is None else self.limit
