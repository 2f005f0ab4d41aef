"""The facade that a person holds: who and where on one side, questions and reports on the other.

Enters: a session (Mixpanel) or a local engine. Leaves: answers. The surprise: what can be asked
stands in the classes mixed in here; this file only ties them to an engine and a shelf of reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import cached_property
from importlib import import_module
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, cast

from mpnb.discovery import Discovery
from mpnb.engine.base import Engine
from mpnb.engine.mixpanel.policy import OnLimit, Policy
from mpnb.entity.alerts import Alerts
from mpnb.entity.annotations import Annotations
from mpnb.entity.anomalies import Anomalies
from mpnb.entity.behaviors import Behaviors
from mpnb.entity.cohorts import Cohorts
from mpnb.entity.contexts import BusinessContexts
from mpnb.entity.custom_events import CustomEvents
from mpnb.entity.custom_properties import CustomProperties
from mpnb.entity.definitions import Definitions
from mpnb.entity.deletions import Deletions
from mpnb.entity.drop_filters import DropFilters
from mpnb.entity.enforcements import Enforcement
from mpnb.entity.experiments import Experiments
from mpnb.entity.flags import FeatureFlags
from mpnb.entity.history import History
from mpnb.entity.lookup_tables import LookupTables
from mpnb.entity.metrics import Metrics
from mpnb.entity.replays import Replays
from mpnb.entity.report_links import ReportLinks
from mpnb.entity.schema_entries import SchemaRegistry
from mpnb.entity.webhooks import Webhooks
from mpnb.errors import ConfigError, NotSupportedError, ParamValidationError
from mpnb.folders import home
from mpnb.keeping import Keeping
from mpnb.legacy import Legacy
from mpnb.pointing import Pointing
from mpnb.query.question import Question
from mpnb.questions import Questions
from mpnb.reports import Reports, ReportStore
from mpnb.schema import Schema
from mpnb.streaming import Streaming
from mpnb.switching import Switching

if TYPE_CHECKING:  # pydantic models and the engine's own, which only annotations need
    from mpnb.account import RemoteAccount
    from mpnb.engine.duckdb.load import LoadReport
    from mpnb.engine.mixpanel.engine import MixpanelEngine
    from mpnb.session import Project, Session, WorkspaceRef

MAKING = Lock()
"""Held while an engine is made: threads that ask at the same time share one."""
REMOTE_ENGINE = "mpnb.engine.mixpanel.engine:MixpanelEngine"
"""Loaded when the first request is made: httpx costs a quarter of a second."""


class Workspace(
    Questions,
    Discovery,
    Legacy,
    Reports,
    Keeping,
    Alerts,
    Annotations,
    Behaviors,
    Cohorts,
    Experiments,
    FeatureFlags,
    Metrics,
    Definitions,
    DropFilters,
    CustomProperties,
    CustomEvents,
    History,
    SchemaRegistry,
    Enforcement,
    Anomalies,
    Deletions,
    LookupTables,
    BusinessContexts,
    Replays,
    ReportLinks,
    Webhooks,
    Streaming,
    Switching,
    Pointing,
):
    """Ask questions of a Mixpanel project, or of a local store of events.

    Args:
        account: name of a configured account.
        project: id of the project.
        workspace: id of a data view to pin.
        target: name of a configured target, instead of the three above.
        session: account, project and data view as one value, instead of the names.
        on_limit: when Mixpanel's limits are reached: ``"wait"`` with a countdown (default),
            ``"raise"`` at once, or ``"ignore"`` them; ``MPNB_ON_LIMIT`` sets the default.
        cache: whether answers are kept on disk; a number is the minutes that those are good which
            reach today (default 5); ``MPNB_CACHE`` sets the default.
        read_only: refuse every change before it is sent, as ``MP_READ_ONLY`` does.

    A local workspace is made by `mpnb.local` or `mpnb.demo`.

    Names are looked up in the configuration; what is not named comes from the environment, a bridge
    file and the configuration, in the order that `docs/accounts.md` lists. No request is made.

    Raises:
        ConfigError: nothing says which account or project to ask.
        ParamValidationError: a target is named together with others (a ValueError).
    """

    def __init__(
        self,
        *,
        account: str | None = None,
        project: str | None = None,
        workspace: int | None = None,
        target: str | None = None,
        session: Session | None = None,
        on_limit: OnLimit | None = None,
        cache: bool | float | None = None,
        read_only: bool = False,
        _api_client: Any = None,
    ) -> None:
        self._session: Session | None = session
        self._engine: Engine | None = None
        self._reports: ReportStore | None = None
        self._client = _api_client
        # Who brings an HTTP client, a test, is not counted and finds nothing kept.
        folder = None if _api_client is not None else home()
        self._policy = Policy.of(folder, on_limit, cache, read_only)
        self.loaded: LoadReport | None = None
        self._why: Mapping[str, str] = dict.fromkeys(
            ("account", "project", "workspace"), "session="
        )
        asked = {"account": account, "project": project, "workspace": workspace, "target": target}
        if session is None:
            self._begin(asked)
        elif any(part is not None for part in asked.values()):
            raise ParamValidationError(
                "A session is an account, a project and a data view at once: give session= alone."
            )

    @classmethod
    def _local(cls, engine: Engine, reports: ReportStore, loaded: LoadReport | None) -> Workspace:
        """A workspace over an embedded engine, with reports of its own."""
        made = cls.__new__(cls)
        made._session, made._engine, made._reports, made._client = None, engine, reports, None
        made.loaded, made._policy, made._why = loaded, Policy(), {}
        return made

    @property
    def engine(self) -> Engine:
        """Who answers: Mixpanel, or the embedded engine over a local store."""
        if self._engine is None:
            with MAKING:
                self._engine = self._engine or self._made()
        if self._session is None:
            return self._engine
        return self._answering(cast("MixpanelEngine", self._engine))

    def _made(self) -> Engine:
        module, _, name = REMOTE_ENGINE.partition(":")
        made: Engine = getattr(import_module(module), name)(
            self.session, self._client, self._policy
        )
        return made

    @property
    def session(self) -> Session:
        """Account, project and data view; a local workspace has none.

        Raises:
            ConfigError: the workspace is local.
        """
        if self._session is None:
            raise ConfigError("This workspace is local: it has no account and no project.")
        return self._session

    @property
    def account(self) -> RemoteAccount:
        """The account that asks."""
        return self.session.account

    @property
    def project(self) -> Project:
        """The project that is asked."""
        return self.session.project

    @property
    def workspace(self) -> WorkspaceRef | None:
        """The pinned data view, if there is one."""
        return self.session.workspace

    @property
    def is_local(self) -> bool:
        """Whether the numbers come from a local store instead of Mixpanel."""
        return self._session is None

    @cached_property
    def schema(self) -> Schema | None:
        """The names that the data has; None where asking for them would cost requests."""
        return Schema(self.engine) if self.is_local else None

    def explain(self, question: Question) -> str:
        """How the local engine answers a question: its passes, and SQL for the same rows.

        Raises:
            NotSupportedError: Mixpanel answers, which does not say how.
        """
        if not self.is_local and self._mode == "remote":
            raise NotSupportedError("Mixpanel does not say how it answers; a local store does.")
        self.ask(question)
        explained: str = self.engine.explain(question)  # type: ignore[attr-defined]  # only local engines
        return explained

    def on(self, engine: Literal["local", "remote", "auto"] | None) -> Workspace:
        """This workspace with an engine chosen for one question.

        Args:
            engine: ``"local"`` is the copy that `pull` made, ``"remote"`` is Mixpanel, ``"auto"``
                is the copy where it has all days that the answer rests on, else Mixpanel.

        Raises:
            NotSupportedError: it does not have that engine.
            ConfigError: nothing was pulled yet.
        """
        if engine is None or (self.is_local and engine != "remote"):
            return self
        if self.is_local:
            raise NotSupportedError("This workspace has no remote engine: it is over local data.")
        _ = self.engine  # made once, so that both share its connections
        made = copy(self)
        made._answer_with(engine)
        return made

    def describe(self) -> dict[str, str]:
        """What is in use, in words: source, range of the data, zone, today."""
        if self.is_local:
            facts: dict[str, str] = self.engine.describe()  # type: ignore[attr-defined]  # only local engines
            return {"source": self.engine.source, **facts, **self._left_out()}
        return {
            "source": self.engine.source,
            "account": f"{self.account.name} ({self.account.type})",
            "region": self.account.region,
            "data view": str(self.session.workspace_id or "the project's own"),
        }

    def _left_out(self) -> dict[str, str]:
        """What a load left out, with the first places."""
        if self.loaded is None or not (self.loaded.bad_lines or self.loaded.truncated):
            return {}
        places = [str(problem) for problem in self.loaded.problems[:3]]
        shown = "; ".join([*places, *self.loaded.truncated])
        return {"left out": f"{self.loaded.bad_lines:,} lines: {shown}"}

    def close(self) -> None:
        """Let go of connections and files."""
        close = getattr(self._engine, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._session is None:
            source = self._engine.source if self._engine else "it could not be opened"
            return f"<Workspace: {source}>"
        where = f"project {self._session.project_id}"
        view = f", data view {self._session.workspace_id}" if self._session.workspace else ""
        return f"<Workspace: {where}{view} ({self._session.region}), {self._session.account.name}>"
