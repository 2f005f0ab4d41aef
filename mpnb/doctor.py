"""What is in force, and which of Mixpanel's APIs answer it: for the afternoon when nothing does.

Enters: a session, and why it is this one. Leaves: a `Report` that shows itself. The surprise: when
an API refuses, the other regions and the other kind of secret are tried, so that the cause is found
and not guessed; each API is asked once, for as little as possible, and nothing is changed.
"""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import SecretStr

from mpnb.account import ProjectSecretAccount, Region, RemoteAccount, ServiceAccount, files
from mpnb.account.bridge import find as find_bridge
from mpnb.account.models import REGIONS
from mpnb.engine.mixpanel.budget import Budget
from mpnb.engine.mixpanel.regions import base_url
from mpnb.engine.mixpanel.transport import Call, Transport
from mpnb.errors import APIError, MixpanelHeadlessError, QueryError, RateLimitError
from mpnb.session import Project, Session

BRIEFLY_S = 20.0
DAYS = 30
"""How far back the export is searched for an event."""

State = Literal["ok", "failed", "note"]
SIGNS: dict[State, str] = {"ok": "ok", "failed": "FAILED", "note": "note"}

CLUSTERS: dict[str, Region] = {
    "mixpanel-prod-eu": "eu",
    "mixpanel-prod-in": "in",
    "mixpanel-prod-1": "us",
    "mixpanel-prod-us": "us",
}
"""Names of Mixpanel's clusters, as error messages spell them → region."""


@dataclass(frozen=True)
class Check:
    """One line: what was looked at, what was found, and what to do."""

    name: str
    state: State
    found: str
    advice: str = ""


@dataclass(frozen=True)
class Report:
    """What the doctor found; it shows itself as text and as a table."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return all(check.state != "failed" for check in self.checks)

    @property
    def rows(self) -> list[tuple[str, str, str, str]]:
        """The checks as a table: what, state, found, what to do."""
        return [(c.name, SIGNS[c.state], c.found, c.advice) for c in self.checks]

    def __str__(self) -> str:
        lines = []
        for name, state, found, advice in self.rows:
            lines.append(f"{name:<12} {state:<7} {found}")
            lines += [f"{'':<20} → {advice}"] if advice else []
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = [
            "<tr>" + "".join(f"<td style='text-align:left'>{html.escape(c)}</td>" for c in row)
            for row in self.rows
        ]
        head = "".join(f"<th>{word}</th>" for word in ("what", "", "found", "what to do"))
        return f"<table><tr>{head}</tr>{''.join(cells)}</table>"


@dataclass(frozen=True)
class _Api:
    """An API and the smallest question for it."""

    name: str
    call: Callable[[Session], Call]
    secret_opens: bool = True
    """Whether a project's API secret is enough for it."""


def _dates(days: int) -> dict[str, str]:
    today = datetime.now(UTC).date()
    return {"from_date": (today - timedelta(days=days)).isoformat(), "to_date": today.isoformat()}


def _named(session: Session) -> dict[str, Any]:
    """The project, where the credential does not say it by itself."""
    of_one = session.account.type == "project_secret"
    return {} if of_one else {"project_id": session.project_id}


def _call(method: str, family: Any, path: str, query: Mapping[str, Any], body: Any = None) -> Call:
    return Call(method, family, path, query, body, timeout_s=BRIEFLY_S, attempts=1, mutates=False)


APIS: tuple[_Api, ...] = (
    _Api("app", lambda s: _call("GET", "app", "/me", {}), secret_opens=False),
    _Api(
        "query",
        lambda s: _call(
            "GET", "query", "/events/names", {"type": "general", "limit": 1, **_named(s)}
        ),
    ),
    _Api(
        "engage",
        lambda s: _call("POST", "engage", "/", _named(s), {**_named(s), "limit": 1}),
    ),
    _Api(
        "export",
        lambda s: _call("GET", "export", "/export", {**_dates(DAYS), "limit": 1, **_named(s)}),
    ),
    _Api(
        "ingestion",
        # An empty batch: the credentials are looked at, and nothing is written.
        lambda s: _call("POST", "ingestion", "/import", {"strict": 1, **_named(s)}, []),
    ),
)
"""What is asked, in this order."""


