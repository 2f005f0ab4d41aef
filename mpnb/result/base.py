"""What every answer shares: provenance, a cached frame, plain rows, and how it shows itself.

A raw answer enters the subclasses, a frame or rows leave. The surprise: the display lives in
``mpnb.chart``, which is above this layer, so it is found by name when a notebook asks for it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from mpnb.errors import NotSupportedError, QueryError

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

PUBLISH = "IPython.display:publish_display_data"
"""Found by name, because an answer needs no IPython until there is a notebook."""

OVERALL = "$overall"
"""How an answer names the line that is not split by a breakdown."""

DISPLAY = {
    "mimebundle": "mpnb.chart.display:mimebundle",
    "show": "mpnb.chart.display:show",
    "text": "mpnb.chart.display:text",
    "card": "mpnb.widget.card:card",
}
"""Where the display of a result is found; strings, because charts are a layer above results."""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where an answer comes from; every field may be unknown and is then left out of displays.

    Attributes:
        engine: ``"mixpanel"`` or ``"duckdb"``.
        source: the project, or the store that answered.
        from_date: first day of the resolved range, ``YYYY-MM-DD``.
        to_date: last day of the resolved range, inclusive.
        computed_at: when the numbers were computed, ISO format.
        cached: whether the answer came from the query cache.
        requests: requests that were sent for this answer.
        budget_left: requests left in the current hour.
        notes: what a reader must know, such as an incomplete last bucket or segments cut off.
    """

    engine: str = ""
    source: str = ""
    from_date: str = ""
    to_date: str = ""
    computed_at: str = ""
    cached: bool | None = None
    requests: int | None = None
    budget_left: int | None = None
    notes: tuple[str, ...] = ()

    def line(self) -> str:
        """One quiet line for people, with only what is known."""
        parts = [
            " · ".join(part for part in (self.source, self.engine) if part),
            " – ".join(day[:10] for day in dict.fromkeys((self.from_date, self.to_date)) if day),
            f"computed {self.computed_at[:19].replace('T', ' ')}" if self.computed_at else "",
            {True: "cached", False: "", None: ""}[self.cached],
            f"{self.requests} request{'' if self.requests == 1 else 's'}" if self.requests else "",
            f"{self.budget_left} left this hour" if self.budget_left is not None else "",
            *self.notes,
        ]
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class ResultWithDataFrame:
    """An answer with a cached ``.df``; the base of all results that are tables.

    Attributes:
        raw: the JSON that the engine answered with, before it was read.
        query: the question that was asked; None where a call has no question object.
        provenance: where the answer comes from: the engine, its range, when it was computed.
    """

    kind: ClassVar[str] = ""

    _df_cache: pd.DataFrame | None = field(default=None, kw_only=True, repr=False, compare=False)
    raw: Any = field(default=None, kw_only=True, repr=False, compare=False)
    query: Any = field(default=None, kw_only=True, repr=False, compare=False)
    provenance: Provenance = field(default=Provenance(), kw_only=True, repr=False, compare=False)

    def _frame(self) -> pd.DataFrame:
        """Build the frame; called once."""
        raise NotImplementedError

    @property
    def df(self) -> pd.DataFrame:
        """The answer as a DataFrame, built at first use and kept."""
        return self._cached("_df_cache", self._frame)

    def _cached(self, name: str, build: Callable[[], T]) -> T:
        """The value of a cache field; the one place where a frozen result changes."""
        if getattr(self, name) is None:
            object.__setattr__(self, name, build())
        return cast(T, getattr(self, name))

    def to_table_dict(self) -> list[dict[str, Any]]:
        """The rows of ``.df`` as dicts, for JSON and table printers."""
        return cast("list[dict[str, Any]]", self.df.to_dict("records"))

    def to_dict(self) -> dict[str, Any]:
        """The public fields of the answer, ready for JSON."""
        return {
            item.name: _plain(getattr(self, item.name))
            for item in fields(self)
            if not item.kw_only and not item.name.startswith("_")
        }

    def card(self, ws: Any = None, *, chart: str | None = None) -> Any:
        """Open the answer as a card: charts, table, forms, drill-down, save as a report.

        Args:
            ws: the workspace that answered; by default the one that the notebook uses.
            chart: the chart that is drawn first.

        The same without a page: `mpnb.widget.carding.Card`.

        Raises:
            NotSupportedError: this answer is a plain frame, which has no chart.
            ParamValidationError: the chart cannot show this answer.
        """
        if not self.kind:
            what = type(self).__name__
            raise NotSupportedError(f"A {what} has no card; its rows are in .df.")
        return resolve(DISPLAY["card"])(self, ws, chart)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """What a notebook shows: Plotly JSON, script-free HTML with a drawing, and plain text."""
        if not self.kind:
            return _frame_bundle(self.df)
        bundle: dict[str, Any] = resolve(DISPLAY["mimebundle"])(self)
        return bundle

    def _ipython_display_(self) -> None:
        """Show the answer in a notebook: a chart, and below it its sentence, table and source."""
        if self.kind:
            resolve(DISPLAY["show"])(self)
        else:
            resolve(PUBLISH)(_frame_bundle(self.df))

    def __str__(self) -> str:
        return str(resolve(DISPLAY["text"])(self)) if self.kind else repr(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What plain IPython prints."""
        printer.text(repr(self) if cycle or not self.kind else resolve(DISPLAY["text"])(self))


def resolve(name: str) -> Any:
    """The object behind a ``"module:attribute"`` string of a registry."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _plain(value: Any) -> Any:
    """A JSON-ready copy of a field: nested results become dicts, tuples become lists."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _frame_bundle(df: pd.DataFrame) -> dict[str, Any]:
    """Results without a chart show their frame, as pandas does."""
    return {"text/plain": repr(df), "text/html": df.to_html(max_rows=20)}


def part(raw: Mapping[str, Any], key: str) -> dict[str, Any]:
    """An object inside a raw answer; one that is missing is empty.

    Raises:
        QueryError: there is something else in its place.
    """
    found = raw.get(key)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise QueryError(
            f"The answer is not understood: {key!r} is a {type(found).__name__}, "
            "where an object is expected.",
            status_code=200,
            response_body=dict(raw),
        )
    return dict(found)


def day(label: str) -> str:
    """The calendar day of a bucket label; a label inside a day keeps its hour.

    >>> day("2025-03-01T00:00:00-07:00"), day("2025-03-01T06:00:00Z")
    ('2025-03-01', '2025-03-01T06:00:00')
    """
    local = local_time(label)
    return local[:10] if local[10:] in ("", "T00:00:00") else local


def local_time(label: str) -> str:
    """A bucket label without its zone; the wall clock is the project's.

    >>> local_time("2025-03-01T00:00:00-07:00"), local_time("2025-03-01")
    ('2025-03-01T00:00:00', '2025-03-01')
    """
    return label[:19] if is_date(label) else label


def is_date(label: object) -> bool:
    """Whether a key of an answer is a bucket label: ``YYYY-MM-DD`` or ISO time.

    >>> is_date("2025-03-01"), is_date("iOS"), is_date("2025-03-01 - draft")
    (True, False, False)
    """
    if not isinstance(label, str) or len(label) < 10:
        return False
    if label[4] != "-" or label[7] != "-" or not (label[:4] + label[5:7] + label[8:10]).isdigit():
        return False
    return len(label) == 10 or (
        label[10] in "T " and label[11:13].isdigit() and label[13:14] == ":"
    )


def is_trend(params: Mapping[str, Any], keys: object) -> bool:
    """Whether an answer runs over dates; the params say it, their absence leaves it to the keys."""
    display = params.get("displayOptions")
    if isinstance(display, Mapping) and "chartType" in display:
        return bool(display["chartType"] == "line")
    return all(map(is_date, cast("list[object]", keys)))


def breakdown_names(params: Mapping[str, Any], headers: list[str] | None = None) -> list[str]:
    """The names of the breakdowns of an answer, from its headers or else from its params."""
    if headers and len(headers) > 1:
        return [str(name) for name in headers[1:]]
    sections = params.get("sections")
    groups = sections.get("group", []) if isinstance(sections, Mapping) else []
    return [
        str(group.get("propertyName") or group.get("value") or "")
        for group in groups
        if isinstance(group, Mapping)
    ]


def segment_columns(names: list[str], levels: int, reserved: set[str]) -> list[str]:
    """Column names for the levels of a breakdown.

    One level is always ``segment``. Several take their own names, unless one of them is a column
    of the frame already, is missing or stands twice: then all are numbered.

    >>> segment_columns(["auth", "code"], 2, {"count"})
    ['auth', 'code']
    >>> segment_columns(["count", "auth"], 2, {"count"})
    ['segment_1', 'segment_2']
    """
    if levels <= 1:
        return ["segment"] * levels
    usable = len(names) == levels == len(set(names)) and not reserved & set(names)
    if usable and all(names):
        return names
    return [f"segment_{level}" for level in range(1, levels + 1)]


def pad(path: tuple[str, ...], levels: int) -> tuple[str, ...]:
    """A path of segments filled up with the overall line, where a roll-up stops early."""
    return path + (OVERALL,) * (levels - len(path))


def segment_label(path: tuple[str, ...]) -> str:
    """One name for a combination of segments, as keys of ``segments`` use it."""
    return " | ".join(path)
