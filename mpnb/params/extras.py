"""What a params object holds beyond the vocabulary: found, laid back, and judged.

In: two JSON values (``diff``), or a built value and extras (``overlay``). Out: ``(path, value)``
pairs that turn the built value into the wanted one, and that value. Extras that only change how a
report looks are listed in ``DISPLAY``; all others change what is asked, and engines refuse them.
The surprise: a key that the builders write and the report leaves out is an extra too, with the
value ``ABSENT``, so that a report comes back byte for byte.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

from mpnb.params.loads import refuse

Path = tuple[str | int, ...]

ABSENT: dict[str, Any] = {"$absent": True}
"""The value of an extra that takes away what the builders write; plain JSON, so that it prints."""


class ExtraLike(Protocol):
    """A place in a params object and the value that it has there."""

    @property
    def path(self) -> Path:
        """Keys and list positions from the outermost object inwards."""
        ...

    @property
    def value(self) -> Any:
        """The JSON value, or ``ABSENT``."""
        ...


def diff(wanted: Any, built: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield what must be laid over ``built`` to get ``wanted``.

    Types count: 1, 1.0 and true are three values. Lists are compared by position; items that
    ``wanted`` has more are appended, items that it has fewer are taken away from the end.
    """
    if isinstance(wanted, Mapping) and isinstance(built, Mapping):
        yield from _diff_objects(wanted, built, path)
    elif isinstance(wanted, list) and isinstance(built, list):
        yield from _diff_lists(wanted, built, path)
    elif type(wanted) is not type(built) or wanted != built:
        yield path, copy.deepcopy(wanted)


def _diff_objects(
    wanted: Mapping[str, Any], built: Mapping[str, Any], path: Path
) -> Iterator[tuple[Path, Any]]:
    for key, value in wanted.items():
        if key in built:
            yield from diff(value, built[key], (*path, key))
        else:
            yield (*path, key), copy.deepcopy(value)
    for key in built:
        if key not in wanted:
            yield (*path, key), ABSENT


def _diff_lists(wanted: list[Any], built: list[Any], path: Path) -> Iterator[tuple[Path, Any]]:
    for index, (want, have) in enumerate(zip(wanted, built, strict=False)):
        yield from diff(want, have, (*path, index))
    for index in range(len(built), len(wanted)):
        yield (*path, index), copy.deepcopy(wanted[index])
    for index in range(len(built) - 1, len(wanted) - 1, -1):
        yield (*path, index), ABSENT


def overlay(built: Any, extras: Iterable[ExtraLike]) -> Any:
    """Return ``built`` with the extras laid over it; ``built`` itself is not changed.

    Raises:
        BookmarkValidationError: ``PX1_NO_PLACE``, an extra points to a place that ``built`` does
            not have, because the question was changed after it was read.
    """
    result = copy.deepcopy(built)
    for extra in extras:
        try:
            result = _lay(result, extra.path, extra.value)
        except (KeyError, IndexError, TypeError):
            where = place(extra.path)
            message = "The params have no such place any more; take this extra out of the question."
            raise refuse("PX1_NO_PLACE", message, where) from None
    return result


def _lay(root: Any, path: Path, value: Any) -> Any:
    if not path:
        return copy.deepcopy(value)
    holder = root
    for key in path[:-1]:
        holder = holder[key]
    last = path[-1]
    if value == ABSENT:
        del holder[last]
    elif isinstance(holder, list) and last == len(holder):
        holder.append(copy.deepcopy(value))
    else:
        cast("dict[str | int, Any]", holder)[last] = copy.deepcopy(value)
    return root


DISPLAY: tuple[str, ...] = (
    "sorting.**",
    "columnWidths.**",
    "legend.**",
    "title",
    "description",
    "name",
    "icon",
    "version",
    "layout.**",
    "displayOptions.plotStyle",
    "displayOptions.value",
    "displayOptions.axisOptions.**",
    "displayOptions.primaryYAxisOptions.**",
    "displayOptions.secondaryYAxisOptions.**",
    "displayOptions.statSigControl.**",
    "displayOptions.tableOptions.**",
    "displayOptions.showAnnotations",
    "displayOptions.showDataLabels",
    "displayOptions.labels.**",
    "**.description",
    "**.search",
    "**.isExpanded",
    "**.isHidden",
    "**.color",
    "**.renamed",
    "**.display.**",
    "**.goals.**",
    "**.step_label",
    "**.$$hashKey",
    "**.uuid",
    "**.metricId",
    "**.propertyDefaultType",
    "**.defaultType",
    "**.selected_property_type",
    "**.profileType",
    "**.customProperty.name",
    "sections.show.*.name",
    "sections.show.*.overrides.name",
    "sections.group.*.value.*",
    "segments.*.value.*",
    "show_custom_events",
    "anchor_position",
    "smoothing.**",
)
"""Places that only change how a report looks: ``*`` is one key, ``**`` any number of keys."""

