"""Recorded sessions: one with its events and actions, its entry in a list, Mixpanel's events of it.

Enters: what the recorder wrote. Leaves: frames, sentences, and the events for a player. The
surprise: all times are milliseconds since the epoch in UTC, in frames too, because that is what
the recorder counts in and what differences of actions are measured with.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from mpnb.result.base import ResultWithDataFrame
from mpnb.result.replay_action import RETENTION_DAYS, UserAction, check
from mpnb.result.replay_page import CUSTOM, FULL, pages

if TYPE_CHECKING:
    import pandas as pd

ACTIONS = ["t", "action", "target_node_id", "target_desc", "description", "url", "metadata"]
EVENTS = ["t", "type", "source", "mouse_type", "target_node_id", "url", "raw"]
MIXPANEL = ["t", "event_name", "properties"]


def frame(rows: list[Any], columns: list[str]) -> pd.DataFrame:
    """Rows as a frame that has its columns also when there are none."""
    # pandas is loaded here and not above, so that importing mpnb stays light.
    import pandas as pd

    return pd.DataFrame(rows, columns=columns)


@dataclass(frozen=True)
class ReplayEvent(ResultWithDataFrame):
    """An event of the project that was sent during a recorded session.

    Attributes:
        replay_id: the session.
        event_name: the event.
        event_time: when, in milliseconds since the epoch.
        properties: those that were asked for; None when none were.

    Raises:
        ParamValidationError: an id or name is empty, or the time not positive (``RE1_…`` to
            ``RE3_…``).
    """

    replay_id: str
    event_name: str
    event_time: int
    properties: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        check(bool(self.replay_id), "RE1_EMPTY_REPLAY_ID", "replay_id is empty.")
        check(bool(self.event_name), "RE2_EMPTY_EVENT_NAME", "event_name is empty.")
        check(self.event_time > 0, "RE3_EVENT_TIME_NOT_POSITIVE", "event_time is not positive.")

    def _frame(self) -> pd.DataFrame:
        return frame([tuple(self.to_dict().values())], list(self.to_dict()))


@dataclass(frozen=True)
class ReplaySummary(ResultWithDataFrame):
    """A recorded session as a list shows it.

    Attributes:
        replay_id: the session.
        distinct_id: the person, where they were asked for.
        project_id: the project.
        start_time: when it began, in milliseconds since the epoch.
        retention_days: how long it is kept: 1, 7, 30 or 90.

    Raises:
        ParamValidationError: a field is not what it must be (``RS1_…`` to ``RS4_…``).
    """

    replay_id: str
    distinct_id: str | None
    project_id: int
    start_time: int
    retention_days: int

    def __post_init__(self) -> None:
        check(bool(self.replay_id), "RS1_EMPTY_REPLAY_ID", "replay_id is empty.")
        check(self.project_id > 0, "RS2_PROJECT_ID_NOT_POSITIVE", "project_id is not positive.")
        check(self.start_time > 0, "RS3_START_TIME_NOT_POSITIVE", "start_time is not positive.")
        kept = self.retention_days in RETENTION_DAYS
        check(kept, "RS4_INVALID_RETENTION_DAYS", f"retention_days is one of {RETENTION_DAYS}.")

    def _frame(self) -> pd.DataFrame:
        return frame([tuple(self.to_dict().values())], list(self.to_dict()))


@dataclass(frozen=True)
class Replay(ResultWithDataFrame):
    """One recorded session.

    Attributes:
        replay_id: the session.
        distinct_id: the person, where known.
        project_id: the project.
        start_time: the first event, in milliseconds since the epoch.
        end_time: the last event.
        retention_days: how long it is kept.
        rrweb_events: what the recorder wrote, in order of time.
        actions: what the person did.
        mixpanel_events: events of the project during the session, where asked for.

    ``df`` is `actions_df`.

    Raises:
        ParamValidationError: a field is not what it must be (``RP1_…`` to ``RP5_…``).
    """

    replay_id: str
    distinct_id: str | None
    project_id: int
    start_time: int
    end_time: int
    retention_days: int
    rrweb_events: list[dict[str, Any]] = field(default_factory=list)
    actions: list[UserAction] = field(default_factory=list)
    mixpanel_events: list[ReplayEvent] = field(default_factory=list)
    _events_df_cache: pd.DataFrame | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )
    _actions_df_cache: pd.DataFrame | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )
    _mixpanel_df_cache: pd.DataFrame | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        check(bool(self.replay_id), "RP1_EMPTY_REPLAY_ID", "replay_id is empty.")
        check(self.project_id > 0, "RP2_PROJECT_ID_NOT_POSITIVE", "project_id is not positive.")
        check(self.start_time > 0, "RP3_START_TIME_NOT_POSITIVE", "start_time is not positive.")
        check(self.end_time >= self.start_time, "RP4_TIME_ORDER", "end_time is before start_time.")
        kept = self.retention_days in RETENTION_DAYS
        check(kept, "RP5_INVALID_RETENTION_DAYS", f"retention_days is one of {RETENTION_DAYS}.")

    @property
    def duration_seconds(self) -> float:
        """Seconds from the first event to the last."""
        return (self.end_time - self.start_time) / 1000

    @property
    def actions_df(self) -> pd.DataFrame:
        """One row per action."""
        return self._cached("_actions_df_cache", self._actions_frame)

    @property
    def events_df(self) -> pd.DataFrame:
        """One row per recorded event; ``raw`` is all of it."""
        return self._cached("_events_df_cache", self._events_frame)

    @property
    def mixpanel_df(self) -> pd.DataFrame:
        """One row per event of the project."""
        return self._cached("_mixpanel_df_cache", self._mixpanel_frame)

    @property
    def errors(self) -> pd.DataFrame:
        """The rows of `actions_df` that are errors of the console."""
        return self.of_kind("console_error")

    @property
    def capture(self) -> Literal["dom", "screenshot"]:
        """Whether nodes of a page were recorded, or pictures of an app."""
        seen = [event for event in self.rrweb_events if event.get("type") == FULL]
        pictures = [event for event in seen if _is_picture(event.get("data"))]
        return "screenshot" if seen and len(pictures) == len(seen) else "dom"

    @property
    def has_wireframes(self) -> bool:
        """Whether outlines of an app's screens were recorded with the pictures."""
        custom = (event for event in self.rrweb_events if event.get("type") == CUSTOM)
        return any("wireframe" in json.dumps(event.get("data")).casefold() for event in custom)

    @property
    def summary_markdown(self) -> str:
        """The session in words, as Markdown: facts, pages, actions, errors."""
        counts = self.counts()
        began = datetime.fromtimestamp(self.start_time / 1000, UTC)
        lines = [
            f"## Session {self.replay_id}",
            "",
            f"- person: {self.distinct_id or 'unknown'}",
            f"- began: {began:%Y-%m-%d %H:%M:%S} UTC, {self.duration_seconds:.1f} s long",
            f"- did: {', '.join(f'{n} {name}' for name, n in counts.items()) or 'nothing'}",
            *(f"- page {page}" for page in self.page_path()),
            *(f"- screen {screen}" for screen in self.screen_path()),
            "",
            *(f"- {self._after(act.timestamp)} {_said(act)}" for act in self.actions[:50]),
        ]
        more = len(self.actions) - 50
        return "\n".join([*lines, *([f"- and {more} more"] if more > 0 else [])])

    def counts(self) -> dict[str, int]:
        """Kind of action → how often."""
        found: dict[str, int] = {}
        for act in self.actions:
            found[act.action] = found.get(act.action, 0) + 1
        return found

    def page_path(self) -> list[str]:
        """The addresses that were gone to, in order."""
        return pages(self.actions, "navigate")

    def screen_path(self) -> list[str]:
        """The screens of an app that were seen, in order."""
        return pages(self.actions, "screen")

    def to_rrweb_player_json(self) -> list[dict[str, Any]]:
        """The events for a player such as rrweb-player, which wants two at least."""
        return list(self.rrweb_events)

    def clicks_on(self, predicate: Callable[[UserAction], bool]) -> pd.DataFrame:
        """The clicks and touches for which a condition holds, as rows of `actions_df`."""
        kinds = ("click", "touch_start")
        return self.rows_of(lambda act: act.action in kinds and predicate(act))

    def of_kind(self, kind: str) -> pd.DataFrame:
        """The actions of a kind, as rows of `actions_df`."""
        return self.rows_of(lambda act: act.action == kind)

    def rows_of(self, predicate: Callable[[UserAction], bool]) -> pd.DataFrame:
        """The actions for which a condition holds, as rows of `actions_df`."""
        chosen = [predicate(act) for act in self.actions]
        return self.actions_df[chosen].reset_index(drop=True)

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        plain = super().to_dict()
        plain["actions"] = [act.to_dict() for act in self.actions]
        plain["mixpanel_events"] = [event.to_dict() for event in self.mixpanel_events]
        return plain

    def _frame(self) -> pd.DataFrame:
        return self.actions_df

    def _actions_frame(self) -> pd.DataFrame:
        names = ["timestamp", *ACTIONS[1:]]
        return frame([[getattr(act, name) for name in names] for act in self.actions], ACTIONS)

    def _events_frame(self) -> pd.DataFrame:
        rows, url = [], None
        for event in self.rrweb_events:
            data = event.get("data")
            data = data if isinstance(data, Mapping) else {}
            url = data.get("href", url)
            mouse = data.get("type") if data.get("source") == 2 else None
            found = event.get("timestamp"), event.get("type"), data.get("source"), mouse
            rows.append((*found, data.get("id"), url, event))
        return frame(rows, EVENTS)

    def _mixpanel_frame(self) -> pd.DataFrame:
        found = self.mixpanel_events
        return frame([(e.event_time, e.event_name, e.properties) for e in found], MIXPANEL)

    def _after(self, moment: int) -> str:
        seconds = max(0, moment - self.start_time) // 1000
        return f"{seconds // 60}:{seconds % 60:02}"

    def __repr__(self) -> str:
        return (
            f"Replay({self.replay_id!r}, {self.duration_seconds:.1f} s, "
            f"{len(self.rrweb_events)} events, {len(self.actions)} actions)"
        )

    __str__ = __repr__


def _said(act: UserAction) -> str:
    return act.description or f"{act.action} {act.target_desc}"


def _is_picture(data: Any) -> bool:
    """Whether a snapshot shows one picture and no text."""
    text = json.dumps(data)
    return '"tagName": "img"' in text and '"textContent"' not in text
