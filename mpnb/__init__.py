"""mpnb: product analytics in Jupyter, over Mixpanel or over a local event store.

The words that questions are made of (`Metric`, `Filter`, `FunnelStep`, …) and the errors are here at
once; they need the standard library only. Everything else is loaded when it is first asked for, by
the table `LAZY`. The surprise: asking for `Workspace` also brings the names that calls on it need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mpnb.errors import (
    AccountExistsError,
    AccountInUseError,
    AccountNotFoundError,
    APIError,
    AuthenticationError,
    BookmarkValidationError,
    BusinessContextValidationError,
    ConfigError,
    DateRangeTooLargeError,
    EventNotFoundError,
    HelpDomainError,
    HelpDomainReason,
    HelpLookupError,
    InvalidArgumentError,
    MixpanelHeadlessError,
    NotSupportedError,
    OAuthError,
    ParamTypeError,
    ParamValidationError,
    ProjectNotFoundError,
    QueryError,
    RateLimitError,
    RegionProbeError,
    RegionProbeNetworkError,
    ReplayNotFoundError,
    ReportLinkError,
    ReportLinkNotFoundError,
    ReportLinkParseError,
    ReportLinkScopeMismatchError,
    ResponseValidationError,
    ServerError,
    SessionReplayAccessError,
    SessionReplayError,
    ShortLinkResolutionError,
    SignedURLExpiredError,
    UnsupportedReplayFormatError,
    UnsupportedReportLinkError,
    ValidationError,
    WorkspaceScopeError,
)
from mpnb.query.behavior import BehaviorRef, FunnelBehavior, RetentionBehavior, SimpleBehavior
from mpnb.query.breakdown import CohortBreakdown, GroupBy, ListItemGroupMode
from mpnb.query.cohort import CohortCriteria, CohortDefinition
from mpnb.query.custom import (
    CustomPropertyRef,
    InlineCustomProperty,
    PropertyInput,
    PropertySpec,
)
from mpnb.query.definition import (
    BehaviorDefinition,
    MetricDefinition,
    RawBehaviorDefinition,
    RawMetricDefinition,
    WarehouseAggregation,
    WarehouseMetric,
    WarehouseSyncInterval,
)
from mpnb.query.filter import Filter
from mpnb.query.flow import FlowQuery
from mpnb.query.frequency import FrequencyBreakdown, FrequencyFilter
from mpnb.query.funnel import FunnelQuery
from mpnb.query.insights import InsightsQuery
from mpnb.query.metric import (
    CohortMetric,
    Formula,
    FormulaOperand,
    FunnelMetric,
    Metric,
    RetentionMetric,
)
from mpnb.query.metric_ref import MetricRef
from mpnb.query.question import Question
from mpnb.query.retention import RetentionQuery
from mpnb.query.step import (
    CustomEventRef,
    Exclusion,
    FlowStep,
    FunnelStep,
    HoldingConstant,
    RetentionEvent,
)
from mpnb.query.users import UserQuery
from mpnb.query.window import TimeComparison, TimeRange
from mpnb.query.words import (
    CohortAggregationType,
    ConversionWindowUnit,
    CountType,
    CustomPropertyType,
    FilterDateUnit,
    FilterOperator,
    FilterPropertyType,
    FiltersCombinator,
    FlowAnchorType,
    FlowChartType,
    FlowConversionWindowUnit,
    FlowCountType,
    FlowNodeType,
    FlowSessionEvent,
    FrequencyFilterOperator,
    FunnelMathType,
    FunnelMode,
    FunnelOrder,
    FunnelReentryMode,
    HourDayUnit,
    InsightsMode,
    MathType,
    PerUserAggregation,
    QueryTimeUnit,
    RetentionAlignment,
    RetentionMathType,
    RetentionMode,
    RetentionUnboundedMode,
    SegmentMethod,
    TimeComparisonType,
    TimeComparisonUnit,
    TimeUnit,
)

if TYPE_CHECKING:
    # Type checkers and editors read these; at run time `__getattr__` loads them by the table.
    from mpnb.account import (
        Account,
        AccountType,
        OAuthBrowserAccount,
        OAuthTokenAccount,
        Region,
        ServiceAccount,
    )
    from mpnb.params import validate_bookmark
    from mpnb.session import Project, Session, WorkspaceRef
    from mpnb.workspace import Workspace

__version__ = "0.1.0"

_MODULES: dict[str, tuple[str, ...]] = {
    "mpnb.workspace": ("Workspace",),
    "mpnb.params": ("validate_bookmark",),
    "mpnb.magic": ("load_ipython_extension", "unload_ipython_extension"),
    "mpnb.account": (
        "Account",
        "AccountType",
        "OAuthBrowserAccount",
        "OAuthTokenAccount",
        "Region",
        "ServiceAccount",
    ),
    "mpnb.session": ("Project", "Session", "WorkspaceRef"),
    "mpnb.entity.saved": (
        "CohortCreator",
        "MetricDisplay",
        "MetricGoal",
        "SavedBehavior",
        "SavedMetric",
    ),
    "mpnb.entity.bookmark": (
        "Bookmark",
        "BookmarkInfo",
        "BookmarkMetadata",
        "BookmarkType",
        "CreateBookmarkParams",
        "UpdateBookmarkParams",
    ),
    "mpnb.result": (
        "ActivityFeedResult",
        "CohortInfo",
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
        "NumericAverageResult",
        "NumericBucketResult",
        "NumericSumResult",
        "PropertyCountsResult",
        "QueryMeta",
        "QueryResult",
        "RetentionCohortData",
        "RetentionQueryResult",
        "RetentionResult",
        "SavedCohort",
        "SavedReportResult",
        "SavedReportType",
        "SegmentationResult",
        "SubPropertyInfo",
        "TopEvent",
        "UserEvent",
        "UserQueryResult",
    ),
}

LAZY: dict[str, str] = {name: module for module, names in _MODULES.items() for name in names}
"""Public name → the module that has it; loaded when the name is first asked for."""

TOGETHER: dict[str, tuple[str, ...]] = {
    "Workspace": ("mpnb.entity.saved", "mpnb.entity.bookmark", "mpnb.params", "mpnb.result"),
}
"""Name → modules whose names come with it, because calls on it are written with them."""

_HIDDEN = frozenset({"Any", "TYPE_CHECKING", "annotations", "import_module"})


def __getattr__(name: str) -> Any:
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
    eager = (name for name in globals() if not name.startswith("_") and name not in _HIDDEN)
    return sorted({*eager, *LAZY, "__version__"})


__all__ = sorted(
    {
        name
        for name, value in globals().items()
        if not name.startswith("_")
        and name not in _HIDDEN
        and name not in ("errors", "query", "LAZY", "TOGETHER")
    }
    | set(LAZY)
)
