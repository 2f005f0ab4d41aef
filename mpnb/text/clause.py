"""What is known of one clause of the cell language; nothing enters, a type leaves.

The surprise: a row may be half of a clause (`where` and `where (more)`), since what a clause can
say differs between kinds.
"""

from __future__ import annotations

from dataclasses import dataclass

from mpnb.query.words import Kind


@dataclass(frozen=True)
class Clause:
    """One clause: what it is called, how it begins, where it may stand, and examples.

    Each example is a clause (or, for a subject, the question itself) with what it means.
    """

    name: str
    kinds: tuple[Kind, ...]
    words: tuple[str, ...]
    help: str
    examples: tuple[tuple[str, str], ...]
    subject: bool = False

    @property
    def example(self) -> str:
        """The first example."""
        return self.examples[0][0]
