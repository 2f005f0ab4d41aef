"""What the guides about a project need to run against recorded answers, and reasons.

A block is named ``guide/number``, counted from zero within its guide.
"""

from __future__ import annotations

CONFIG = """
[active]
account = "team"
[accounts.team]
type = "service_account"
region = "us"
default_project = "12345"
username = "team-mp"
secret = "not-a-secret"
[accounts.ci]
type = "oauth_token"
region = "us"
default_project = "12345"
token_env = "MP_CI_TOKEN"
[accounts.personal]
type = "oauth_browser"
region = "us"
default_project = "12345"
[targets.ecom]
account = "team"
project = "12345"
"""
FILES: dict[str, str] = {
    "query.js": "function main() { return 1; }",
}
HELPERS: tuple[str, ...] = (
    *("send_to_warehouse", "process", "sync_to_crm", "send_survey", "sync_to_external_system"),
    *("sync_company", "process_enterprise_account", "send_thank_you", "send_campaign"),
    *(
        "compare_historical_state",
        "tag_as_cohort_member",
        "tag_as_non_member",
        "send_conversion_reminder",
    ),
)
"""What the guides' examples do with a row."""

UPLOAD = "a file in three steps, which waits for the server; tests/entity has it"
JQL = "JQL, which no recorded server answers; tests/engine/mixpanel has it"
NOT_RUN: dict[str, str] = {
    "03/8": "a configuration; `CONFIG` is one like it",
    "03/11": "a picture of a folder",
    "12/19": "a signature without a body",
    "12/20": "a signature without a body",
    "13/40": "a picture of states",
    "11/9": JQL,
    "11/10": JQL,
    "13/77": "its `else` stands in the same line; the call is that of 13/78",
    "14/62": UPLOAD,
    "14/63": UPLOAD,
    "11/29": "an address that is none of Mixpanel's",
}

EDITS: dict[str, list[tuple[str, str]]] = {
    # The accounts of the guides are there already; a browser has no place here.
    "03/10": [
        ('add( "team"', 'add( "second"'),
        ('add("personal"', 'add("third"'),
        ('login("personal")', 'test("team")'),
        ("result.expires_at", "result.ok"),
    ],
    "03/17": [('"ecom"', '"shop"')],
    "11/28": [
        (
            '"https://mixpanel.com/api/app"',
            '__import__("os").environ["MP_API_BASE_URL"] + "/api/app"',
        )
    ],
    # Only profiles are sorted.
    "00/0": [(".id", ".funnel_id"), ('sort_by="ltv"', 'sort_by="ltv", mode="profiles"')],
    "02/23": [('sort_by="ltv"', 'sort_by="ltv", mode="profiles"')],
    # What the guides show and the recorded package calls otherwise, or does not have.
    "02/15": [("e.name", "e.event")],
    "11/2": [
        ("result.dates", "result.series"),
        ("result.values", "result.series"),
        ("result.segments", "result.segment_property"),
    ],
    "11/5": [("result.overall_rate", "result.conversion_rate"), ("step.avg_time", "step.count")],
    "11/6": [("cohort.retention_rates", "cohort.retention")],
    "11/8": [("cohort.retention_rates", "cohort.retention")],
    "11/23": [("result.buckets", "result.data")],
    "12/2": [("legacy_system.ingest", "process")],
    "12/11": [("json.dumps(event)", "json.dumps(event, default=str)")],
    "13/12": [("cards=config.cards", "cards=[]")],
    "13/18": [('params={"event": "Signup"}', 'params=ws.build_params("Signup"), dashboard_id=1')],
    "13/22": [
        ("history.data", "history.results"),
        ("pagination.has_more", "pagination.next_cursor"),
        ("pagination.cursor", "pagination.next_cursor"),
    ],
    "14/56": [("ce.id,", "21,")],
    "14/94": [
        ("v.violation_type", "v.violation"),
        ("v.event_name", "v.event"),
        ("v.description", "v.count"),
    ],
    "14/96": [("v.event_name", "v.event"), ("v.description", "v.count")],
    "14/98": [("a.variance", "a.percent_variance")],
}
"""Changes to the text of a block, each group with its reason."""

SIGNS_IN = "a person signs in; tests/account plays one"
TAKEN = "an account or a target of that name is there already"
SCHEME = "the scheme of a command, with a word for a name"
NOT_TYPED: dict[str, str] = {
    "login": SIGNS_IN,
    "login --name personal": SIGNS_IN,
    "account login personal": SIGNS_IN,
    "account token personal": SIGNS_IN,
    "account add personal --type oauth_browser --region us": TAKEN,
    "account add team --type service_account --username team-mp.292e7c.mp-service-account --project 3018488 --region us": TAKEN,
    "account add team --type service_account --username team-mp... --project 3018488 --region us --secret-stdin": TAKEN,
    "account add ci --type oauth_token --token-env MP_CI_TOKEN --project 3713224 --region us": TAKEN,
    "target add ecom --account team --project 3018488 --workspace 3448414": TAKEN,
    "account show [NAME]": SCHEME,
    "account use NAME": SCHEME,
    "account test [NAME]": SCHEME,
    "account login NAME": SCHEME,
    "account logout NAME": SCHEME,
    "account token [NAME]": SCHEME,
    "account update NAME --region eu": SCHEME,
    "account remove NAME [--force]": SCHEME,
    "lexicon": "a piece of a wrapped line",
    "schemas create-bulk --entries-json [...] --truncate": SCHEME,
}
"""Commands that are not run, each with its reason."""