def examine(
    session: Session | None,
    why: Mapping[str, str],
    client: Any = None,
    budget: Budget | None = None,
) -> Report:
    """Look at everything that decides whether Mixpanel answers.

    Args:
        session: who asks, and where; None for a local store.
        why: part of the session → where it comes from.
        client: the HTTP client to ask with; by default one of its own.
        budget: what counts the requests; where it says that none is left, none is sent.
    """
    if session is None:
        said = f"a local store ({why.get('account', 'opened by hand')}): nothing to connect to"
        return Report((Check("source", "ok", said),))
    asker = _Asker(client, budget)
    checks = [*_in_force(session, why), *_settings()]
    results = {api.name: asker.ask(session, api) for api in APIS}
    checks += [_told(session, api, results[api.name]) for api in APIS]
    checks += _causes(session, results, asker)
    return Report(tuple(checks))


def _in_force(session: Session, why: Mapping[str, str]) -> list[Check]:
    account, view = session.account, session.workspace
    pinned = str(view.id) if view else "none pinned"
    return [
        Check("account", "ok", f"{account.name} ({account.type}), from {_from(why, 'account')}"),
        Check("region", "ok", f"{session.region} ({base_url('query', session.region)})"),
        Check("project", "ok", f"{session.project_id}, from {_from(why, 'project')}"),
        Check("data view", "ok", f"{pinned}, from {_from(why, 'workspace')}"),
    ]


def _from(why: Mapping[str, str], part: str) -> str:
    return why.get(part, "session=")


def _settings() -> list[Check]:
    path = files.config_path()
    there = "read" if path.exists() else "not there"
    checks = [Check("config", "ok" if path.exists() else "note", f"{path} ({there})")]
    bridge = find_bridge()
    if bridge is not None:
        checks.append(Check("bridge", "note", f"{bridge} is there"))
    names = sorted(n for n in os.environ if n.startswith("MP_") and os.environ[n])
    if names:
        checks.append(Check("environment", "note", f"set: {', '.join(names)}"))
    return checks


@dataclass(frozen=True)
class _Result:
    """An API's answer, or why there is none."""

    body: Any = None
    problem: MixpanelHeadlessError | None = None

    @property
    def status(self) -> int:
        """The HTTP status; 0 without an answer."""
        if self.problem is None:
            return 200
        return int(self.problem.details.get("status_code", 0))

    @property
    def said(self) -> str:
        """What the server said, whole, for looking for words in it."""
        problem = self.problem
        body = problem.response_body if isinstance(problem, APIError) else None
        return f"{body} {problem.message}" if problem else ""


def _result(body: Any) -> _Result:
    """An answer; one with an error inside is none."""
    wrong = body.get("error") if isinstance(body, dict) else None
    if not wrong:
        return _Result(body)
    said = f"answers with an error inside: {wrong}"
    return _Result(problem=QueryError(said, status_code=200, response_body=body))


@dataclass(frozen=True)
class _Asker:
    """How questions are sent."""

    client: Any
    budget: Budget | None

    def ask(self, session: Session, api: _Api) -> _Result:
        """What an API answers to a session."""
        transport = Transport(session, self.client, budget=self.budget)
        try:
            return _result(transport.send(api.call(session)))
        except MixpanelHeadlessError as problem:
            return _Result(problem=problem)
        finally:
            if self.client is None:
                transport.close()


def _told(session: Session, api: _Api, result: _Result) -> Check:
    if result.problem is None:
        return _answered(session, api, result.body)
    if session.account.type == "project_secret" and not api.secret_opens:
        said = "does not take a project's API secret, by design"
        return Check(api.name, "note", said, "For dashboards and cohorts use a service account.")
    if api.name == "ingestion" and result.status == 400:
        return Check(api.name, "ok", "answers (it refuses an empty batch, as it should)")
    return Check(api.name, "failed", _short(result), _advice(session, result))


def _answered(session: Session, api: _Api, body: Any) -> Check:
    if api.name == "app":
        listed = body.get("results", body) if isinstance(body, dict) else {}
        projects = listed.get("projects") if isinstance(listed, dict) else None
        if isinstance(projects, dict) and session.project_id not in projects:
            known = ", ".join(sorted(projects)[:5]) or "none"
            said = f"answers, but this account does not see project {session.project_id}"
            advice = f"It sees: {known}. Choose one: ws.use(project=…), or ask for access."
            return Check(api.name, "failed", said, advice)
    if api.name == "query" and body == []:
        advice = "Is this the right project? Has anything been sent to it?"
        return Check(api.name, "note", "answers, and knows no event", advice)
    if api.name == "export" and body == {"status": "ok"}:
        said = f"answers, and has no event in the last {DAYS} days"
        advice = "Is this the right project? Is data sent to it? Older data needs another range."
        return Check(api.name, "note", said, advice)
    return Check(api.name, "ok", "answers")


