"""Hypothesis strategies that make valid questions of all five kinds, over the whole vocabulary.

`questions()` is the union and `KINDS` has one strategy per kind; the parts have theirs in `parts` and
`metrics`. Everything goes through the public factories, so a question that they refuse fails the
test that drew it: the strategies know the rules.
"""

from tests.strategies.questions import KINDS, questions

__all__ = ["KINDS", "questions"]