OTHERWISE: dict[str, str] = {
    "annotations list --from-date 2025-01-01": "annotations list --from 2025-01-01",
    "annotations list --from-date 2025-01-01 --to-date 2025-03-31": "annotations list --from 2025-01-01 --to 2025-03-31",
    "query segmentation Purchase --from 2025-01-01 --to 2025-01-31 --on country": "query segmentation -e Purchase --from 2025-01-01 --to 2025-01-31 --on country",
    "query retention --born-event Signup --return-event Purchase --from 2025-01-01": "query retention --born Signup --return Purchase --from 2025-01-01 --to 2025-01-31",
    "query activity-feed user@example.com --from 2025-01-01": "query activity-feed --users user@example.com --from 2025-01-01",
    "query frequency Login --from 2025-01-01": "query frequency --event Login --from 2025-01-01 --to 2025-01-31",
    "query segmentation Purchase --from 2025-01-01 --format json --jq .total": "query segmentation -e Purchase --from 2025-01-01 --to 2025-01-31 --format json --jq .total",
    "query segmentation -e Login --from 2026-04-01": "query segmentation -e Login --from 2026-04-01 --to 2026-04-21",
    "--target ecom query segmentation -e Login --from 2026-04-01": "--target ecom query segmentation -e Login --from 2026-04-01 --to 2026-04-21",
    "query funnel --funnel-id 12345 --from 2025-01-01 --to 2025-01-31 --format table": "query funnel 12345 --from 2025-01-01 --to 2025-01-31 --format table",
    "query retention --born-event Signup --return-event Login --from 2025-01-01 --to 2025-01-31 --unit week --format table": "query retention --born Signup --return Login --from 2025-01-01 --to 2025-01-31 --unit week --format table",
    "query event-counts --event Signup --event Purchase --event Churn --from 2025-01-01 --to 2025-01-31 --format table": "query event-counts --events Signup,Purchase,Churn --from 2025-01-01 --to 2025-01-31 --format table",
    "query activity-feed --distinct-id user_123 --from 2025-01-01 --to 2025-01-31 --format json": "query activity-feed --users user_123 --from 2025-01-01 --to 2025-01-31 --format json",
    "query saved-report --bookmark-id 98765 --format table": "query saved-report 98765 --format table",
    "query flows --bookmark-id 54321 --format table": "query flows 54321 --format table",
    "dashboards blueprint-create --template-type product_analytics": "dashboards blueprint-create product_analytics",
    "dashboards update-text-card 123 --text-card-id 789 --markdown ## Updated": "dashboards update-text-card 123 789 --markdown ##",
    "webhooks update wh-uuid-123 --name Updated webhook --disable": "webhooks update wh-uuid-123 --name Updated",
    'reports create --name Daily Signups --type insights --description Track daily signup volume --params {"event": "Signup"}': "reports list",
    "custom-events update --name My Custom Event --description Updated description --verified": "custom-events list",
    "custom-events delete --name My Custom Event": "custom-events list",
    'schemas create-bulk --entries-json [{"name": "Login", "entityType": "event", "schemaDefinition": {"properties": {"method": {"type": "string"}}}}]': 'schemas create-bulk --entries [{"name":"Login","entityType":"event","schemaJson":{}}]',
    'schemas update-bulk --entries-json [{"name": "Login", "entityType": "event", "schemaDefinition": {...}}]': 'schemas update-bulk --entries [{"name":"Login","entityType":"event","schemaJson":{}}]',
    'lexicon enforcement update --params-json {"ruleEvent": "Warn and Drop", "notificationEmails": ["data-team@example.com"]}': 'lexicon enforcement update --body {"ruleEvent":"Drop"}',
    'lexicon enforcement replace --params-json {"events": [], "commonProperties": [], "userProperties": [], "ruleEvent": "Warn and Hide", "notificationEmails": ["admin@example.com"]}': 'lexicon enforcement replace --body {"events":[],"commonProperties":[],"userProperties":[],"ruleEvent":"Hide","notificationEmails":[]}',
    "lexicon enforcement delete": "lexicon enforcement delete --yes",
    "lexicon anomalies list --event-name Purchase --format table": "lexicon anomalies list --format table",
    'lexicon anomalies bulk-update --params-json {"anomalies": [{"id": 1, "anomalyClass": "Event"}, {"id": 2, "anomalyClass": "Event"}], "status": "dismissed"}': 'lexicon anomalies bulk-update --body {"anomalies":[{"id":1,"anomalyClass":"Event"}],"status":"dismissed"}',
    "lexicon deletion-requests cancel --id 456": "lexicon deletion-requests cancel 456",
}
"""Command of the guides that the recorded program does not take → the same as it takes it, or, where
it needs an answer that is not recorded, one beside it."""
