"""Many recorded sessions: compared, narrowed, and read as frames.

Enters: replays of one project. Leaves: frames with the column ``replay_id`` first, and bundles. The
surprise: nothing is asked of the server here; what was not fetched is not there.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mpnb.result.base import ResultWithDataFrame
from mpnb.result.replay import ACTIONS, EVENTS, MIXPANEL, Replay, frame
from mpnb.result.replay_action import UserAction, check, default_label_fn

if TYPE_CHECKING:
    import pandas as pd

SESSIONS = [
    "replay_id",
    "distinct_id",
    "start_time",
    "end_time",
    "duration_s",
    "retention_days",
    "n_events",
    "n_actions",
    "n_clicks",
    "n_inputs",
    "n_pages",
    "n_errors",
    "n_mp_events",
    "entry_url",
    "exit_url",
]
SCREENS = ["replay_id", "t", "heading", "fingerprint", "element_count", "description"]
ELEMENTS = ["target_desc", "url", "n_clicks", "n_unique_replays"]
RAGE = ["replay_id", "t", "target_desc", "url", "n", "duration_ms"]
PAUSES = ["replay_id", "t", "duration_s", "before", "after"]
COMPARED = ["n_actions", "n_clicks", "n_inputs", "n_pages", "n_errors", "duration_s"]
PRESSES = ("click", "touch_start")


@dataclass(frozen=True)
class ReplayBundle(ResultWithDataFrame):
    """Recorded sessions of one project.

    Attributes:
        replays: the sessions.
        computed_at: when they were fetched, ISO format.
        project_id: the project; 0 for none.

    ``df`` is `sessions_df`; times are milliseconds since the epoch.

    Raises:
        ParamValidationError: a session is of another project (``RB1_PROJECT_ID_MISMATCH``).
    """

    replays: list[Replay] = field(default_factory=list)
    computed_at: str = ""
    project_id: int = 0
    _sessions_df_cache: pd.DataFrame | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )
    _actions_df_cache: pd.DataFrame | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )
    _events_df_cache: pd.DataFrame | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )
    _mixpanel_df_cache: pd.DataFrame | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )
    _elements_df_cache: pd.DataFrame | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )
    _screens_df_cache: pd.DataFrame | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        others = {r.project_id for r in self.replays} - {self.project_id}
        words = f"project_id is {self.project_id}, and there are sessions of {sorted(others)}."
        check(not self.replays or not others, "RB1_PROJECT_ID_MISMATCH", words)

    @property
    def sessions_df(self) -> pd.DataFrame:
        """One row per session."""
        return self._cached(
            "_sessions_df_cache", lambda: frame([_session(r) for r in self.replays], SESSIONS)
        )

    @property
    def actions_df(self) -> pd.DataFrame:
        """The actions of all sessions."""
        return self._cached("_actions_df_cache", lambda: self._joined("actions_df", ACTIONS))

    @property
    def events_df(self) -> pd.DataFrame:
        """The recorded events of all sessions."""
        return self._cached("_events_df_cache", lambda: self._joined("events_df", EVENTS))

    @property
    def mixpanel_df(self) -> pd.DataFrame:
        """The project's events of all sessions."""
        return self._cached("_mixpanel_df_cache", lambda: self._joined("mixpanel_df", MIXPANEL))

    @property
    def elements_df(self) -> pd.DataFrame:
        """What was clicked on, where, how often and in how many sessions; most clicks first."""
        return self._cached("_elements_df_cache", self._elements)

    @property
    def screens_df(self) -> pd.DataFrame:
        """The screens of an app that were seen; ``fingerprint`` is equal for equal screens."""
        return self._cached("_screens_df_cache", self._screens)

    @property
    def summary_markdown(self) -> str:
        """The sessions in words, as Markdown."""
        total = sum(r.duration_seconds for r in self.replays)
        people = len({r.distinct_id for r in self.replays if r.distinct_id})
        top = self.top_clicks(5).itertuples()
        return "\n".join(
            [
                f"## {len(self.replays)} sessions of {people} people",
                "",
                f"- {total:.1f} s in all, {len(self.error_sessions().replays)} with errors",
                *(f"- {row.n_clicks} clicks on {row.target_desc}" for row in top),
            ]
        )

    def top_clicks(self, n: int = 10) -> pd.DataFrame:
        """The first rows of `elements_df`."""
        return self.elements_df.head(n)

    def rage_clicks(self, threshold: int = 3, window_ms: int = 1000) -> pd.DataFrame:
        """Where somebody clicked on the same node many times in a short while.

        Args:
            threshold: clicks at least.
            window_ms: from the first of them to the last.
        """
        found: list[Any] = []
        for replay in self.replays:
            clicks = defaultdict(list)
            for act in replay.actions:
                if act.action == "click":
                    clicks[act.target_node_id, act.url].append(act)
            for acts in clicks.values():
                bursts = _bursts(acts, threshold, window_ms)
                found += [_burst(replay, burst) for burst in bursts]
        return frame(sorted(found, key=lambda row: row[:2]), RAGE)

    def rage_taps(
        self,
        threshold: int = 3,
        window_ms: int = 2000,
        radius_px: float = 24,
        grace_ms: int = 1000,
    ) -> pd.DataFrame:
        """Where somebody tapped the same spot many times and no new page or screen came.

        Args:
            threshold: taps at least.
            window_ms: from the first of them to the last.
            radius_px: how far a tap may be from the first.
            grace_ms: how soon after the last tap a new page or screen makes it no rage.
        """
        found: list[Any] = []
        for replay in self.replays:
            moved = [a.timestamp for a in replay.actions if a.action in ("navigate", "screen")]
            taps = [a for a in replay.actions if a.action in PRESSES and "x" in a.metadata]
            for burst in _bursts(taps, threshold, window_ms, radius_px):
                first, last = burst[0].timestamp, burst[-1].timestamp + grace_ms
                if not any(first < moment <= last for moment in moved):
                    found.append(_burst(replay, burst))
        return frame(found, RAGE)

    def long_pauses(self, threshold_s: float = 10) -> pd.DataFrame:
        """Where nothing was done for so many seconds, with what came before and after."""
        found = []
        for replay in self.replays:
            for act, later in zip(replay.actions, replay.actions[1:], strict=False):
                seconds = (later.timestamp - act.timestamp) / 1000
                if seconds >= threshold_s:
                    names = default_label_fn(act), default_label_fn(later)
                    found.append((replay.replay_id, act.timestamp, seconds, *names))
        return frame(found, PAUSES)

    def filter(self, predicate: Callable[[Replay], bool]) -> ReplayBundle:
        """The sessions for which a condition holds."""
        return self._of(r for r in self.replays if predicate(r))

    def where(
        self,
        *,
        distinct_id: str | None = None,
        contains_url: str | None = None,
        has_event: str | None = None,
        min_duration_s: float | None = None,
        max_duration_s: float | None = None,
    ) -> ReplayBundle:
        """The sessions for which all that is given holds.

        Args:
            distinct_id: the person.
            contains_url: text in an address that was gone to.
            has_event: an event of the project; needs the sessions to be fetched with them.
            min_duration_s: seconds at least.
            max_duration_s: seconds at most.
        """
        tests: list[Callable[[Replay], bool]] = []
        if distinct_id is not None:
            tests.append(lambda r: r.distinct_id == distinct_id)
        if contains_url is not None:
            tests.append(lambda r: any(contains_url in url for url in r.page_path()))
        if has_event is not None:
            tests.append(lambda r: any(e.event_name == has_event for e in r.mixpanel_events))
        if min_duration_s is not None:
            tests.append(lambda r: r.duration_seconds >= min_duration_s)
        if max_duration_s is not None:
            tests.append(lambda r: r.duration_seconds <= max_duration_s)
        return self.filter(lambda replay: all(test(replay) for test in tests))

    def find_pattern(
        self,
        action_sequence: list[str],
        *,
        label_fn: Callable[[UserAction], str] | None = None,
    ) -> ReplayBundle:
        """The sessions in which actions come in an order; others may come in between.

        Args:
            action_sequence: names of actions as `label_fn` gives them; without a function also
                kinds such as ``"click"``, whatever it was done to.
            label_fn: names an action; by default `default_label_fn`.
        """

        def fits(act: UserAction, wanted: str) -> bool:
            plain = label_fn is None and act.action == wanted
            return plain or (label_fn or default_label_fn)(act) == wanted

        def has_all(replay: Replay) -> bool:
            left = iter(replay.actions)
            return all(any(fits(act, wanted) for act in left) for wanted in action_sequence)

        return self.filter(has_all)

    def error_sessions(self) -> ReplayBundle:
        """The sessions with errors of the console."""
        return self.filter(lambda replay: "console_error" in replay.counts())

    def head(self, n: int = 5) -> ReplayBundle:
        """The first sessions."""
        return self._of(self.replays[:n])

    def sample(self, n: int = 5, seed: int | None = None) -> ReplayBundle:
        """Some sessions by chance, in their order; a seed makes it the same ones again."""
        places = range(len(self.replays))
        chosen = sorted(random.Random(seed).sample(places, min(n, len(places))))
        return self._of(self.replays[place] for place in chosen)

    def join_mixpanel_events(self, properties: list[str] | None = None) -> ReplayBundle:
        """The sessions whose events of the project keep only these properties.

        Args:
            properties: names to keep; None keeps all that were fetched.
        """
        if properties is None:
            return self._of(self.replays)
        return self._of(_narrowed(replay, properties) for replay in self.replays)

    def compare(self, other: ReplayBundle) -> pd.DataFrame:
        """Means per session of both, and their difference, one row per figure."""
        mine, theirs = (b.sessions_df[COMPARED].astype(float).mean() for b in (self, other))
        rows = [(name, mine[name], theirs[name], theirs[name] - mine[name]) for name in COMPARED]
        return frame(rows, ["figure", "this", "other", "difference"])

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        replays = [replay.to_dict() for replay in self.replays]
        return {
            "computed_at": self.computed_at,
            "project_id": self.project_id,
            "replays": replays,
        }

    def _frame(self) -> pd.DataFrame:
        return self.sessions_df

    def _of(self, replays: Iterable[Replay]) -> ReplayBundle:
        return ReplayBundle(list(replays), self.computed_at, self.project_id)

    def _joined(self, name: str, columns: list[str]) -> pd.DataFrame:
        rows = [
            (replay.replay_id, *row)
            for replay in self.replays
            for row in getattr(replay, name).itertuples(index=False, name=None)
        ]
        return frame(rows, ["replay_id", *columns])

    def _elements(self) -> pd.DataFrame:
        seen: dict[tuple[str, str], list[str]] = defaultdict(list)
        for replay in self.replays:
            for act in replay.actions:
                if act.action in PRESSES:
                    seen[act.target_desc, act.url or ""].append(replay.replay_id)
        rows = [(*what, len(ids), len(set(ids))) for what, ids in seen.items()]
        return frame(sorted(rows, key=lambda row: (-row[2], row[:2])), ELEMENTS)

    def _screens(self) -> pd.DataFrame:
        return frame([_screen(r, a) for r in self.replays for a in r.actions if _seen(a)], SCREENS)

    def __repr__(self) -> str:
        return f"ReplayBundle({len(self.replays)} sessions, project {self.project_id})"

    __str__ = __repr__


