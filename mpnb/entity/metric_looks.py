"""How a saved metric is shown, and its goals: checked, as parts of its definition.

Enters: what a `…Params` says of `display` and `goals`. Leaves: their JSON. The surprise: a goal
that has no id yet gets one here, because the server tells goals apart by it and makes none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from mpnb.errors import ParamValidationError

if TYPE_CHECKING:
    from mpnb.entity.saved import MetricDisplay, MetricGoal

LEGAL: dict[str, tuple[Any, ...]] = {
    "display.axis": ("primary", "secondary"),
    "display.direction": ("up", "down"),
    "display.precision": tuple(range(9)),
    "goals.target_type": ("absolute", "relative"),
}
"""Field → what the server takes there."""


def looks(
    display: MetricDisplay | None, goals: list[MetricGoal] | None, *, validate: bool
) -> dict[str, Any]:
    """The parts of a definition that say how a metric is shown; those left out are not there.

    Raises:
        ParamValidationError: SM4, the server does not take a value or a field.
    """
    found: dict[str, Any] = {}
    if display is not None:
        found["display"] = display.model_dump(mode="json", by_alias=True, exclude_none=True)
    if goals is not None:
        found["goals"] = [_goal(goal) for goal in goals]
    if validate:
        if display is not None:
            _check("display", display)
        for goal in goals or ():
            _check("goals", goal)
    return found


def _goal(goal: MetricGoal) -> dict[str, Any]:
    return {"id": str(uuid4()), **goal.model_dump(mode="json", exclude_none=True)}


def _check(group: str, part: MetricDisplay | MetricGoal) -> None:
    for name in part.model_extra or ():
        known = ", ".join(type(part).model_fields)
        raise _refused(f"{group}.{name} is not known; these are: {known}.")
    for name, value in part:
        legal = LEGAL.get(f"{group}.{name}")
        if legal and value is not None and value not in legal:
            shown = ", ".join(str(word) for word in legal)
            raise _refused(f"{group}.{name} is {value!r}: it is one of {shown}.")


def _refused(what: str) -> ParamValidationError:
    return ParamValidationError(f"{what} validate=False sends it all the same.", "SM4_SCHEMA")
