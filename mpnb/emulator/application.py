"""From a request to its answer: faults, token, limits, and which part of Mixpanel is asked.

Enters: requests of the server. Leaves: answers, with the fault that the server applies to them. The
surprise: a request holds its place in the limits until its answer is ready, not until it is sent: a
client that has read the last byte may ask again at once. Streams hold it to their end.
"""

from __future__ import annotations

import hmac
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from mpnb.emulator import control, export, ingestion, oauth, queries
from mpnb.emulator.app import App
from mpnb.emulator.control import Control
from mpnb.emulator.entities import Entities
from mpnb.emulator.faults import HEADER, Fault, Faults
from mpnb.emulator.limits import Limits, Pool
from mpnb.emulator.lookups import UPLOADS
from mpnb.emulator.messages import Answer, Refusal, Request, as_json
from mpnb.emulator.oauth import OAuth
from mpnb.emulator.people import People
from mpnb.emulator.project import Project
from mpnb.emulator.replays import FILES, RECORD
from mpnb.emulator.saved import SavedReports
from mpnb.emulator.saved_parts import SavedParts
from mpnb.emulator.server import refused
from mpnb.errors import BookmarkValidationError, MixpanelHeadlessError, QueryError

QUERY, APP, EXPORT = "/api/query", "/api/app", "/api/2.0/export"
OLD = "/api/2.0"
"""Where the query API was before; clients of that time still ask there."""


