"""Session replays: listed by a question, signed by the app API, fetched from where they are kept.

Enters: ids or a person. Leaves: `Replay`, `ReplayBundle`, or the recorded events one by one. The
surprise: all of it works inside a running event loop, as every cell of a notebook has one.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from mpnb.entity import replay_queries as queries
from mpnb.entity.base import Entity, post
from mpnb.entity.replay_files import ReplayFiles
from mpnb.errors import ParamValidationError, ReplayNotFoundError
from mpnb.query.checked import checked
from mpnb.result.replay import Replay, ReplayEvent, ReplaySummary
from mpnb.result.replay_action import SignedReplay, check
from mpnb.result.replay_bundle import ReplayBundle
from mpnb.result.replay_page import actions

if TYPE_CHECKING:
    from mpnb.engine.mixpanel.engine import MixpanelEngine

Env = Literal["prod", "dev"]


class Replays(Entity, models=()):
    """Recorded sessions of people."""

    @checked
    def list_replays(
        self,
        *,
        distinct_id: str | None = None,
        replay_ids: list[str] | None = None,
        from_date: str | None = None,
        to_date: str | None = None,
        limit: int = 100,
    ) -> list[ReplaySummary]:
        """The recorded sessions of a person, or those of ids; the latest first.

        Args:
            distinct_id: the person; needs both days.
            replay_ids: the sessions, instead; without days those of the last 90 days.
            from_date: first day, ``YYYY-MM-DD``.
            to_date: last day, included.
            limit: sessions at most, 1 to 3,000.

        Raises:
            ParamValidationError: not exactly one of person and ids
                (``WR4_REPLAY_SELECTOR_REQUIRED``), no days (``WR5_DATE_RANGE_REQUIRED``), or a
                limit that cannot be (``WR2_…``, ``WR3_…``).
        """
        if (distinct_id is None) == (replay_ids is None):
            raise ParamValidationError(
                "Give distinct_id= or replay_ids=, one of them.", "WR4_REPLAY_SELECTOR_REQUIRED"
            )
        queries.check_limit(limit)
        days = queries.days(from_date, to_date)
        if distinct_id is not None and days is None:
            raise ParamValidationError(
                "The sessions of a person need from_date= and to_date=.", "WR5_DATE_RANGE_REQUIRED"
            )
        if replay_ids is not None and not replay_ids:
            return []
        engine = self._mixpanel("list_replays")
        raw = engine.run("insights", queries.listing(distinct_id, replay_ids, days))
        return queries.read_listing(raw, distinct_id, int(engine.scope.project_id))[:limit]

    @checked
    def events_for_replay(
        self,
        replay_id: str,
        *,
        event_properties: list[str] | None = None,
        from_date: str | None = None,
        to_date: str | None = None,
    ) -> list[ReplayEvent]:
        """The project's events of a recorded session; see `events_for_replays`."""
        found = self.events_for_replays(
            [replay_id], event_properties=event_properties, from_date=from_date, to_date=to_date
        )
        return found[replay_id]

    @checked
    def events_for_replays(
        self,
        replay_ids: list[str],
        *,
        event_properties: list[str] | None = None,
        from_date: str | None = None,
        to_date: str | None = None,
    ) -> dict[str, list[ReplayEvent]]:
        """The project's events of recorded sessions, in order of time.

        Args:
            replay_ids: the sessions.
            event_properties: properties to have with them, five at most; values come as text.
            from_date: first day, ``YYYY-MM-DD``; without days the last 90.
            to_date: last day, included.

        Returns:
            Session → its events; times without an offset in the answer are read as UTC. Mixpanel
            answers with 3,000 rows at most; a warning says when that may have cut the list.

        Raises:
            ParamValidationError: too many properties (``WR1_TOO_MANY_EVENT_PROPERTIES``), or one
                day of two.
        """
        named = queries.check_properties(event_properties)
        days = queries.days(from_date, to_date)
        if not replay_ids:
            return {}
        engine = self._mixpanel("events_for_replays")
        found = queries.read_events(
            engine.run("insights", queries.events(replay_ids, named, days)), named
        )
        if sum(map(len, found.values())) >= queries.MOST_LISTED:
            warnings.warn(
                "Mixpanel lists 3,000 events at most: ask about fewer sessions at a time.",
                UserWarning,
                stacklevel=3,
            )
        return {replay_id: found.get(replay_id, []) for replay_id in replay_ids}

    @checked
    def sign_replay(self, replay_id: str, *, env: Env = "prod") -> SignedReplay:
        """Where the files of a session can be fetched for five minutes.

        Raises:
            ReplayNotFoundError: Mixpanel signed nothing.
        """
        for signed in self.sign_replays([replay_id], env=env):
            return signed
        raise ReplayNotFoundError(f"Mixpanel signed no address for session {replay_id}.")

    @checked
    def sign_replays(self, replay_ids: list[str], *, env: Env = "prod") -> list[SignedReplay]:
        """Where the files of sessions can be fetched; those that Mixpanel signed."""
        check(env in get_args(Env), "SR3_INVALID_ENV", "env is 'prod' or 'dev'.")
        if not replay_ids:
            return []
        now = time.time()
        asked = [{"replay_id": one, "replay_env": env} for one in replay_ids]
        return [
            SignedReplay(
                str(row.get("replay_id")),
                _folder(row.get("url")),
                str(row.get("query_string") or ""),
                env,
                now,
            )
            for row in self._sign_replays(asked)
        ]

    @post("replays/sign/bulk", scope="project", reads=True)
    def _sign_replays(self, replays: list[dict[str, str]]) -> list[dict[str, Any]]:
        """Signed addresses of sessions."""
        ...

    @checked
    def fetch_replay(
        self,
        replay_id: str,
        *,
        distinct_id: str | None = None,
        env: Env = "prod",
        retention_days: int | None = None,
        max_files: int = 500,
        include_mixpanel_events: bool = False,
        event_properties: list[str] | None = None,
        cdn_concurrency: int = 50,
    ) -> Replay:
        """A recorded session, whole.

        Args:
            replay_id: the session.
            distinct_id: the person, to be kept with it.
            env: where it was recorded.
            retention_days: how long it is kept, 1, 7, 30 or 90; asked for when left out.
            max_files: files at most; a warning says when there may be more.
            include_mixpanel_events: also ask for the project's events of the session.
            event_properties: properties of those, five at most.
            cdn_concurrency: files that are fetched at the same time.

        Raises:
            ReplayNotFoundError: there is none, or it is over its time.
            SessionReplayAccessError: the account may not see it.
            UnsupportedReplayFormatError: it was not recorded as events of a page.
        """
        named = queries.check_properties(event_properties)
        kept = retention_days or self._retentions([replay_id])[replay_id]
        files = self._files(replay_id, kept, env, max_files, cdn_concurrency)
        wanted = [replay_id] if include_mixpanel_events else []
        replay = _replay(files, distinct_id, self._project())
        found = self.events_for_replays(wanted, event_properties=named)
        return _with_events(replay, found.get(replay_id, []))

    @checked
    def stream_replay(
        self,
        replay_id: str,
        *,
        env: Env = "prod",
        retention_days: int | None = None,
        max_files: int = 500,
        re_sign_on_expiry: bool = True,
        cdn_concurrency: int = 50,
    ) -> Iterator[dict[str, Any]]:
        """The recorded events of a session as they come, without holding all of them.

        Args:
            replay_id: the session.
            env: where it was recorded.
            retention_days: how long it is kept; asked for when left out.
            max_files: files at most.
            re_sign_on_expiry: sign again when the address has run out.
            cdn_concurrency: files that are fetched at the same time.

        Raises:
            SignedURLExpiredError: the address is refused.
            ReplayNotFoundError: there is none.
        """
        kept = retention_days or self._retentions([replay_id])[replay_id]
        files = self._files(replay_id, kept, env, max_files, cdn_concurrency)
        files.again = re_sign_on_expiry
        yield from files.events()

    @checked
    def fetch_replays(
        self,
        replay_ids: list[str],
        *,
        env: Env = "prod",
        max_files: int = 500,
        include_mixpanel_events: bool = False,
        event_properties: list[str] | None = None,
        concurrency: int = 4,
        cdn_concurrency: int = 50,
        retention_by_id: dict[str, int] | None = None,
        distinct_id_by_id: dict[str, str] | None = None,
    ) -> ReplayBundle:
        """Recorded sessions; see `fetch_replay`. Those that are gone are left out with a warning.

        Args:
            replay_ids: the sessions.
            env: where they were recorded.
            max_files: files of a session at most.
            include_mixpanel_events: also ask for the project's events of them.
            event_properties: properties of those, five at most.
            concurrency: sessions that are fetched at the same time.
            cdn_concurrency: files of a session that are fetched at the same time.
            retention_by_id: session → how long it is kept; the others are asked for.
            distinct_id_by_id: session → the person.

        Raises:
            ReplayNotFoundError: all of them are gone.
        """
        named = queries.check_properties(event_properties)
        ids = list(dict.fromkeys(replay_ids))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        if not ids:
            return ReplayBundle([], now, self._project())
        kept = {**(retention_by_id or {})}
        unknown = [one for one in ids if one not in kept]
        kept |= self._retentions(unknown) if unknown else {}
        signed = {one.replay_id: one for one in self.sign_replays(ids, env=env)}
        people = distinct_id_by_id or {}

        def fetch(one: str) -> Replay | None:
            files = self._files(one, kept[one], env, max_files, cdn_concurrency)
            files.signed = signed.get(one)
            try:
                return _replay(files, people.get(one), self._project())
            except ReplayNotFoundError:
                return None

        with ThreadPoolExecutor(max(1, concurrency)) as threads:
            found = [replay for replay in threads.map(fetch, ids) if replay is not None]
        _tell_missing(ids, found)
        wanted = [one.replay_id for one in found] if include_mixpanel_events else []
        events = self.events_for_replays(wanted, event_properties=named)
        whole = [_with_events(one, events.get(one.replay_id, [])) for one in found]
        return ReplayBundle(whole, now, self._project())

    @checked
    def replays_for_user(
        self,
        distinct_id: str,
        *,
        from_date: str,
        to_date: str,
        limit: int = 20,
        include_mixpanel_events: bool = True,
        event_properties: list[str] | None = None,
    ) -> ReplayBundle:
        """The recorded sessions of a person, the latest first; empty when there are none.

        Args:
            distinct_id: the person.
            from_date: first day, ``YYYY-MM-DD``.
            to_date: last day, included.
            limit: sessions at most.
            include_mixpanel_events: also ask for the project's events of them.
            event_properties: properties of those, five at most.
        """
        queries.check_properties(event_properties)
        listed = self.list_replays(
            distinct_id=distinct_id, from_date=from_date, to_date=to_date, limit=limit
        )
        return self.fetch_replays(
            [row.replay_id for row in listed],
            include_mixpanel_events=include_mixpanel_events,
            event_properties=event_properties,
            retention_by_id={row.replay_id: row.retention_days for row in listed},
            distinct_id_by_id={row.replay_id: distinct_id for row in listed},
        )

    @checked
    def analyze_replay(self, replay_id: str) -> str:
        """A recorded session in words, as Markdown; see `Replay.summary_markdown`."""
        return self.fetch_replay(replay_id).summary_markdown

    def _retentions(self, ids: Sequence[str]) -> Mapping[str, int]:
        """How long sessions are kept, of all that are asked for."""
        listed = self.list_replays(replay_ids=list(ids), limit=queries.MOST_LISTED)
        found = {row.replay_id: row.retention_days for row in listed}
        return {one: found.get(one, queries.USUAL_DAYS) for one in ids}

    def _files(
        self, replay_id: str, kept: int, env: Env, max_files: int, at_once: int
    ) -> ReplayFiles:
        engine: MixpanelEngine = self._mixpanel("session replays")
        sign = lambda: self.sign_replay(replay_id, env=env)  # noqa: E731  short, and used once
        return ReplayFiles(replay_id, kept, engine.transport.reply, sign, max_files, at_once)

    def _project(self) -> int:
        return int(self._mixpanel("session replays").scope.project_id)


