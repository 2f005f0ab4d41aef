"""What is configured in a project: dashboards, reports, cohorts, flags, alerts and the rest.

Each thing has two files: its models (``alert.py``, pydantic) and its endpoints (``alerts.py``,
declared by the signatures of methods; see `base`). The surprise: the models are loaded when one is
first asked for, so that a workspace over local data does without pydantic.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Type checkers and editors read these; at run time `__getattr__` loads them by the table.
    from mpnb.entity.alert import *
    from mpnb.entity.annotation import *
    from mpnb.entity.anomaly import *
    from mpnb.entity.bookmark import *
    from mpnb.entity.cohort import *
    from mpnb.entity.context import *
    from mpnb.entity.custom_event import *
    from mpnb.entity.custom_property import *
    from mpnb.entity.dashboard import *
    from mpnb.entity.definition import *
    from mpnb.entity.deletion import *
    from mpnb.entity.drop_filter import *
    from mpnb.entity.enforcement import *
    from mpnb.entity.experiment import *
    from mpnb.entity.flag import *
    from mpnb.entity.lookup_table import *
    from mpnb.entity.page import *
    from mpnb.entity.report_line import *
    from mpnb.entity.report_link import *
    from mpnb.entity.saved import *
    from mpnb.entity.saved_params import *
    from mpnb.entity.schema_entry import *
    from mpnb.entity.webhook import *

MODULES: dict[str, tuple[str, ...]] = {
    "mpnb.entity.alert": (
        "AlertBookmark",
        "AlertCount",
        "AlertCreator",
        "AlertFrequencyPreset",
        "AlertHistoryPagination",
        "AlertHistoryResponse",
        "AlertProject",
        "AlertScreenshotResponse",
        "AlertValidation",
        "AlertWorkspace",
        "CreateAlertParams",
        "CustomAlert",
        "UpdateAlertParams",
        "ValidateAlertsForBookmarkParams",
        "ValidateAlertsForBookmarkResponse",
    ),
    "mpnb.entity.annotation": (
        "Annotation",
        "AnnotationTag",
        "AnnotationUser",
        "CreateAnnotationParams",
        "CreateAnnotationTagParams",
        "UpdateAnnotationParams",
    ),
    "mpnb.entity.anomaly": (
        "BulkAnomalyEntry",
        "BulkUpdateAnomalyParams",
        "DataVolumeAnomaly",
        "UpdateAnomalyParams",
    ),
    "mpnb.entity.bookmark": (
        "Bookmark",
        "BookmarkHistoryPagination",
        "BookmarkHistoryResponse",
        "BookmarkMetadata",
        "BulkUpdateBookmarkEntry",
        "CreateBookmarkParams",
        "UpdateBookmarkParams",
    ),
    "mpnb.entity.cohort": (
        "BulkUpdateCohortEntry",
        "Cohort",
        "CreateCohortParams",
        "UpdateCohortParams",
    ),
    "mpnb.entity.context": (
        "BUSINESS_CONTEXT_MAX_CHARS",
        "BusinessContext",
        "BusinessContextChain",
    ),
    "mpnb.entity.custom_event": (
        "CreateCustomEventParams",
        "CustomEvent",
        "CustomEventAlternative",
    ),
    "mpnb.entity.custom_property": (
        "ComposedPropertyValue",
        "CreateCustomPropertyParams",
        "CustomProperty",
        "CustomPropertyResourceType",
        "UpdateCustomPropertyParams",
    ),
    "mpnb.entity.dashboard": (
        "BlueprintCard",
        "BlueprintConfig",
        "BlueprintFinishParams",
        "BlueprintTemplate",
        "CreateDashboardParams",
        "CreateRcaDashboardParams",
        "Dashboard",
        "DashboardRow",
        "DashboardRowContent",
        "RcaSourceData",
        "UpdateDashboardParams",
        "UpdateReportLinkParams",
        "UpdateTextCardParams",
    ),
    "mpnb.entity.definition": (
        "BulkEventUpdate",
        "BulkPropertyUpdate",
        "BulkUpdateEventsParams",
        "BulkUpdatePropertiesParams",
        "CreateTagParams",
        "EventDefinition",
        "LexiconTag",
        "PropertyDefinition",
        "PropertyResourceType",
        "UpdateEventDefinitionParams",
        "UpdatePropertyDefinitionParams",
        "UpdateTagParams",
    ),
    "mpnb.entity.deletion": (
        "CreateDeletionRequestParams",
        "EventDeletionRequest",
        "PreviewDeletionFiltersParams",
    ),
    "mpnb.entity.drop_filter": (
        "CreateDropFilterParams",
        "DropFilter",
        "DropFilterLimitsResponse",
        "UpdateDropFilterParams",
    ),
    "mpnb.entity.enforcement": (
        "AuditResponse",
        "AuditViolation",
        "InitSchemaEnforcementParams",
        "ReplaceSchemaEnforcementParams",
        "SchemaEnforcementConfig",
        "UpdateSchemaEnforcementParams",
    ),
    "mpnb.entity.experiment": (
        "CreateExperimentParams",
        "DuplicateExperimentParams",
        "Experiment",
        "ExperimentConcludeParams",
        "ExperimentCreator",
        "ExperimentDecideParams",
        "ExperimentStatus",
        "UpdateExperimentParams",
    ),
    "mpnb.entity.flag": (
        "CreateFeatureFlagParams",
        "FeatureFlag",
        "FeatureFlagStatus",
        "FlagContractStatus",
        "FlagHistoryParams",
        "FlagHistoryResponse",
        "FlagLimitsResponse",
        "ServingMethod",
        "SetTestUsersParams",
        "UpdateFeatureFlagParams",
    ),
    "mpnb.entity.lookup_table": (
        "LookupTable",
        "LookupTableUploadUrl",
        "MarkLookupTableReadyParams",
        "UpdateLookupTableParams",
        "UploadLookupTableParams",
    ),
    "mpnb.entity.page": ("CursorPagination", "PaginatedResponse"),
    "mpnb.entity.report_line": (
        "BookmarkInfo",
        "BookmarkType",
    ),
    "mpnb.entity.report_link": (
        "BookmarkUrl",
        "ReportLink",
        "ReportLinkQueryResult",
        "ReportLinkType",
        "ResolvedReport",
    ),
    "mpnb.entity.saved": (
        "CohortCreator",
        "MetricDisplay",
        "MetricGoal",
        "SavedBehavior",
        "SavedMetric",
    ),
    "mpnb.entity.saved_params": (
        "BulkUpdateMetricEntry",
        "CreateBehaviorParams",
        "CreateMetricParams",
        "UpdateBehaviorParams",
        "UpdateMetricParams",
    ),
    "mpnb.entity.schema_entry": (
        "BulkCreateSchemasParams",
        "BulkCreateSchemasResponse",
        "BulkPatchResult",
        "DeleteSchemasResponse",
        "SchemaEntry",
    ),
    "mpnb.entity.webhook": (
        "CreateWebhookParams",
        "ProjectWebhook",
        "UpdateWebhookParams",
        "WebhookAuthType",
        "WebhookMutationResult",
        "WebhookTestParams",
        "WebhookTestResult",
    ),
}
"""Module of models → its public names."""

LAZY: dict[str, str] = {name: module for module, names in MODULES.items() for name in names}
"""Public name → the module that has it."""


def __getattr__(name: str) -> Any:
    module = LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(module), name)


__all__ = [
    "BUSINESS_CONTEXT_MAX_CHARS",
    "AlertBookmark",
    "AlertCount",
    "AlertCreator",
    "AlertFrequencyPreset",
    "AlertHistoryPagination",
    "AlertHistoryResponse",
    "AlertProject",
    "AlertScreenshotResponse",
    "AlertValidation",
    "AlertWorkspace",
    "Annotation",
    "AnnotationTag",
    "AnnotationUser",
    "AuditResponse",
    "AuditViolation",
    "BlueprintCard",
    "BlueprintConfig",
    "BlueprintFinishParams",
    "BlueprintTemplate",
    "Bookmark",
    "BookmarkHistoryPagination",
    "BookmarkHistoryResponse",
    "BookmarkInfo",
    "BookmarkMetadata",
    "BookmarkType",
    "BookmarkUrl",
    "BulkAnomalyEntry",
    "BulkCreateSchemasParams",
    "BulkCreateSchemasResponse",
    "BulkEventUpdate",
    "BulkPatchResult",
    "BulkPropertyUpdate",
    "BulkUpdateAnomalyParams",
    "BulkUpdateBookmarkEntry",
    "BulkUpdateCohortEntry",
    "BulkUpdateEventsParams",
    "BulkUpdateMetricEntry",
    "BulkUpdatePropertiesParams",
    "BusinessContext",
    "BusinessContextChain",
    "Cohort",
    "CohortCreator",
    "ComposedPropertyValue",
    "CreateAlertParams",
    "CreateAnnotationParams",
    "CreateAnnotationTagParams",
    "CreateBehaviorParams",
    "CreateBookmarkParams",
    "CreateCohortParams",
    "CreateCustomEventParams",
    "CreateCustomPropertyParams",
    "CreateDashboardParams",
    "CreateDeletionRequestParams",
    "CreateDropFilterParams",
    "CreateExperimentParams",
    "CreateFeatureFlagParams",
    "CreateMetricParams",
    "CreateRcaDashboardParams",
    "CreateTagParams",
    "CreateWebhookParams",
    "CursorPagination",
    "CustomAlert",
    "CustomEvent",
    "CustomEventAlternative",
    "CustomProperty",
    "CustomPropertyResourceType",
    "Dashboard",
    "DashboardRow",
    "DashboardRowContent",
    "DataVolumeAnomaly",
    "DeleteSchemasResponse",
    "DropFilter",
    "DropFilterLimitsResponse",
    "DuplicateExperimentParams",
    "EventDefinition",
    "EventDeletionRequest",
    "Experiment",
    "ExperimentConcludeParams",
    "ExperimentCreator",
    "ExperimentDecideParams",
    "ExperimentStatus",
    "FeatureFlag",
    "FeatureFlagStatus",
    "FlagContractStatus",
    "FlagHistoryParams",
    "FlagHistoryResponse",
    "FlagLimitsResponse",
    "InitSchemaEnforcementParams",
    "LexiconTag",
    "LookupTable",
    "LookupTableUploadUrl",
    "MarkLookupTableReadyParams",
    "MetricDisplay",
    "MetricGoal",
    "PaginatedResponse",
    "PreviewDeletionFiltersParams",
    "ProjectWebhook",
    "PropertyDefinition",
    "PropertyResourceType",
    "RcaSourceData",
    "ReplaceSchemaEnforcementParams",
    "ReportLink",
    "ReportLinkQueryResult",
    "ReportLinkType",
    "ResolvedReport",
    "SavedBehavior",
    "SavedMetric",
    "SchemaEnforcementConfig",
    "SchemaEntry",
    "ServingMethod",
    "SetTestUsersParams",
    "UpdateAlertParams",
    "UpdateAnnotationParams",
    "UpdateAnomalyParams",
    "UpdateBehaviorParams",
    "UpdateBookmarkParams",
    "UpdateCohortParams",
    "UpdateCustomPropertyParams",
    "UpdateDashboardParams",
    "UpdateDropFilterParams",
    "UpdateEventDefinitionParams",
    "UpdateExperimentParams",
    "UpdateFeatureFlagParams",
    "UpdateLookupTableParams",
    "UpdateMetricParams",
    "UpdatePropertyDefinitionParams",
    "UpdateReportLinkParams",
    "UpdateSchemaEnforcementParams",
    "UpdateTagParams",
    "UpdateTextCardParams",
    "UpdateWebhookParams",
    "UploadLookupTableParams",
    "ValidateAlertsForBookmarkParams",
    "ValidateAlertsForBookmarkResponse",
    "WebhookAuthType",
    "WebhookMutationResult",
    "WebhookTestParams",
    "WebhookTestResult",
]
