"""Answers of the older calls beside the oracle's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.engine.oracle.data import World
from tests.engine.oracle.legacy import Legacy
from tests.engine.oracle.words import Part
from tests.parity import observed

AVERAGES = ("segmentation_average", "segmentation_sum")


def facts(here: World, asked: Part, result: Any) -> Iterator[tuple[Mapping[Any, Any], Any]]:
    """What the oracle says and what the engine says, each flat."""
    if "values" in asked:  # a dictionary has a method of that name
        asked["values_"] = asked.pop("values")
    question = Legacy(here, asked)
    if asked.kind in AVERAGES:
        yield question.sums(asked.kind == "segmentation_average"), result.results
    elif asked.kind == "frequency":
        yield question.frequency(), result.data
    elif asked.kind == "retention":
        found = {
            cohort["date"]: (cohort["size"], cohort["retention"]) for cohort in _cohorts(result)
        }
        yield question.retention(), found
    else:
        found = observed._values(result)
        commas = {name.replace(",", ""): values for name, values in found.items()}
        numeric = asked.kind == "segmentation_numeric"
        yield _flat(getattr(question, asked.kind)()), _flat(commas if numeric else found)


def _flat(values: Mapping[str, Mapping[str, Any]]) -> dict[Any, Any]:
    return {(name, day): count for name, inner in values.items() for day, count in inner.items()}


def _cohorts(result: Any) -> list[Any]:
    return [
        {"date": day, "size": cohort["first"], "retention": cohort["counts"]}
        for day, cohort in result.raw.items()
    ]
