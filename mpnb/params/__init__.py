"""Questions ↔ params JSON, the only language that engines understand.

``build`` makes params of a question, ``read`` makes a question of params, and neither loses
anything: what the vocabulary does not say travels in the question's ``extras``.
"""

from mpnb.params.build import build, compose, needs_today
from mpnb.params.extras import overlay
from mpnb.params.loads import loads
from mpnb.params.read import detect, meaningful_extras, read, read_report, unknown
from mpnb.params.validate import validate_bookmark

__all__ = [
    "build",
    "compose",
    "detect",
    "loads",
    "meaningful_extras",
    "needs_today",
    "overlay",
    "read",
    "read_report",
    "unknown",
    "validate_bookmark",
]
