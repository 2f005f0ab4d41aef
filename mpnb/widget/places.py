"""Where in an answer a row of its table stands.

Enters: a row, by column. Leaves: a place that drills start from. The surprise: the rows of paths
and trees do not say how they begin, so that their way is read from the rows above them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpnb.widget.drill_base import Place
from mpnb.widget.drill_words import day


def _point(row: dict[str, Any]) -> Place:
    path = tuple(str(v) for name, v in row.items() if name not in ("date", "event", "count"))
    date = day(row.get("date"))
    return Place(path=path, date=date, metric=str(row["event"]), count=_number(row["count"]))


def _step(row: dict[str, Any]) -> Place:
    names = list(row)
    path = tuple(str(row[name]) for name in names[: names.index("step")] if name != "date")
    return Place(path=path, date=day(row.get("date")), step=int(row["step"]))


def _cell_of_cohort(row: dict[str, Any]) -> Place:
    names = list(row)
    path = tuple(str(row[name]) for name in names[: names.index("cohort_date")])
    bucket = row["bucket"]
    return Place(
        path=path,
        date=str(row["cohort_date"]),
        bucket=None if bucket is None or bucket != bucket else int(bucket),
        count=_number(row["count"]),
    )


def _edge(row: dict[str, Any]) -> Place:
    if "target_event" not in row:
        counted = row["count"] if "count" in row else row["total_count"]
        target = "DROPOFF" if row["type"] == "DROPOFF" else str(row["event"])
        return Place(target=target, count=_number(counted))
    target = "DROPOFF" if row["target_type"] == "DROPOFF" else str(row["target_event"])
    columns = int(row["source_step"]), int(row["target_step"])
    source = str(row["source_event"])
    return Place(source=source, target=target, columns=columns, count=_number(row["count"]))


def route(result: Any, frame: Any, at: int) -> tuple[tuple[str, str], ...]:
    """Event and type of the nodes from the first to the one of a row, of paths and trees."""
    if result.mode == "sankey":
        return ()
    depth = "step" if result.mode == "paths" else "depth"
    want, found = int(frame[depth].iloc[at]), []
    for row in frame.iloc[at::-1].to_dict("records"):
        if int(row[depth]) == want:
            found.append((str(row["event"]), str(row["type"])))
            want -= 1
        if want < 0:
            break
    return tuple(reversed(found))


PLACES: dict[str, Callable[[dict[str, Any]], Place]] = {
    "insights": _point,
    "funnel": _step,
    "retention": _cell_of_cohort,
    "flow": _edge,
}
"""Kind of answer → where a row of its table stands; people lead nowhere."""


def of(kind: str, row: dict[str, Any]) -> Place:
    """Where a row stands."""
    return PLACES[kind](row) if kind in PLACES else Place()


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)