def _short(result: _Result) -> str:
    text = result.problem.message if result.problem else ""
    return text if len(text) <= 200 else f"{text[:197]}…"


def _advice(session: Session, result: _Result) -> str:
    if isinstance(result.problem, RateLimitError):
        return "The hour's requests are used up: wait. The credentials are good."
    if result.status == 402:
        return "The organisation's plan does not include this API."
    if result.status == 403:
        return "The account lacks access to the project, or the plan lacks this API."
    if result.status in (0, 502, 503, 504):
        return "No answer: check the connection, a proxy, and MP_API_BASE_URL."
    if _cluster(session, result) is not None:
        return "The project is in another region: see below."
    return ""


def _cluster(session: Session, result: _Result) -> Region | None:
    """The region that an error names as the project's own."""
    for name, region in CLUSTERS.items():
        if name in result.said and region != session.region:
            return region
    return None


def _causes(session: Session, results: Mapping[str, _Result], asker: _Asker) -> list[Check]:
    """What explains the failures: another region, or a secret of another kind."""
    failed = [
        api
        for api in APIS
        if _told(session, api, results[api.name]).state == "failed" and _refused(results[api.name])
    ]
    if not failed:
        return []
    hinted: list[Region | None] = [_cluster(session, results[api.name]) for api in failed]
    first: Region | None = next((region for region in hinted if region), None)
    region = _other_region(session, failed[0], first, asker)
    if region is not None:
        return [_wrong_region(session, region)]
    if first is not None:
        return [_wrong_region(session, first)]
    kind = _other_kind(session, asker) if results["export"].status == 401 else None
    return [kind] if kind else _plan(session, results)


def _refused(result: _Result) -> bool:
    return result.status in (400, 401, 403, 404)


def _wrong_region(session: Session, region: Region) -> Check:
    name, project = session.account.name, session.project_id
    advice = f"mp.accounts.update({name!r}, region={region!r})"
    if name.startswith("env-"):
        advice = f"Set MP_REGION={region}."
    said = (
        f"wrong region: project {project} answers in {region}, this account asks {session.region}"
    )
    return Check("cause", "failed", said, advice)


def _other_region(
    session: Session, api: _Api, first: Region | None, asker: _Asker
) -> Region | None:
    """The region in which the same question is answered."""
    if os.environ.get("MP_API_BASE_URL"):
        return None  # it stands for all of them
    order: list[Region] = [*([first] if first else []), *(r for r in REGIONS if r != first)]
    for region in order:
        if region != session.region and asker.ask(_in(session, region), api).problem is None:
            return region
    return None


def _in(session: Session, region: Region) -> Session:
    """The session, were its account in another region."""
    return session.replace(account=session.account.model_copy(update={"region": region}))


def _other_kind(session: Session, asker: _Asker) -> Check | None:
    """Whether the secret is good as a secret of another kind."""
    secret = _secret_of(session.account)
    if session.account.type == "project_secret" or secret is None:
        advice = (
            "An API secret is in the project's settings, beside the token; a service account's "
            "secret needs its user name: type service_account."
        )
        return Check("cause", "failed", _everywhere(), advice)
    order: list[Region] = [session.region, *(r for r in REGIONS if r != session.region)]
    for region in order:
        account = ProjectSecretAccount(name=session.account.name, region=region, secret=secret)
        other = Session(account=account, project=Project(id=session.project_id))
        if asker.ask(other, APIS[3]).problem is None:
            said = f"a secret of the wrong kind: it is the API secret of a project in {region}"
            advice = f"mp.accounts.add(name, type='project_secret', region={region!r}, secret=…)"
            return Check("cause", "failed", said, advice)
    said = _everywhere()
    advice = (
        "Check user name and secret. A project's token only sends events; its API secret is of "
        "type project_secret."
    )
    return Check("cause", "failed", said, advice)


def _everywhere() -> str:
    one = os.environ.get("MP_API_BASE_URL")
    return f"the credentials are refused {'by MP_API_BASE_URL' if one else 'in every region'}"


def _secret_of(account: RemoteAccount) -> SecretStr | None:
    return account.secret if isinstance(account, ServiceAccount | ProjectSecretAccount) else None


def _plan(session: Session, results: Mapping[str, _Result]) -> list[Check]:
    """What is left when some APIs answer and others do not, in the right region."""
    open_ones = [name for name, result in results.items() if result.problem is None]
    if not open_ones:
        return []
    said = f"the credentials are good for {', '.join(open_ones)}; the others refuse them"
    advice = "Missing access to the project, or a plan without these APIs: ask an owner."
    return [Check("cause", "note", said, advice)]