SYNONYMS: tuple[tuple[str, Any, Any], ...] = (
    ("**.filterOperator", "equals", "is equal to"),
    ("**.filterOperator", "does not equal", "is not equal to"),
    ("**.filterOperator", "is between", "between"),
    ("**.filterOperator", "is at least", "is greater than or equal to"),
    ("**.filterOperator", "is at most", "is less than or equal to"),
    ("**.filterOperator", "was in the", "in the last"),
    ("**.filterOperator", "was not in the", "not in the last"),
    ("**.filterOperator", "was in the next", "in the next"),
    ("**.filterOperator", "was on", "on"),
    ("**.filterOperator", "was not on", "not on"),
    ("**.filterOperator", "was before", "before"),
    ("**.filterOperator", "was since", "since"),
    ("**.filtersDeterminer", "all", ABSENT),
    ("**.filtersOperator", "and", ABSENT),
    ("**.bool_op", "and", ABSENT),
    ("**.resourceType", "events", ABSENT),
    ("**.resourceType", "events", "event"),
    ("**.resourceType", "people", "user"),
    ("**.dataset", "$mixpanel", ABSENT),
    ("**.dataset", ABSENT, "$mixpanel"),
    ("**.funnelOrder", "loose", ABSENT),
    ("**.math", "conversion_rate_unique", "conversion_rate"),
    ("**.cumulative", ABSENT, False),
    ("**.retentionCumulative", ABSENT, False),
    ("**.customBucket.disabled", ABSENT, False),
    ("displayOptions.analysis", ABSENT, "linear"),
    ("displayOptions.analysis", "linear", ABSENT),
    ("displayOptions.analysis", "linear", "logarithmic"),
    ("displayOptions.analysis", ABSENT, "logarithmic"),
    ("sections.show.*.type", "metric", ABSENT),
    ("**.behavior.type", "event", "simple"),
)
"""Pairs of spellings (built, found) that ask the same thing."""

CHARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "insights": {
        "timeseries": ("line", "column", "stacked-line", "stacked-column"),
        "total": ("bar", "bar-stacked", "pie", "insights-metric", "metric"),
        "table": ("table",),
    },
    "funnel": {
        "steps": ("funnel-steps", "funnel-steps-metric"),
        "trends": ("line", "funnel-trend"),
        "table": ("table",),
    },
    "retention": {
        "curve": ("retention-curve", "line-retention"),
        "trends": ("line", "retention-trend", "retention-trend-metric"),
        "table": ("table", "retention-table"),
    },
}
"""Per kind and mode: the chart type that is built, then those that show the same numbers."""

_SAME_CHART = frozenset(
    (charts[0], chart) for modes in CHARTS.values() for charts in modes.values() for chart in charts
)


def mode_of(kind: str, chart: str) -> str | None:
    """Return the mode of a kind whose numbers a chart type shows."""
    return next((mode for mode, charts in CHARTS[kind].items() if chart in charts), None)


def in_words(extra: ExtraLike, meaningful: bool) -> str:
    """Say one extra: where it is, what it holds, and whether it changes the question."""
    value = "absent" if extra.value == ABSENT else json.dumps(extra.value, ensure_ascii=False)
    value = value if len(value) <= 60 else f"{value[:59]}…"
    note = "changes the question, not understood" if meaningful else "how the report looks"
    return f"{place(extra.path)}: {value} ({note})"


_EMPTY: tuple[Any, ...] = (None, "", [], {})


def is_display(path: Path, built: Any, found: Any) -> bool:
    """Tell whether ``found`` instead of ``built`` at ``path`` leaves the question the same.

    An empty value (null, "", [], {}) that one side has and the other has not asks nothing. An
    ``isHidden: false`` or a flag that is off is covered by ``DISPLAY``.
    """
    if any(_matches(path, row.split(".")) for row in DISPLAY):
        return True
    if _is_empty(built) and _is_empty(found):
        return True
    if path == ("displayOptions", "chartType"):
        return any(pair == (built, found) for pair in _SAME_CHART)
    return any(
        built == ours and found == theirs and _matches(path, row.split("."))
        for row, ours, theirs in SYNONYMS
    )


def _is_empty(value: Any) -> bool:
    return value == ABSENT or (not isinstance(value, bool | int | float) and value in _EMPTY)


def _matches(path: Path, row: Sequence[str]) -> bool:
    if not row:
        return not path
    if row[0] == "**":
        return any(_matches(path[start:], row[1:]) for start in range(len(path) + 1))
    return bool(path) and row[0] in ("*", path[0]) and _matches(path[1:], row[1:])


def at(value: Any, path: Path) -> Any:
    """Return what ``value`` holds at ``path``, or ``ABSENT``."""
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return value


def place(path: Path) -> str:
    """Write a path as text: ``sections.show[0].behavior``."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text
