"""The seam between a question and who answers it: params JSON in, raw JSON out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Protocol, TypedDict, Unpack

Kind = Literal["insights", "funnel", "retention", "flow", "users"]

Raw = dict[str, Any]
"""An answer in the shape of Mixpanel's endpoint for that kind of question."""


class RunOptions(TypedDict, total=False):
    """What a call may add to the params; an engine that has no use for one leaves it alone."""

    limit: int | None
    """The most segments or profiles to return; None is the engine's default."""
    mode: Literal["sankey", "paths", "tree"] | None
    """The form of a flow's answer, when it is not what the params' chart type says."""
    workspace_id: int | None
    """The data view to ask, when it is not the pinned one."""
    parallel: bool
    """Fetch pages of profiles side by side."""
    workers: int
    """How many pages at once."""
    selector: bool
    """The `where` of profile params is an expression that a person wrote, not made of filters.

    The two look alike and are not: a filter casts numeric text, an expression does not."""
    refresh: bool
    """Ask although an answer is kept; the local engine keeps none."""


class Engine(Protocol):
    """Answers params JSON; the remote and the embedded engine differ in nothing else."""

    name: str
    """How provenance names the engine, for example ``"duckdb"`` or ``"mixpanel"``."""

    source: str
    """What the numbers come from: ``"local store shop"`` or ``"Mixpanel project 12345"``."""

    def now(self) -> datetime:
        """The engine's clock, aware and in the project's zone; a local store may pin it."""
        ...

    def run(self, kind: Kind, params: Mapping[str, Any], **options: Unpack[RunOptions]) -> Raw:
        """Answer one question.

        Args:
            kind: which of the five kinds of question the params ask.
            params: bookmark JSON as ``params.build`` makes it.
            options: see `RunOptions`.

        Returns:
            The answer; ``meta.mpnb`` may hold what provenance shows: ``notes``, ``cached``,
            ``requests``, ``budget_left``.

        Raises:
            NotSupportedError: the params ask for something this engine does not have.
            QueryError: the params are well formed and cannot be answered.
        """
        ...

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """Answer one discovery or legacy call, named as the public method that makes it.

        Args:
            method: for example ``"segmentation"`` or ``"property_values"``.
            arguments: the method's own keyword arguments, defaults filled in.

        Returns:
            The JSON body that Mixpanel's endpoint for that method answers with.

        Raises:
            NotSupportedError: this engine has no answer for that method.
        """
        ...
