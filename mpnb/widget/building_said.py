"""What is wrong with a draft, said in the words of its form.

Enters: the message of a finding, which speaks of arguments in Python. Leaves: the same, with the
labels of fields. The surprise: nothing is decided here; where no word is known, the message stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mpnb.widget.building_shape import QUESTIONS, members, parts
from mpnb.widget.building_words import label

PARTS: Final[Mapping[str, str]] = {
    "FunnelStep": "This step",
    "FlowStep": "This step",
    "RetentionEvent": "This event",
    "Metric": "This count",
    "Formula": "This formula",
    "GroupBy": "This breakdown",
    "Filter": "This condition",
    "FrequencyFilter": "This condition",
    "CohortMetric": "This cohort",
    "CohortBreakdown": "This breakdown",
    "FrequencyBreakdown": "This breakdown",
    "Exclusion": "This exclusion",
    "HoldingConstant": "What is held constant",
    "CustomEventRef": "This custom event",
    "CustomPropertyRef": "This custom property",
    "BehaviorRef": "This saved behavior",
    "MetricRef": "This saved metric",
}
"""Class of a part → what a finding about it begins with."""

_CODE: Final = re.compile(r"(?::|, as in)? \b[A-Z]\w+\([^()]*\)")
_GIVEN: Final = re.compile(r"\b([a-z]+(?:_[a-z]+)*)=(?:'([^']*)'|\"([^\"]*)\"|([\w.-]*\w))")
_NAME: Final = re.compile(r"(?<![\w“])[a-z]+(?:_[a-z]+)+\b")
_FIRST: Final = re.compile(r"[A-Za-z]\w*")


def _fields() -> frozenset[str]:
    classes = [*QUESTIONS.values(), *parts().values()]
    return frozenset(row.argument for cls in classes for row in members(cls)) | {"property"}


def said(message: str) -> str:
    """A finding for people who see the form.

    >>> said("math='average' needs a property: Metric(..., math='average', property='amount').")
    '“How: average” needs a property.'
    >>> said("retention_unit must be one of 'day', 'week', 'month', not 'year'.")
    "“Retention per” must be one of 'day', 'week', 'month', not 'year'."
    """
    known = _fields()

    def given(found: re.Match[str]) -> str:
        name, *values = found.groups()
        value = next((one for one in values if one is not None), "")
        return f"“{label(name)}: {value}”" if name in known else found[0]

    def named(found: re.Match[str]) -> str:
        return f"“{label(found[0])}”" if found[0] in known else found[0]

    text = _NAME.sub(named, _GIVEN.sub(given, _CODE.sub("", message)))
    first = _FIRST.match(text)
    if first is None:
        return text
    if first[0] in PARTS:
        return PARTS[first[0]] + text[first.end() :]
    if first[0] in known and re.match(r" (must|goes|needs|is)\b", text[first.end() :]):
        return f"“{label(first[0])}”{text[first.end() :]}"
    return text