def _replay(files: ReplayFiles, person: str | None, project: int) -> Replay:
    """A session of its files.

    Raises:
        ReplayNotFoundError: the files hold no event that has a time.
    """
    timed = [event for event in files.events() if _time(event) > 0]
    timed.sort(key=_time)
    if not timed:
        raise ReplayNotFoundError(f"The files of session {files.replay_id} hold no events.")
    return Replay(
        files.replay_id,
        person,
        project,
        int(_time(timed[0])),
        int(_time(timed[-1])),
        files.retention_days,
        timed,
        actions(timed),
    )


def _folder(url: Any) -> str:
    """An address that files are below, or nothing."""
    return f"{url.rstrip('/')}/" if isinstance(url, str) and url else ""


def _time(event: Mapping[str, Any]) -> float:
    moment = event.get("timestamp")
    return moment if isinstance(moment, int | float) else 0


def _with_events(replay: Replay, events: list[ReplayEvent]) -> Replay:
    replay.mixpanel_events.extend(events)  # it is ours alone until it is handed out
    return replay


def _tell_missing(ids: Sequence[str], found: Sequence[Replay]) -> None:
    """Warn about sessions that are gone.

    Raises:
        ReplayNotFoundError: all of them are.
    """
    there = {replay.replay_id for replay in found}
    missing = [one for one in ids if one not in there]
    if not missing:
        return
    said = f"{len(missing)} of {len(ids)} sessions are gone: {', '.join(missing[:5])}"
    if not found:
        raise ReplayNotFoundError(f"{said}.")
    warnings.warn(said, UserWarning, stacklevel=4)
