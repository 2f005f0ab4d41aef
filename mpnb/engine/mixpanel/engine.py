"""Mixpanel answers: params and calls go out over HTTPS, raw answers come back.

Enters: params JSON, or a method's name and arguments. Leaves: the body of the endpoint. The
surprise: discovery is remembered while the workspace lives, so that completing a name never
becomes a request, and questions are remembered on disk for as long as their answers are good.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Unpack, cast, get_args

from mpnb.engine.base import Kind, Raw, RunOptions
from mpnb.engine.mixpanel import calls, lexicon, summaries
from mpnb.engine.mixpanel.audit import Audit
from mpnb.engine.mixpanel.budget import Budget, Pool
from mpnb.engine.mixpanel.budget import Kind as RequestKind
from mpnb.engine.mixpanel.cache import Asked, Cache
from mpnb.engine.mixpanel.inflight import Had, had, together
from mpnb.engine.mixpanel.meter import ProjectBudget, ProjectCache
from mpnb.engine.mixpanel.policy import UNBOUND, Policy
from mpnb.engine.mixpanel.principal import principal
from mpnb.engine.mixpanel.profile_stream import profile_records
from mpnb.engine.mixpanel.profiles import fetch_profiles
from mpnb.engine.mixpanel.reach import closed, span
from mpnb.engine.mixpanel.regions import Family, base_url
from mpnb.engine.mixpanel.seen import Seen
from mpnb.engine.mixpanel.shapes import believed
from mpnb.engine.mixpanel.transport import Call, Scope, Transport
from mpnb.engine.mixpanel.views import own_view
from mpnb.errors import NotSupportedError

MOST_VALUES = 50_000
"""The most segments that Mixpanel returns."""
DEFAULT_LIMIT = 3000
"""Segments that Mixpanel returns when nobody says how many."""

FLOW_TYPES = {"sankey": "flows_sankey", "paths": "flows_top_paths", "tree": "flows"}
MERGES = {"tree": "tree", "list": "paths", "top-paths": "paths"}
"""How the params of a flow say its form, as ``flows_merge_type`` or ``chartType``."""

DISCOVERY = frozenset(
    {
        "events",
        "properties",
        "property_values",
        "subproperties",
        "funnels",
        "cohorts",
        "lexicon_schemas",
        "lexicon_schema",
        "schema_graph",
    }
)
"""Calls whose answers are remembered while the workspace lives."""

COMPLETED = frozenset({"events", "properties", "property_values"})
"""Calls whose last answer is also kept on disk, for completion in later sessions."""

KEPT = frozenset(
    {
        "segmentation",
        "segmentation_numeric",
        "segmentation_sum",
        "segmentation_average",
        "event_counts",
        "property_counts",
        "retention",
        "frequency",
    }
)
"""Calls whose answers are kept on disk; those that name a saved thing are not."""


class MixpanelEngine:
    """The remote engine of a scope."""

    name = "mixpanel"

    def __init__(self, scope: Scope, client: Any = None, policy: Policy = UNBOUND) -> None:
        self._scope = scope
        self._budget: Budget | None = policy.budget()
        self._audit: Audit | None = policy.audit()
        self._cache: Cache | None = policy.answers()
        self._keys = self._cache or Cache(None)
        self._transport = Transport(
            scope, client, budget=self._budget, audit=self._audit, read_only=policy.read_only
        )
        self._known: dict[str, Any] = {}
        self.seen = Seen()
        """Rows of entities as they were read last."""

    @property
    def budget(self) -> ProjectBudget | None:
        """The requests that the project has left; None where nothing counts them."""
        if self._budget is None:
            return None
        return ProjectBudget(self._budget, [self._pool(kind) for kind in get_args(RequestKind)])

    @property
    def cache(self) -> ProjectCache:
        """The answers that are kept for this account and project."""
        return ProjectCache(self._cache, self._owner())

    @property
    def audit(self) -> Audit | None:
        """The log of changes; None where nothing is logged."""
        return self._audit

    @property
    def transport(self) -> Transport:
        """What sends the calls."""
        return self._transport

    @property
    def scope(self) -> Scope:
        """Who asks, and where."""
        return self._scope

    @property
    def source(self) -> str:
        """What the numbers come from."""
        return f"Mixpanel project {self._scope.project_id}"

    def now(self) -> datetime:
        """The clock of this machine, in its zone."""
        return datetime.now().astimezone()

    def run(self, kind: Kind, params: Mapping[str, Any], **options: Unpack[RunOptions]) -> Raw:
        """Answer one question over HTTP, or with what is kept; see `Engine.run`."""
        sender = self._transport.counted()
        asked = self._asked(kind, params, dict(options))
        found = had(
            self._keys,
            asked,
            lambda: self._run(sender, kind, params, options),
            refresh=options.get("refresh", False),
            keep=self._cache is not None,
        )
        return self._stamped(found.answer, found.cached, sender.requests)

    def _run(
        self, sender: Transport, kind: Kind, params: Mapping[str, Any], options: RunOptions
    ) -> Raw:
        if kind == "users":
            return self._users(sender, params, options)
        project = int(self._scope.project_id)
        body: dict[str, Any] = {"bookmark": dict(params), "project_id": project}
        if kind == "flow":
            path, mode = "/arb_funnels", options.get("mode") or _flow_mode(params)
            body["query_type"] = FLOW_TYPES[mode]
        else:
            path = "/insights"
            body["queryLimits"] = {"limit": options.get("limit") or DEFAULT_LIMIT}
        query = self._view(options.get("workspace_id"))
        return self._answer(Call("POST", "query", path, query, body), sender)

    def _asked(self, kind: str, asked: Mapping[str, Any], options: Mapping[str, Any]) -> Asked:
        """The question as the cache knows it."""
        owner = self._owner()
        view = options.get("workspace_id") or self._scope.workspace_id
        more = {key: options.get(key) for key in ("limit", "mode")}
        good = closed(asked, self.now())
        # The last thirty days are others after midnight, however fresh the answer is.
        today = "" if good else self.now().date().isoformat()
        key = self._keys.hash(owner, view, kind, asked, more, today)
        return Asked(key, owner, self._scope.project_id, f"{kind} {span(asked)}", good)

    def _owner(self) -> str:
        """Who asks, and where; a hash."""
        host = base_url("query", self._scope.region)
        return self._keys.hash(principal(self._scope), host, self._scope.project_id)

    def _stamped(self, answer: Raw, cached: bool, requests: int) -> Raw:
        """The answer with what provenance shows."""
        if self._budget is None and self._cache is None:
            return answer
        left = self._budget.left(self._pool("query")).left if self._budget else None
        meta = answer.get("meta") if isinstance(answer.get("meta"), dict) else {}
        said = {"cached": cached, "requests": requests, "budget_left": left}
        return {**answer, "meta": {**(meta or {}), "mpnb": said}}

    def _pool(self, kind: RequestKind) -> Pool:
        family: Family = {"export": "export", "lexicon": "app"}.get(kind, "query")  # type: ignore[assignment]  # words of the table
        return Pool.of(kind, base_url(family, self._scope.region), self._scope.project_id)

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """Answer a discovery or legacy call; see `Engine.call`."""
        if method in KEPT:
            asked = self._asked(method, arguments, {})
            keep = self._cache is not None
            return had(self._keys, asked, lambda: self._called(method, arguments), keep=keep).answer
        if method not in DISCOVERY:
            return self._called(method, arguments)
        key = _name_of(method, arguments)
        if key in self._known:
            return self._known[key]
        own = f"{id(self)} {key}"
        answer = together(own, lambda: Had(self._called(method, arguments), False)).answer
        self._known[key] = answer
        if self._cache is not None and method in COMPLETED:
            self._cache.put(self._listed(key, f"names: {method}"), answer)
        return answer

    def known(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """What a discovery call was answered last, here or in an earlier session; else None.

        Nothing is asked; what comes from disk may be of any age.
        """
        key = _name_of(method, arguments)
        if key in self._known or self._cache is None:
            return self._known.get(key)
        return self._cache.get(self._listed(key, "").key)

    def _listed(self, key: str, what: str) -> Asked:
        """A discovery call as the cache knows it."""
        owner, project = self._owner(), self._scope.project_id
        view = self._scope.workspace_id
        return Asked(self._keys.hash(owner, view, "names", key), owner, project, what, True)

    def forget(self) -> None:
        """Ask for events, properties and values again next time."""
        self._known.clear()

    def close(self) -> None:
        """Let go of connections and files."""
        self._transport.close()
        self._put_away()

    def release(self) -> Any:
        """Let go of the files, and hand the connections on to another scope's engine."""
        self._put_away()
        return self._transport.client

    def _put_away(self) -> None:
        self._keys.close()
        if self._budget is not None:
            self._budget.close()

    def _called(self, method: str, arguments: Mapping[str, Any]) -> Any:
        project = self._scope.project_id
        named = {"project_id": project, **self._view()}
        if method in ("lexicon_schemas", "lexicon_schema"):
            return lexicon.schemas(self._answer, project, arguments)
        if method in summaries.METHODS:
            return summaries.METHODS[method](arguments, self._counted, self._event_names)
        if method == "schema_graph":
            view = self._scope.workspace_id
            scope = f"workspaces/{view}" if view else f"projects/{project}"
            return lexicon.schema_graph(self._answer, scope, named, arguments)
        if method == "list_bookmarks":
            # Of the whole project, also where a data view is pinned.
            query = {"v": 2, "type": arguments.get("bookmark_type"), "project_id": project}
            path = f"/projects/{project}/bookmarks"
            return lexicon.results(lexicon.results(self._answer(Call("GET", "app", path, query))))
        if method == "stream_profiles":

            def fetch(body: dict[str, Any]) -> Any:
                return self._answer(Call("POST", "engage", "/", named, body))

            return profile_records(fetch, project, arguments)
        return self._answer(self._call(method, arguments))

    def _counted(self, params: Mapping[str, Any]) -> Raw:
        return self.run("insights", params, limit=MOST_VALUES)

    def _event_names(self) -> list[str]:
        return [str(name) for name in self.call("events", {})]

    def _call(self, method: str, arguments: Mapping[str, Any]) -> Call:
        if method == "activity_feed":
            view = self.view_id()
            made = calls.activity_feed(arguments, self._scope.project_id, view)
            return replace(made, query=self._view())
        if method not in calls.CALLS:
            raise NotSupportedError(
                f"Mixpanel has no endpoint for {method}, and no typed question says it. A local "
                "store (mpnb.local, mpnb.demo, a pulled project) answers it, or a script with "
                "ws.jql where the project still has JQL."
            )
        made = calls.CALLS[method](arguments)
        own = {"project_id": self._scope.project_id, **self._view()}
        return replace(made, query={**own, **made.query})

    def _users(self, sender: Transport, params: Mapping[str, Any], options: RunOptions) -> Raw:
        project = {"project_id": self._scope.project_id}
        query = {**project, **self._view()}
        if "action" in params:
            # Aggregates call the condition a selector; pages of profiles call it where.
            body = {"selector" if key == "where" else key: v for key, v in params.items()}
            return self._answer(
                Call("POST", "engage", "/stats", query, {**project, **body}), sender
            )

        def fetch(body: dict[str, Any]) -> Any:
            return self._answer(Call("POST", "engage", "/", query, {**project, **body}), sender)

        limit, parallel = options.get("limit"), options.get("parallel", False)
        return fetch_profiles(fetch, params, limit, parallel, options.get("workers", 5))

    def _answer(self, call: Call, sender: Transport | None = None) -> Raw:
        answer = believed(call, (sender or self._transport).send(call))
        return cast(Raw, answer)  # discovery also answers with lists, which `call` hands on

    def _view(self, workspace_id: int | None = None) -> dict[str, Any]:
        pinned = workspace_id or self._scope.workspace_id
        return {"workspace_id": pinned} if pinned else {}

    def view_id(self) -> int:
        """The pinned data view, or the project's own: the global one, else the default."""
        if self._scope.workspace_id:
            return self._scope.workspace_id
        if "view" not in self._known:
            self._known["view"] = own_view(self._answer, self._scope.project_id)
        view: int = self._known["view"]
        return view


def _name_of(method: str, arguments: Mapping[str, Any]) -> str:
    return json.dumps([method, arguments], sort_keys=True, default=str)


def _flow_mode(params: Mapping[str, Any]) -> str:
    said = (str(params.get("flows_merge_type")), str(params.get("chartType")))
    return next((MERGES[word] for word in said if word in MERGES), "sankey")
