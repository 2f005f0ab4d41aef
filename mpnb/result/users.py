"""User answers: pages of profiles or one aggregate enter, a frame of people or numbers leaves.

The surprise: a profile property ``$email`` becomes the column ``email``, unless the profiles also
have a property ``email``; then both keep their own names, so that no value is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from mpnb.result.base import ResultWithDataFrame
from mpnb.result.types import UserMode

if TYPE_CHECKING:
    import pandas as pd

ID_COLUMNS = ["distinct_id", "last_seen"]


@dataclass(frozen=True)
class UserQueryResult(ResultWithDataFrame):
    """The answer to a question about people: their profiles, or one number over them.

    Attributes:
        computed_at: when the answer was made, ISO format.
        total: number of profiles in this answer (0 for an aggregate).
        profiles: ``{"distinct_id", "last_seen", "properties"}`` of each person.
        params: the engage params that asked.
        meta: pages fetched, or the action of an aggregate.
        mode: ``"profiles"`` or ``"aggregate"``.
        aggregate_data: a number, or a dict for aggregates of several numbers or segments.
    """

    kind: ClassVar[str] = "users"

    computed_at: str
    total: int
    profiles: list[dict[str, Any]] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    mode: UserMode = "aggregate"
    aggregate_data: dict[str, Any] | int | float | None = None

    @property
    def distinct_ids(self) -> list[str]:
        """The ids of the profiles, in order."""
        return [str(profile.get("distinct_id") or "") for profile in self.profiles]

    @property
    def value(self) -> int | float | None:
        """The aggregate when it is one number, else None."""
        data = self.aggregate_data
        return None if self.mode == "profiles" or isinstance(data, dict) else data

    def _frame(self) -> pd.DataFrame:
        # pandas is loaded here and not above, so that importing mpnb stays light.
        import pandas as pd

        if self.mode == "profiles":
            columns, rows = profile_table(self.profiles)
        else:
            columns, rows = self._aggregate_table()
        return pd.DataFrame(rows, columns=columns)

    def _aggregate_table(self) -> tuple[list[str], list[list[Any]]]:
        """(columns, rows): one row, or one per segment; dicts spread over columns."""
        data = self.aggregate_data
        action = self.params.get("action") or self.meta.get("action") or "aggregate"
        split = self.meta.get("segmented", "segment_by_cohorts" in self.params)
        segmented = split and (data is None or isinstance(data, dict))
        first = "segment" if segmented else "metric"
        cells: Mapping[str, Any] = {action: data}
        if segmented:
            cells = data if isinstance(data, dict) else {}
        elif data is None:
            cells = {}
        names = dict.fromkeys(
            name
            for cell in cells.values()
            for name in (cell if isinstance(cell, dict) else ["value"])
        )
        columns = list(names) or ["value"]
        rows = [
            [
                label,
                *((cell if isinstance(cell, dict) else {"value": cell}).get(c) for c in columns),
            ]
            for label, cell in cells.items()
        ]
        return [first, *columns], rows


def profile_table(profiles: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    """(columns, rows) of profiles: id, last seen, then the properties by name."""
    names = sorted({name for profile in profiles for name in profile.get("properties") or {}})
    wished = {name: name.removeprefix("$") for name in names}
    taken = Counter([*wished.values(), *ID_COLUMNS])
    shown = {name: label if taken[label] == 1 else name for name, label in wished.items()}
    for name in ID_COLUMNS:  # a property that is called like an id column
        if name in shown:
            shown[name] = f"properties.{name}"
    ordered = sorted(names, key=lambda name: (shown[name], name))
    rows = [
        [
            profile.get("distinct_id") or "",
            profile.get("last_seen"),
            *((profile.get("properties") or {}).get(name) for name in ordered),
        ]
        for profile in profiles
    ]
    return [*ID_COLUMNS, *(shown[name] for name in ordered)], rows


def read_profile(raw: Mapping[str, Any]) -> dict[str, Any]:
    """One raw engage profile in the form that people see."""
    properties = dict(raw.get("$properties") or {})
    return {
        "distinct_id": raw.get("$distinct_id") or "",
        "last_seen": properties.pop("$last_seen", None),
        "properties": properties,
    }


def from_pages(
    pages: Sequence[Mapping[str, Any]],
    params: Mapping[str, Any],
    *,
    limit: int | None = None,
    computed_at: str | None = None,
    parallel: bool = False,
    workers: int | None = None,
    failed_pages: Sequence[int] = (),
) -> UserQueryResult:
    """Read fetched pages of profiles, the first ``limit`` of them (None: all)."""
    raw = [row for page in pages for row in page.get("results") or []]
    profiles = [read_profile(row) for row in raw[:limit]]
    first: Mapping[str, Any] = pages[0] if pages else {}
    fetched = [page for number, page in enumerate(pages) if number == 0 or page.get("results")]
    meta: dict[str, Any] = {"session_id": first.get("session_id"), "pages_fetched": len(fetched)}
    if parallel:
        meta["failed_pages"] = list(failed_pages)
    meta["parallel"] = parallel
    if parallel:
        meta["workers"] = workers
    told = first.get("meta")
    meta.update(told if isinstance(told, Mapping) else {})
    return UserQueryResult(
        computed_at=computed_at or first.get("computed_at") or "",
        total=len(profiles),
        profiles=profiles,
        params=dict(params),
        meta=meta,
        mode="profiles",
        raw=pages[0] if len(pages) == 1 else list(pages),
    )


def from_aggregate(raw: Mapping[str, Any], params: Mapping[str, Any]) -> UserQueryResult:
    """Read the answer to an aggregate over people."""
    segmented = "segment_by_cohorts" in params
    return UserQueryResult(
        computed_at=raw.get("computed_at") or "",
        total=0,
        params=dict(params),
        meta={"action": params.get("action", ""), "segmented": segmented},
        mode="aggregate",
        aggregate_data=raw.get("results"),
        raw=raw,
    )


@dataclass(frozen=True)
class ProfilePageResult:
    """One page of profiles, as the Engage API gives them.

    Attributes:
        profiles: the profiles of this page, raw.
        session_id: names the search that the pages belong to; None on the last page.
        page: number of the page, from 0.
        has_more: whether another page follows.
        total: number of profiles on all pages.
        page_size: most profiles on a page.
    """

    profiles: list[dict[str, Any]]
    session_id: str | None
    page: int
    has_more: bool
    total: int
    page_size: int

    @property
    def num_pages(self) -> int:
        """Number of pages that hold all profiles; 0 when there are none."""
        return -(-self.total // self.page_size) if self.total > 0 and self.page_size > 0 else 0

    def to_dict(self) -> dict[str, Any]:
        """Return the page as JSON data, with its number of profiles and of all pages."""
        return {
            "profiles": self.profiles,
            "session_id": self.session_id,
            "page": self.page,
            "has_more": self.has_more,
            "profile_count": len(self.profiles),
            "total": self.total,
            "page_size": self.page_size,
            "num_pages": self.num_pages,
        }
