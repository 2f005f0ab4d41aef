"""A random project and random questions about it, from a kind of question and a number."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.engine.oracle import questions_legacy, questions_metrics, questions_paths, worlds

CALLS: dict[str, Callable[[random.Random, str], str]] = {
    "insights": questions_metrics.insights,
    "funnel": questions_paths.funnel,
    "retention": questions_paths.retention,
    "flow": questions_paths.flow,
    "users": questions_paths.users,
    "legacy": questions_legacy.legacy,
}


def case(kind: str, seed: int, count: int) -> tuple[dict[str, Any], list[str]]:
    """A project, and so many calls of a kind; the same for the same kind and number."""
    rng = random.Random(f"{kind}{seed}")
    found = worlds.world(rng)
    first = found.pop("first")
    return found, [CALLS[kind](rng, first) for _ in range(count)]
