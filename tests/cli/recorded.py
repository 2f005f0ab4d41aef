"""The recorded command line, and what differs from it on purpose; the tests hold mpnb to this."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.parity.shared import SHARED

FORMATS = ["json", "jsonl", "table", "csv", "plain"]

MORE: dict[str, tuple[str, ...]] = {
    "schemas delete": ("--yes",),
    "lexicon enforcement delete": ("--yes",),
}
"""Command → options that it has beyond what is recorded, so that scripts can say yes."""

NEW = {"query text", "query params", "stream events", "stream profiles"}
"""Commands beyond what is recorded."""


def recorded() -> dict[str, dict[str, Any]]:
    """Command → what is recorded of it; none where the folder is absent."""
    if not SHARED.is_dir():
        return {}
    whole = json.loads((SHARED / "reference" / "cli.json").read_text("utf-8"))
    return {**dict(_leaves("", whole["tree"])), **whole["since_0_1_1_only"]}


def _leaves(above: str, tree: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, node in tree.items():
        path = f"{above} {name}".strip()
        if node.get("commands"):
            yield from _leaves(path, node["commands"])
        else:
            yield path, node