class Application:
    """Everything that an emulator answers.

    Args:
        project: the events and profiles.
        token: what clients prove themselves with.
        limits: how much is allowed; None allows everything.
        state: a file that dashboards, reports and the like stay in.
    """

    def __init__(
        self,
        project: Project,
        token: str,
        limits: Limits | None = None,
        state: Path | None = None,
    ) -> None:
        self.project, self._token = project, token
        self.limits = limits or Limits({})
        self.faults = Faults()
        self.entities = Entities(state, lambda: project.now().isoformat())
        project.know(SavedParts(self.entities))
        self._app = App(project, self.entities)
        self._people = People(project)
        self._oauth = OAuth(self.entities, self._is_token)
        self._control = Control(
            self.faults, self.limits, self._oauth, self.entities, self._app.outbox
        )
        self._queries = self._query_endpoints()

    @contextmanager
    def __call__(self, request: Request) -> Iterator[tuple[Answer, Fault]]:
        """The answer to a request; its place in the limits is free again at the end."""
        with ExitStack() as stack:
            fault = Fault()
            try:
                if not request.path.startswith(control.PREFIX):
                    fault = self.faults.of(request.path, request.headers.get(HEADER))
                answer = fault.instead() or fault.spoiled(self._answer(request, stack))
            except Refusal as refusal:
                answer = refused(refusal, request.path)
            time.sleep(fault.latency)
            if isinstance(answer.body, bytes):
                stack.close()
            yield answer, fault

    def _answer(self, request: Request, stack: ExitStack) -> Answer:
        path = _current(request.path.rstrip("/") or "/")
        if path in ("/track", "/engage", "/groups"):
            return self._ingested(path, request)
        if path.startswith(UPLOADS):
            return self._app.lookups.stored(request)
        if path.startswith(FILES) and request.method == "GET":
            return self._app.replays.file(request)
        if path == control.PREFIX + "/health":
            return as_json({"status": "ok"})
        if path.startswith(oauth.PREFIX + "/"):
            return self._oauth(request, path.removeprefix(oauth.PREFIX))
        self._authorise(request)
        if path.startswith(control.PREFIX + "/"):
            return self._control(request, path.removeprefix(control.PREFIX))
        if path.startswith(control.SHORT) and request.method == "GET":
            return self._control.short(request, path.removeprefix(control.SHORT))
        if path == RECORD and request.method == "POST":
            return self._app.replays.record(request)
        if path == "/import" and request.method == "POST":
            self._own_project(request.said("project_id") or None)
            return ingestion.import_events(self.project, request)
        stack.enter_context(self.limits.taken(_pool(path)))
        try:
            return self._read(path, request)
        except MixpanelHeadlessError as problem:
            raise _refusal(problem) from problem
        except Refusal:
            raise
        except Exception as problem:
            traceback.print_exc(file=sys.stderr)
            said = f"The emulator failed: {type(problem).__name__}: {problem}"
            raise Refusal(500, said) from problem

    def _read(self, path: str, request: Request) -> Answer:
        if path.startswith(APP + "/"):
            return self._app(request, request.raw.removeprefix(APP))
        if path == EXPORT and request.method == "GET":
            self._own_project(request.get("project_id"))
            return export.export(self.project, request)
        answer = self._queries.get((request.method, path.removeprefix(QUERY)))
        if not path.startswith(QUERY + "/") or answer is None:
            raise Refusal(404, f"There is no route {request.method} {request.path}.")
        self._own_project(request.get("project_id"))
        return as_json(answer(request))

    def _query_endpoints(self) -> Mapping[tuple[str, str], Callable[[Request], Any]]:
        saved = SavedReports(self.project, self.entities)

        def bound(endpoint: queries.Endpoint) -> Callable[[Request], Any]:
            return lambda request: endpoint(self.project, request)

        return {
            **{key: bound(endpoint) for key, endpoint in queries.ENDPOINTS.items()},
            ("POST", "/engage"): self._people.page,
            ("GET", "/engage"): self._people.page,
            ("POST", "/engage/stats"): self._people.stats,
            ("GET", "/insights"): saved.insights,
            ("GET", "/arb_funnels"): saved.flows,
            ("GET", "/retention"): saved.retention,
            ("GET", "/funnels"): saved.funnel,
            ("GET", "/funnels/list"): saved.funnel_list,
        }

    def _ingested(self, path: str, request: Request) -> Answer:
        if request.method != "POST":
            raise Refusal(404, f"There is no route {request.method} {request.path}.")
        kind, name, secret = request.credentials
        proven = kind != "none" and (self._is_token(secret) or self._is_token(name))

        def ours(token: str) -> bool:
            return proven or self._is_token(token)

        if path == "/track":
            return ingestion.track(self.project, request, ours)
        return ingestion.engage(self.project, request, ours, groups=path == "/groups")

    def _authorise(self, request: Request) -> None:
        """The token is the secret of any service account, a bearer, or the project's secret.

        Raises:
            Refusal: status 401; it says which of the three was tried, never what was sent.
        """
        kind, name, secret = request.credentials
        if kind == "none":
            raise Refusal(
                401,
                "No credentials: send the emulator's token as the secret of a service account "
                "(Basic), as a bearer token, or as the project secret.",
            )
        if self._is_token(secret) or (kind == "basic" and not secret and self._is_token(name)):
            return
        if kind == "bearer" and self._oauth.holds(secret):
            return
        as_what = "bearer token" if kind == "bearer" else "secret"
        raise Refusal(401, f"Invalid credentials: the {as_what} is not the emulator's token.")

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._token.encode())

    def _own_project(self, named: Any) -> None:
        own = str(self.project.identity.project_id)
        if named is not None and str(named) != own:
            raise Refusal(403, f"This account sees no project {named}, only {own}.")


def _current(path: str) -> str:
    """The present address of what an older client asks for."""
    if not path.startswith(OLD + "/") or path == EXPORT:
        return path
    rest = path.removeprefix(OLD)
    return rest if rest == "/import" else QUERY + rest


def _pool(path: str) -> Pool | None:
    if path == EXPORT:
        return "export"
    if path.startswith(QUERY + "/engage"):
        return "profiles"
    if path.startswith(QUERY + "/"):
        return "query"
    return "lexicon" if path.startswith(APP) and "/schemas" in path else None


def _refusal(problem: MixpanelHeadlessError) -> Refusal:
    """What the engine refused, as Mixpanel would: a bad request that says why."""
    status = problem.status_code if isinstance(problem, QueryError) else None
    message = problem.message
    if isinstance(problem, BookmarkValidationError):
        message = str(problem)
    return Refusal(status if status and status >= 400 else 400, message)
