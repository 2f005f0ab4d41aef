"""The app API: who I am, the entity store, definitions, business context.

Enters: a request below ``/api/app``. Leaves: the envelope ``{"status", "results"}``. The surprise:
addresses are made from the endpoints that the client declares (`mpnb.entity.base.ENDPOINTS`), so a
declared one that the emulator cannot play answers 501 and one that nobody declared 404.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from mpnb.emulator import lexicon
from mpnb.emulator.collection import COLLECTIONS, USER
from mpnb.emulator.dashboards import Dashboards
from mpnb.emulator.entities import Entities
from mpnb.emulator.governance import Governance
from mpnb.emulator.lookups import Lookups
from mpnb.emulator.messages import Answer, Refusal, Request, as_json
from mpnb.emulator.outbox import Outbox
from mpnb.emulator.project import Project
from mpnb.emulator.replays import Replays
from mpnb.emulator.resources import (
    BY_BODY,
    BY_PATH,
    Behaviour,
    Place,
    behaviour_of,
    collection_of,
)
from mpnb.emulator.saved_parts import COHORTS, counted
from mpnb.entity.base import ENDPOINTS

DECLARING = "mpnb.workspace"
"""Importing it declares every endpoint."""

SCOPE = re.compile(
    r"(?:projects/(?P<project>[^/]+)(?:/workspaces/(?P<inner>\d+))?"
    r"|workspaces/(?P<view>[^/]+)|organizations/(?P<organization>[^/]+))/(?P<rest>.*)"
)
Plain = Callable[[Request, tuple[str, ...]], Any]
LONGEST_CONTEXT = 50_000


@dataclass(frozen=True)
class Route:
    """One address: what it looks like, and what it does."""

    method: str
    template: str
    """Below the scope, with ``{}`` for what varies."""
    plain: Plain | None = None
    behaviour: Behaviour | None = None

    @property
    def known(self) -> bool:
        """Whether the emulator can play it."""
        return self.plain is not None or self.behaviour is not None


class App:
    """Answers the app API for a project."""

    def __init__(self, project: Project, entities: Entities) -> None:
        importlib.import_module(DECLARING)
        self._project, self._entities = project, entities
        self.lookups = Lookups(entities)
        self.replays, self.outbox = Replays(project), Outbox(project, entities)
        definitions = lexicon.Lexicon(project, entities)
        governance = Governance(project, entities, definitions)
        own = {
            **self._own(),
            **lexicon.answers(definitions),
            **governance.answers(),
            **Dashboards(project, entities, governance).answers(),
            **self.lookups.answers(),
            **self.replays.answers(),
            **self.outbox.answers(),
        }
        self.routes = _routes(own)
        self._compiled = [(route, _pattern(route.template)) for route in self.routes]

    def __call__(self, request: Request, path: str) -> Answer:
        """Answer a request; `path` starts below ``/api/app``."""
        path = path.strip("/")
        if path == "me":
            return _envelope(self._me())
        match = SCOPE.fullmatch(path)
        if match is None:
            raise Refusal(404, f"There is no route {request.method} {request.path}.")
        self._check(match)
        rest = match["rest"].strip("/")
        if match["organization"]:
            rest = f"organization/{rest}"
        for route, pattern in self._compiled:
            found = pattern.fullmatch(rest)
            if route.method == request.method and found:
                keys = tuple(unquote(key) for key in found.groups())
                return _envelope(self._answer(route, request, keys))
        raise Refusal(404, f"There is no route {request.method} {request.path}.")

    def _answer(self, route: Route, request: Request, keys: tuple[str, ...]) -> Any:
        if route.plain is not None:
            return route.plain(request, keys)
        found = collection_of(route.template)
        if route.behaviour is None or found is None:
            said = f"The emulator does not play {route.method} {request.path}."
            raise Refusal(501, said)
        place = Place(self._entities, self._project.identity, found[0], keys)
        answer = route.behaviour(place, request)
        if place.collection.path == COHORTS and request.method != "DELETE":
            return counted(self._project.store(), answer)
        return answer

    def _check(self, match: re.Match[str]) -> None:
        """The ids of an address are those of the one project that there is."""
        named = self._project.identity
        wanted = {
            "project": named.project_id,
            "inner": named.workspace_id,
            "view": named.workspace_id,
            "organization": named.organization_id,
        }
        for group, number in wanted.items():
            if match[group] is not None and match[group] != str(number):
                raise Refusal(403, f"This account sees no {group} {match[group]}, only {number}.")

    def _own(self) -> dict[tuple[str, str], Plain]:
        return {
            ("GET", "workspaces/public"): lambda request, keys: [self._view()],
            ("GET", "metadata/index"): lambda request, keys: self._index(),
            ("GET", "business-context"): lambda request, keys: self._context("project"),
            ("PUT", "business-context"): lambda request, keys: self._say("project", request),
            ("GET", "organization/business-context"): lambda request, keys: self._context("org"),
            ("PUT", "organization/business-context"): lambda request, keys: self._say(
                "org", request
            ),
            ("GET", "business-context/chain"): lambda request, keys: {
                f"{level}_context": self._context(level)["content"] for level in ("org", "project")
            },
            ("GET", "bookmarks/{}/linked-dashboard-ids"): self._dashboards_of,
            ("GET", "dashboards/bookmarks/{}/dashboard-ids"): self._dashboards_of,
            ("GET", "feature-flags/limits"): lambda request, keys: {
                "limit": 1000,
                "is_trial": False,
                "current_usage": len(self._entities.rows("feature-flags")),
                "contract_status": "active",
            },
            ("GET", "experiments/erf"): lambda request, keys: [
                {"id": row["id"], "name": row.get("name")}
                for row in self._entities.rows("experiments")
            ],
            ("GET", "alerts/custom/alert-count"): lambda request, keys: {
                "anomaly_alerts_count": len(self._entities.rows("alerts/custom")),
                "alert_limit": 1000,
                "is_below_limit": True,
            },
            ("POST", "alerts/custom/validate-alerts-for-bookmark"): self._valid_alerts,
            ("GET", "data-definitions/events/drop-filters/limits"): lambda request, keys: {
                "filterLimit": 1000
            },
            ("POST", "custom_events"): self._custom_event,
            ("GET", "data-definitions/events/{}/history"): self._event_history,
            ("GET", "data-definitions/schema"): lambda request, keys: self._entities.value(
                "enforcement", {}
            ),
            ("POST", "data-definitions/schema"): self._enforce,
            ("PATCH", "data-definitions/schema"): self._enforce,
            ("PUT", "data-definitions/schema"): self._enforce,
            ("DELETE", "data-definitions/schema"): self._stop_enforcing,
        }

    def _me(self) -> dict[str, Any]:
        named, now = self._project.identity, self._project.store()
        organization = {
            "id": named.organization_id,
            "name": "Emulator",
            "role": "owner",
            "permissions": [],
        }
        project = {
            "id": named.project_id,
            "name": named.name,
            "organization_id": named.organization_id,
            "timezone": now.timezone.key,
            "has_workspaces": True,
            "domain": "mixpanel.com",
            "type": "PROJECT",
        }
        return {
            "user_id": USER["id"],
            "user_email": USER["email"],
            "user_name": USER["name"],
            "organizations": {str(named.organization_id): organization},
            "projects": {str(named.project_id): project},
            "workspaces": {str(named.workspace_id): self._view()},
        }

    def _view(self) -> dict[str, Any]:
        named = self._project.identity
        return {
            "id": named.workspace_id,
            "name": "All Project Data",
            "project_id": named.project_id,
            "is_default": True,
            "is_global": True,
            "is_restricted": False,
            "is_visible": True,
            "description": "",
            "creator_name": USER["name"],
        }

    def _index(self) -> dict[str, Any]:
        named = self._project.identity
        return {str(named.project_id): {"workspaces": {str(named.workspace_id): self._view()}}}

    def _context(self, level: str) -> dict[str, str]:
        return {"content": self._entities.value(f"context/{level}", "")}

    def _say(self, level: str, request: Request) -> dict[str, str]:
        content = request.fields.get("content")
        if not isinstance(content, str) or len(content) > LONGEST_CONTEXT:
            raise Refusal(400, f"content must be text of at most {LONGEST_CONTEXT:,} characters.")
        self._entities.set_value(f"context/{level}", content)
        return {"content": content}

    def _dashboards_of(self, request: Request, keys: tuple[str, ...]) -> list[int]:
        wanted = str(keys[0])
        return [
            row["id"]
            for row in self._entities.rows("dashboards")
            if any(str(card["id"]) == wanted for card in row.get("contents") or ())
        ]

    def _valid_alerts(self, request: Request, keys: tuple[str, ...]) -> dict[str, Any]:
        """An alert is valid when it is there: the emulator does not look into its report."""
        found = []
        for key in request.fields.get("alert_ids") or ():
            row = self._entities.find("alerts/custom", str(key))
            reason = None if row else "there is no such alert"
            name = row["name"] if row else ""
            found.append(
                {"alert_id": key, "alert_name": name, "valid": row is not None, "reason": reason}
            )
        invalid = sum(not row["valid"] for row in found)
        return {"alert_validations": found, "invalid_count": invalid}

    def _custom_event(self, request: Request, keys: tuple[str, ...]) -> Answer:
        """A custom event, which has an envelope of its own."""
        alternatives = request.parsed("alternatives")
        if not isinstance(alternatives, list):
            raise Refusal(400, "alternatives must be a JSON list of events.")
        number = self._entities.new_id()
        row = {"id": number, "name": str(request.need("name")), "alternatives": alternatives}
        return as_json(
            {"custom_event": self._entities.put("custom_events", str(number), row, "created")}
        )

    def _event_history(self, request: Request, keys: tuple[str, ...]) -> list[Any]:
        return self._entities.history(lexicon.EVENTS, keys[0])

    def _enforce(self, request: Request, keys: tuple[str, ...]) -> Any:
        lists: dict[str, list[Any]] = {
            name: [] for name in ("events", "commonProperties", "userProperties")
        }
        plain: dict[str, Any] = {"id": 1, "state": "ingested", "notificationEmails": [], **lists}
        before = self._entities.value("enforcement", plain) if request.method == "PATCH" else plain
        self._entities.set_value("enforcement", {**before, **request.fields})
        return self._entities.value("enforcement")

    def _stop_enforcing(self, request: Request, keys: tuple[str, ...]) -> Any:
        self._entities.set_value("enforcement", {})
        return {}


def _routes(own: dict[tuple[str, str], Plain]) -> list[Route]:
    """Every address: the emulator's own, the declared ones, and those that collections share."""
    found = {key: Route(*key, plain=plain) for key, plain in own.items()}
    declared: set[tuple[str, str]] = {
        (endpoint.method, re.sub(r"\{\w+\}", "{}", endpoint.path.strip("/")))
        for endpoint in ENDPOINTS.values()
    }
    for each in COLLECTIONS:
        ends = BY_BODY if each.by_body else {key: BY_PATH[key] for key in list(BY_PATH)[:8]}
        declared |= {(method, f"{each.path}/{end}".strip("/")) for method, end in ends}
    for method, template in sorted(declared):
        within = collection_of(template)
        behaviour = behaviour_of(within[0], method, within[1]) if within else None
        found.setdefault((method, template), Route(method, template, behaviour=behaviour))
    # What is spelled out comes before what varies: `tags` is no id of an annotation.
    return sorted(found.values(), key=lambda route: (route.template.count("{}"), route.template))


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("([^/]+)".join(re.escape(part) for part in template.split("{}")))


def _envelope(results: Any) -> Answer:
    if isinstance(results, Answer):
        return results
    return as_json({"status": "ok", "results": results})