def _session(replay: Replay) -> tuple[Any, ...]:
    counts, path = replay.counts(), replay.page_path()
    clicks = sum(counts.get(kind, 0) for kind in PRESSES)
    return (
        replay.replay_id,
        replay.distinct_id,
        replay.start_time,
        replay.end_time,
        replay.duration_seconds,
        replay.retention_days,
        len(replay.rrweb_events),
        len(replay.actions),
        clicks,
        counts.get("input", 0),
        len(path),
        counts.get("console_error", 0),
        len(replay.mixpanel_events),
        path[0] if path else None,
        path[-1] if path else None,
    )


def _bursts(
    acts: list[UserAction], threshold: int, window_ms: int, radius_px: float | None = None
) -> list[list[UserAction]]:
    """Runs of actions within a window of their first, and near it; each action in one run."""
    found, place = [], 0
    while place < len(acts):
        first = acts[place]
        burst = []
        for act in acts[place:]:
            if act.timestamp - first.timestamp > window_ms or not _near(first, act, radius_px):
                break
            burst.append(act)
        enough = len(burst) >= threshold
        found += [burst] if enough else []
        place += len(burst) if enough else 1
    return found


def _near(first: UserAction, act: UserAction, radius_px: float | None) -> bool:
    if radius_px is None:
        return True
    across, down = (act.metadata.get(k, 0) - first.metadata.get(k, 0) for k in ("x", "y"))
    return bool(across**2 + down**2 <= radius_px**2)


def _burst(replay: Replay, burst: list[UserAction]) -> tuple[Any, ...]:
    first, last = burst[0], burst[-1]
    lasted = last.timestamp - first.timestamp
    return replay.replay_id, first.timestamp, first.target_desc, first.url, len(burst), lasted


def _seen(act: UserAction) -> bool:
    return act.action == "screen"


def _screen(replay: Replay, act: UserAction) -> tuple[Any, ...]:
    elements = act.metadata.get("elements")
    count = len(elements) if isinstance(elements, list) else None
    mark = sha256(repr((act.target_desc, elements)).encode()).hexdigest()[:12]
    return replay.replay_id, act.timestamp, act.target_desc, mark, count, act.description


def _narrowed(replay: Replay, properties: list[str]) -> Replay:
    kept = [
        replace(event, properties={k: (event.properties or {}).get(k) for k in properties})
        for event in replay.mixpanel_events
    ]
    return replace(replay, mixpanel_events=kept, _mixpanel_df_cache=None)
