"""Everything in bulk: events and profiles as streams, a local copy of a project, and data sent in.

Enters: days, conditions, rows. Leaves: iterators, reports. The surprise: the work is done in
modules that are loaded when they are first needed; here stand the methods and what they refuse.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, cast

from mpnb.asking import Asking
from mpnb.engine.base import Engine
from mpnb.entity.base import Entity
from mpnb.errors import ConfigError, ParamValidationError
from mpnb.query.check import date_message, date_problem
from mpnb.result.users import read_profile

if TYPE_CHECKING:
    from mpnb.engine.either import EitherEngine
    from mpnb.engine.mixpanel.api import Api
    from mpnb.engine.mixpanel.engine import MixpanelEngine
    from mpnb.engine.mixpanel.ingest import SendReport
    from mpnb.pulls import PullProgress, PullReport

EXPORT = "mpnb.engine.mixpanel.export"
EVENT_FORM = "mpnb.engine.mixpanel.event_form"
EXPORT_ROWS = "mpnb.engine.mixpanel.export_rows"
PULLS = "mpnb.pulls"
PULLED = "mpnb.pulled"
INGEST = "mpnb.engine.mixpanel.ingest"
OUTGOING = "mpnb.outgoing"
API = "mpnb.engine.mixpanel.api"
Answering = Literal["local", "remote", "auto"]
LIMIT_MOST = 100_000


class Streaming(Asking, Entity):
    """The part of a workspace that moves data in bulk, and answers from what it moved."""

    _mode: Answering = "remote"
    _either: EitherEngine | None = None

    def _answering(self, remote: MixpanelEngine) -> Engine:
        """Who answers: Mixpanel, or the two that a local copy makes possible."""
        if self._mode == "remote":
            return cast("Engine", remote)
        if self._either is None or self._either.remote is not remote:
            copy = import_module(PULLED).Copy.of(remote.scope)
            self._either = cast("EitherEngine", copy.either(remote, self._mode))
        return self._either

    def _answer_with(self, mode: Answering) -> None:
        """Choose who answers from now on.

        Raises:
            ConfigError: the copy shall answer, and nothing was pulled yet.
        """
        before, self._mode, self._either = self._mode, mode, None
        vars(self).pop("schema", None)
        try:
            _ = self.engine
        except BaseException:
            self._mode = before
            raise

    @property
    def api(self) -> Api:
        """Requests of your own, with this workspace's credentials, retries and errors."""
        made: Api = import_module(API).Api(self._mixpanel("api"))
        return made

    def stream_events(
        self,
        *,
        from_date: str,
        to_date: str,
        events: list[str] | None = None,
        where: str | None = None,
        limit: int | None = None,
        raw: bool = False,
    ) -> Iterator[dict[str, Any]]:
        """Events one by one, as the Export API sends them, in constant memory.

        Local data gives its events oldest first, with the ids of the users that they count to.
        An answer that breaks off is asked for again, and rows that were handed over already are
        left out. Lines that hold no event are left out too, with a warning at the end.

        Args:
            from_date: first day, ``YYYY-MM-DD``.
            to_date: last day, inclusive.
            events: only events of these names.
            where: only events that pass this selector expression.
            limit: the most events, 1 to 100,000; None is all.
            raw: rows as they come, ``{"event", "properties"}``, with ``time`` in seconds.

        Returns:
            Rows with ``event_name``, ``event_time`` (aware, UTC), ``distinct_id``, ``insert_id``
            (made from the content where Mixpanel has none) and ``properties``.

        Raises:
            ParamValidationError: a date or the limit is none (``WR2_LIMIT_TOO_SMALL``,
                ``WR3_LIMIT_TOO_LARGE``).
            IncompleteExport: the export broke off again and again, or Mixpanel stopped it.
            APIError: the request was refused.
        """
        _check_days(from_date, to_date)
        _check_limit(limit)
        if self.is_local or self._mode == "local":
            asked = {"from_date": from_date, "to_date": to_date, "events": events, "where": where}
            found = chain.from_iterable(self.engine.call("stream_events", asked | {"limit": limit}))
            return found if raw else map(import_module(EVENT_FORM).event_form, found)
        engine = self._mixpanel("stream_events")
        call = import_module(EXPORT).export_call(
            engine.scope.project_id, from_date, to_date, events=events, where=where, limit=limit
        )
        rows = import_module(EXPORT_ROWS).event_rows(engine.transport, call, raw=raw)
        return chain.from_iterable(rows)

    def stream_profiles(
        self,
        *,
        where: str | None = None,
        cohort_id: str | None = None,
        output_properties: list[str] | None = None,
        raw: bool = False,
        distinct_id: str | None = None,
        distinct_ids: list[str] | None = None,
        group_id: str | None = None,
        behaviors: list[dict[str, Any]] | None = None,
        as_of_timestamp: int | None = None,
        include_all_users: bool = False,
        parallel: bool = False,
        workers: int = 5,
    ) -> Iterator[dict[str, Any]]:
        """Profiles one by one, in the order of the pages that hold them.

        Args:
            where: selector expression that profiles must pass.
            cohort_id: only members of this saved cohort.
            output_properties: only these properties.
            raw: the engage records as they come, instead of id, last seen and properties.
            distinct_id: only this profile.
            distinct_ids: only these profiles; none of them is no request.
            group_id: profiles of a data group instead of users.
            behaviors: what users did, for use in `where`.
            as_of_timestamp: Unix time that behaviors and cohorts count back from.
            include_all_users: with a cohort, members without a profile too.
            parallel: ask for several pages at a time.
            workers: how many, 1 to 5.

        Raises:
            ParamValidationError: arguments that exclude one another (codes ``AC2`` to ``AC6``).
            APIError: a page was refused.
        """
        asked = {
            "where": where,
            "cohort_id": cohort_id,
            "output_properties": output_properties,
            "distinct_id": distinct_id,
            "distinct_ids": distinct_ids,
            "group_id": group_id,
            "behaviors": behaviors,
            "as_of_timestamp": as_of_timestamp,
            "include_all_users": include_all_users,
        }
        _check_profiles(asked)
        if parallel:
            asked |= {"parallel": True, "workers": workers}
        records = self.engine.call("stream_profiles", asked)
        return iter(records) if raw else map(read_profile, records)

    def pull(
        self,
        from_date: str,
        to_date: str,
        *,
        profiles: bool = True,
        timezone: str | None = None,
        settings: dict[str, Any] | None = None,
        refresh: bool = False,
        progress: Callable[[PullProgress], None] | bool | None = None,
    ) -> PullReport:
        """Fill the local copy of the project, day by day, from the Export API.

        A day is there whole or not at all: it counts when its answer came to its end. Days that
        are there are not asked for again, but for those that were not over yet. The copy answers
        with ``ws.on("local")`` or ``ws.use(engine="local")``.

        Args:
            from_date: first day, ``YYYY-MM-DD``.
            to_date: last day, inclusive; days after today are left out.
            profiles: fetch all profiles too; they replace those of the pull before.
            timezone: the project's zone (IANA name); by default what the session, the copy or
                Mixpanel say.
            settings: the project's settings: identity, week_start and the like.
            refresh: fetch days again that are there already.
            progress: told how far it is; True shows a line, False none, None shows one in a
                terminal or notebook.

        Returns:
            What was fetched and loaded, in words when printed.

        Raises:
            ParamValidationError: a date is none.
            ConfigError: nobody knows the project's zone.
            PullError: the disk is full, or another process pulls the same project.
            IncompleteExport: a day broke off again and again; the days before it are kept.
            APIError: a request was refused; the days before it are kept.
        """
        _check_days(from_date, to_date)
        self._either = None  # what the copy answers changes
        report: PullReport = import_module(PULLS).pull(
            self._mixpanel("pull"),
            from_date,
            to_date,
            timezone=timezone,
            profiles=profiles,
            refresh=refresh,
            settings=settings,
            progress=progress,
        )
        return report

    def import_events(
        self, events: Any, *, mapping: dict[str, str] | None = None, batch_size: int = 2000
    ) -> SendReport:
        """Send events of any age to the project, in packed batches.

        An event is told by its ``$insert_id``: sending it again changes nothing. Where it is
        missing it is made from the event's content, so that two events that are equal in all they
        say become one.

        Args:
            events: rows in the raw form ``{"event", "properties"}`` or the form of `stream_events`;
                a data frame; an export file or a folder of them; a local workspace.
            mapping: for data frames, which column is what: ``{"event": "action", "time": "at"}``.
            batch_size: events per request, 1 to 2,000.

        Returns:
            How many were taken, and for each that was not, its place and the reason.

        Raises:
            ParamValidationError: the source holds no events.
            APIError: a whole batch was refused; sending all again is safe.
        """
        engine = self._mixpanel("import_events")
        way = import_module(INGEST).importing(engine.scope.project_id)
        return self._sent(way, import_module(OUTGOING).event_records(events, mapping), batch_size)

    def track(self, events: Any, *, token: str | None = None, batch_size: int = 2000) -> SendReport:
        """Send events that happened just now, with the project's token.

        Args:
            events: as `import_events` takes them; Mixpanel refuses those older than five days.
            token: the project's token; by default the variable ``MP_PROJECT_TOKEN``.
            batch_size: events per request, 1 to 2,000.

        Raises:
            ConfigError: there is no token.
            APIError: a batch was refused; sending all again is safe.
        """
        way = import_module(INGEST).tracking(_token(token))
        return self._sent(way, import_module(OUTGOING).event_records(events), batch_size)

    def import_profiles(
        self,
        profiles: Iterable[dict[str, Any]],
        *,
        token: str | None = None,
        groups: bool = False,
        batch_size: int = 2000,
    ) -> SendReport:
        """Set properties of profiles, with the project's token.

        Args:
            profiles: engage records ``{"$distinct_id", "$properties"}``, or updates with ``$set``,
                ``$set_once``, ``$add``, ``$union``, ``$append``, ``$remove``, ``$unset``.
            token: the project's token; by default the variable ``MP_PROJECT_TOKEN``.
            groups: the records are groups, with ``$group_key`` and ``$group_id``.
            batch_size: records per request, 1 to 2,000.

        Raises:
            ConfigError: there is no token.
            APIError: a batch was refused.
        """
        way = import_module(INGEST).updating(_token(token), groups=groups)
        return self._sent(way, profiles, batch_size)

    def _sent(self, way: Any, records: Iterable[dict[str, Any]], size: int) -> SendReport:
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ParamValidationError(f"batch_size is {size!r}: it is 1 to 2,000.")
        engine = self._mixpanel("sending data")
        send = import_module(INGEST).send_all
        report: SendReport = send(engine.transport, engine.scope.project_id, way, records, size)
        return report


