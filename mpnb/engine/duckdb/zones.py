"""Whole columns of instants in a project's zone: local days, and wall clocks read back.

Enters: int64 milliseconds and a zone. Leaves: int32 days since 1970-01-01, or instants. The
surprise: where a clock is set back over midnight the day is not reopened: instants after the first
local midnight stay in the new day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

DAY_MS = 86_400_000
_PROBE_MS = DAY_MS // 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Offsets:
    """The clock changes of a zone: from `starts[i]` on (ms UTC) the offset is `offsets[i]` ms."""

    starts: Int64
    offsets: Int64


def local_days(time_ms: Int64, zone: ZoneInfo) -> Int32:
    """The local calendar day of each instant, as days since 1970-01-01."""
    if len(time_ms) == 0:
        return np.zeros(0, np.int32)
    table = _table(zone, time_ms)
    if len(table.starts) == 1:
        day: Int64 = (time_ms + table.offsets[0]) // DAY_MS
        return day.astype(np.int32)
    index = np.searchsorted(table.starts, time_ms, side="right") - 1
    day = (time_ms + table.offsets[index]) // DAY_MS
    reached: Int64 = np.maximum(day, _floors(table)[index])
    return reached.astype(np.int32)


def instants(wall_ms: Int64, zone: ZoneInfo) -> Int64:
    """The instants of local wall clocks, given as if they were UTC.

    A wall clock that occurs twice means its first instant; one that is skipped is read with the
    offset before the change.
    """
    if len(wall_ms) == 0:
        return wall_ms
    table = _table(zone, wall_ms)
    if len(table.starts) == 1:
        fixed: Int64 = wall_ms - table.offsets[0]
        return fixed
    # The old offset holds up to the change, and through the hour that is skipped or repeated.
    until = table.starts[1:] + np.maximum(table.offsets[1:], table.offsets[:-1])
    offset: Int64 = table.offsets[np.searchsorted(until, wall_ms, side="right")]
    found: Int64 = wall_ms - offset
    return found


def _floors(table: Offsets) -> Int64:
    """The last day that was reached before each clock change."""
    before = (table.starts[1:] - 1 + table.offsets[:-1]) // DAY_MS
    return np.concatenate([np.array([np.iinfo(np.int64).min // 2]), before])


def _table(zone: ZoneInfo, time_ms: Int64) -> Offsets:
    """The changes between the first and the last instant, whole years with a margin."""
    first = (_EPOCH + timedelta(milliseconds=int(time_ms.min()))).year
    last = (_EPOCH + timedelta(milliseconds=int(time_ms.max()))).year
    return _offsets(zone, max(first - 1, 2), min(last + 2, 9999))


@lru_cache(maxsize=64)
def _offsets(zone: ZoneInfo, first_year: int, last_year: int) -> Offsets:
    start = _ms(datetime(first_year, 1, 1, tzinfo=UTC))
    end = _ms(datetime(last_year, 12, 30, tzinfo=UTC))
    starts, offsets = [start], [_offset(zone, start)]
    for probe in range(start + _PROBE_MS, end, _PROBE_MS):
        offset = _offset(zone, probe)
        if offset != offsets[-1]:
            starts.append(_change(zone, probe - _PROBE_MS, probe, offsets[-1]))
            offsets.append(offset)
    return Offsets(np.array(starts, np.int64), np.array(offsets, np.int64))


def _change(zone: ZoneInfo, low: int, high: int, offset: int) -> int:
    """The first instant in (low, high] whose offset is no longer `offset`."""
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == offset:
            low = middle
        else:
            high = middle
    return high


def _offset(zone: ZoneInfo, ms: int) -> int:
    moment = (_EPOCH + timedelta(milliseconds=ms)).astimezone(zone)
    return (moment.utcoffset() or timedelta()) // timedelta(milliseconds=1)


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
