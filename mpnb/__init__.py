"""mpnb: product analytics in Jupyter, over Mixpanel or over a local event store.

The words that questions are made of (`Metric`, `Filter`, `FunnelStep`, …) and the errors are here
at once; they need the standard library only. Everything else is loaded when it is first asked
for, by the table `LAZY`. The surprise: asking for `Workspace` also brings the names that calls on
it need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mpnb import entity, errors, query
from mpnb.errors import *  # noqa: F403  its __all__ is the list
from mpnb.query import *  # noqa: F403  its __all__ is the list

if TYPE_CHECKING:
    # Type checkers and editors read these; at run time `__getattr__` loads them by the table.
    from mpnb import accounts, reference, session, targets
    from mpnb.account import (
        Account,
        AccountType,
        LocalAccount,
        OAuthBrowserAccount,
        OAuthTokenAccount,
        ProjectSecretAccount,
        Region,
        ServiceAccount,
    )
    from mpnb.account.config import Target
    from mpnb.account.me import PublicWorkspace
    from mpnb.account.notice import AccountNotice
    from mpnb.account.summary import AccountSummary, AccountTestResult, OAuthLoginResult
    from mpnb.accounts import login_unified
    from mpnb.entity import *  # noqa: F403  its __all__ is the list
    from mpnb.magic import load_ipython_extension, unload_ipython_extension
    from mpnb.params import validate_bookmark
    from mpnb.reference import (
        DocSections,
        FieldDoc,
        Group,
        HelpEntry,
        Hint,
        MemberDoc,
        ParamDoc,
        SearchHit,
        SearchResult,
        SignatureDoc,
        UsageDoc,
        help,
    )
    from mpnb.result import (
        ActivityFeedResult,
        CohortInfo,
        EntityType,
        EventCountsResult,
        FlowEdge,
        FlowQueryResult,
        FlowsResult,
        FlowStepNode,
        FlowTreeNode,
        FrequencyResult,
        FunnelInfo,
        FunnelQueryResult,
        FunnelResult,
        FunnelResultStep,
        FunnelStepData,
        JQLResult,
        LexiconDefinition,
        LexiconMetadata,
        LexiconProperty,
        LexiconSchema,
        NumericAverageResult,
        NumericBucketResult,
        NumericSumResult,
        ProfilePageResult,
        PropertyCountsResult,
        QueryMeta,
        QueryResult,
        RetentionCohortData,
        RetentionQueryResult,
        RetentionResult,
        SavedCohort,
        SavedReportResult,
        SavedReportType,
        SchemaGraphResult,
        SegmentationResult,
        SubPropertyInfo,
        TopEvent,
        UserEvent,
        UserQueryResult,
    )
    from mpnb.result.replay import Replay, ReplayEvent, ReplaySummary
    from mpnb.result.replay_action import (
        SignedReplay,
        UserAction,
        default_label_fn,
        selector_label_fn,
        url_normalizer,
    )
    from mpnb.result.replay_bundle import ReplayBundle
    from mpnb.session import Project, Session, WorkspaceRef
    from mpnb.stores import demo, local
    from mpnb.workspace import Workspace

__version__ = "0.1.0"

_MODULES: dict[str, tuple[str, ...]] = {
    "mpnb.workspace": ("Workspace",),
    "mpnb.stores": ("demo", "local"),
    "mpnb.parity": ("_oracle_workspace",),
    "mpnb.params": ("validate_bookmark",),
    "mpnb.accounts": ("login_unified",),
    "mpnb.reference": (
        "DocSections",
        "FieldDoc",
        "Group",
        "HelpEntry",
        "Hint",
        "MemberDoc",
        "ParamDoc",
        "SearchHit",
        "SearchResult",
        "SignatureDoc",
        "UsageDoc",
        "help",
    ),
    "mpnb.magic": ("load_ipython_extension", "unload_ipython_extension"),
    "mpnb.account": (
        "Account",
        "AccountType",
        "LocalAccount",
        "OAuthBrowserAccount",
        "OAuthTokenAccount",
        "ProjectSecretAccount",
        "Region",
        "ServiceAccount",
    ),
    "mpnb.account.config": ("Target",),
    "mpnb.account.me": ("PublicWorkspace",),
    "mpnb.account.notice": ("AccountNotice",),
    "mpnb.account.summary": ("AccountSummary", "AccountTestResult", "OAuthLoginResult"),
    "mpnb.session": ("Project", "Session", "WorkspaceRef"),
    "mpnb.result": (
        "ActivityFeedResult",
        "CohortInfo",
        "EntityType",
        "EventCountsResult",
        "FlowEdge",
        "FlowQueryResult",
        "FlowStepNode",
        "FlowTreeNode",
        "FlowsResult",
        "FrequencyResult",
        "FunnelInfo",
        "FunnelQueryResult",
        "FunnelResult",
        "FunnelResultStep",
        "FunnelStepData",
        "JQLResult",
        "LexiconDefinition",
        "LexiconMetadata",
        "LexiconProperty",
        "LexiconSchema",
        "NumericAverageResult",
        "NumericBucketResult",
        "NumericSumResult",
        "ProfilePageResult",
        "PropertyCountsResult",
        "QueryMeta",
        "QueryResult",
        "RetentionCohortData",
        "RetentionQueryResult",
        "RetentionResult",
        "SavedCohort",
        "SavedReportResult",
        "SavedReportType",
        "SchemaGraphResult",
        "SegmentationResult",
        "SubPropertyInfo",
        "TopEvent",
        "UserEvent",
        "UserQueryResult",
    ),
}

_MODULES["mpnb.result.replay"] = ("Replay", "ReplayEvent", "ReplaySummary")
_MODULES["mpnb.result.replay_bundle"] = ("ReplayBundle",)
_MODULES["mpnb.result.replay_action"] = (
    "SignedReplay",
    "UserAction",
    "default_label_fn",
    "selector_label_fn",
    "url_normalizer",
)
_MODULES.update(entity.MODULES)

LAZY: dict[str, str] = {name: module for module, names in _MODULES.items() for name in names}
"""Public name → the module that has it; loaded when the name is first asked for."""

TOGETHER: dict[str, tuple[str, ...]] = {
    "Workspace": (
        "mpnb.entity.saved",
        "mpnb.entity.saved_params",
        "mpnb.entity.bookmark",
        "mpnb.params",
        "mpnb.result",
    ),
    "_oracle_workspace": (
        "mpnb.account",
        "mpnb.session",
        "mpnb.workspace",
        "mpnb.entity.saved",
        "mpnb.entity.saved_params",
        "mpnb.entity.bookmark",
        "mpnb.entity.report_link",
        "mpnb.params",
        "mpnb.result",
        "mpnb.result.replay",
        "mpnb.result.replay_action",
    ),
}
"""Name → modules whose names come with it, because calls on it are written with them."""


MODULES = ("accounts", "reference", "session", "targets")
"""Modules that people use as ``mp.accounts`` and so on."""


def __getattr__(name: str) -> Any:
    if name in MODULES:
        return import_module(f"mpnb.{name}")
    module = LAZY.get(name)
    if module is None:
        raise AttributeError(f"module 'mpnb' has no attribute {name!r}")
    for source in (module, *TOGETHER.get(name, ())):
        _bring(source)
    if name not in globals():
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    return globals()[name]


def _bring(source: str) -> None:
    loaded = import_module(source)
    for name in _MODULES[source]:
        if hasattr(loaded, name):
            globals()[name] = getattr(loaded, name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


__all__ = [
    "Account",
    "AccountNotice",
    "AccountSummary",
    "AccountTestResult",
    "AccountType",
    "ActivityFeedResult",
    "CohortInfo",
    "DocSections",
    "EntityType",
    "EventCountsResult",
    "FieldDoc",
    "FlowEdge",
    "FlowQueryResult",
    "FlowStepNode",
    "FlowTreeNode",
    "FlowsResult",
    "FrequencyResult",
    "FunnelInfo",
    "FunnelQueryResult",
    "FunnelResult",
    "FunnelResultStep",
    "FunnelStepData",
    "Group",
    "HelpEntry",
    "Hint",
    "JQLResult",
    "LexiconDefinition",
    "LexiconMetadata",
    "LexiconProperty",
    "LexiconSchema",
    "LocalAccount",
    "MemberDoc",
    "NumericAverageResult",
    "NumericBucketResult",
    "NumericSumResult",
    "OAuthBrowserAccount",
    "OAuthLoginResult",
    "OAuthTokenAccount",
    "ParamDoc",
    "ProfilePageResult",
    "Project",
    "ProjectSecretAccount",
    "PropertyCountsResult",
    "PublicWorkspace",
    "QueryMeta",
    "QueryResult",
    "Region",
    "Replay",
    "ReplayBundle",
    "ReplayEvent",
    "ReplaySummary",
    "RetentionCohortData",
    "RetentionQueryResult",
    "RetentionResult",
    "SavedCohort",
    "SavedReportResult",
    "SavedReportType",
    "SchemaGraphResult",
    "SearchHit",
    "SearchResult",
    "SegmentationResult",
    "ServiceAccount",
    "Session",
    "SignatureDoc",
    "SignedReplay",
    "SubPropertyInfo",
    "Target",
    "TopEvent",
    "UsageDoc",
    "UserAction",
    "UserEvent",
    "UserQueryResult",
    "Workspace",
    "WorkspaceRef",
    "accounts",
    "default_label_fn",
    "demo",
    "help",
    "load_ipython_extension",
    "local",
    "login_unified",
    "reference",
    "selector_label_fn",
    "session",
    "targets",
    "unload_ipython_extension",
    "url_normalizer",
    "validate_bookmark",
]
__all__ += entity.__all__
__all__ += errors.__all__
__all__ += query.__all__