def _token(given: str | None) -> str:
    token = given or os.environ.get("MP_PROJECT_TOKEN", "")
    if not token:
        raise ConfigError(
            "This call proves itself by the project's token, which is in Mixpanel's project "
            "settings: give token=, or set MP_PROJECT_TOKEN."
        )
    return token


def _check_days(from_date: str, to_date: str) -> None:
    for name, day in (("from_date", from_date), ("to_date", to_date)):
        problem = date_problem(day)
        if problem:
            raise ParamValidationError(date_message(name, day, problem))
    if from_date > to_date:
        raise ParamValidationError(f"The range is reversed: {from_date} to {to_date}.")


def _check_limit(limit: int | None) -> None:
    if limit is None:
        return
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ParamValidationError(
            f"limit is {limit!r}: it is a whole number from 1 to {LIMIT_MOST:,}, or None for all.",
            "WR2_LIMIT_TOO_SMALL",
        )
    if limit > LIMIT_MOST:
        raise ParamValidationError(
            f"limit is {limit:,}: the Export API takes at most {LIMIT_MOST:,}; None is all.",
            "WR3_LIMIT_TOO_LARGE",
        )


def _check_profiles(asked: dict[str, Any]) -> None:
    rules = (
        (
            asked["distinct_id"] is not None and asked["distinct_ids"] is not None,
            "AC2_DISTINCT_ID_CONFLICT",
            "Give distinct_id or distinct_ids, not both.",
        ),
        (
            asked["behaviors"] is not None and asked["cohort_id"] is not None,
            "AC3_BEHAVIORS_COHORT_CONFLICT",
            "Give behaviors or cohort_id, not both.",
        ),
        (
            asked["include_all_users"] and asked["cohort_id"] is None,
            "AC4_INCLUDE_ALL_USERS_REQUIRES_COHORT",
            "include_all_users adds members of a cohort: give cohort_id too.",
        ),
        (
            asked["behaviors"] is not None and not isinstance(asked["behaviors"], (list, tuple)),
            "AC5_BEHAVIORS_NOT_LIST",
            "behaviors is a list: put the one behavior into brackets.",
        ),
        (
            asked["as_of_timestamp"] is not None and asked["as_of_timestamp"] > time.time(),
            "AC6_AS_OF_TIMESTAMP_FUTURE",
            "as_of_timestamp is in the future: it is a Unix time in seconds up to now.",
        ),
    )
    for broken, code, message in rules:
        if broken:
            raise ParamValidationError(message, code)
