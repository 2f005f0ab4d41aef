"""One story for two clients: run with the name of a package that has Mixpanel's `Workspace`.

Enters: the package's name; account and address in the environment. Leaves: one JSON object, the
answer of each step. The surprise: the other package runs in its own environment, so nothing of
mpnb's tests may be imported here.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from typing import Any

warnings.simplefilter("ignore")
mp: Any = importlib.import_module(sys.argv[1])
ws = mp.Workspace()
MAY = {"from_date": "2025-05-01", "to_date": "2025-05-31"}
EVENT = "Purchase"


def records(frame: Any) -> Any:
    """A frame as text that can be compared."""
    return json.loads(frame.to_json(orient="records", date_format="iso"))


def saved() -> Any:
    """A report on a dashboard, asked again by its id."""
    board = ws.create_dashboard(mp.CreateDashboardParams(title="Both"))
    asked = ws.query(EVENT, **MAY)
    params = mp.CreateBookmarkParams(
        name="Sales", bookmark_type="insights", params=asked.params, dashboard_id=board.id
    )
    made = ws.create_bookmark(params)
    ws.add_report_to_dashboard(board.id, made.id)
    answer = ws.query_saved_report(made.id)
    ws.update_bookmark(made.id, mp.UpdateBookmarkParams(name="Renamed"))
    name = ws.get_bookmark(made.id).name
    link = ws.create_report_link(asked.params)
    shared = records(ws.query_report_link(link.url).df)
    ws.delete_bookmark(made.id, **CONFIRM)
    ws.delete_dashboard(board.id, **CONFIRM)
    return [answer.series, name, shared, len(ws.list_bookmarks())]


CONFIRM = {"confirm": True} if sys.argv[1] == "mpnb" else {}
"""mpnb asks before it deletes; a program says so."""


def streamed() -> Any:
    """Events of three days and all profiles."""
    events = list(ws.stream_events(from_date="2025-05-01", to_date="2025-05-03"))
    people = list(ws.stream_profiles())
    return [
        len(events),
        sorted({row["event_name"] for row in events}),
        len({row["distinct_id"] for row in people}),
    ]


def governed() -> Any:
    """Lexicon, context, annotations, cohorts, flags."""
    ws.set_business_context("# Shop")
    chain = ws.get_business_context_chain()
    note = ws.create_annotation(
        mp.CreateAnnotationParams(date="2025-05-02 00:00:00", description="Sale")
    )
    noted = [row.description for row in ws.list_annotations()]
    ws.delete_annotation(note.id, **CONFIRM)
    definition = ws.update_event_definition(
        EVENT, mp.UpdateEventDefinitionParams(description="Money")
    )
    return [
        chain.project.content,
        noted,
        definition.description,
        len(ws.lexicon_schemas()),
        [row.event_name for row in ws.list_data_volume_anomalies()],
        sorted(row.name for row in ws.run_audit_events_only().violations),
    ]


STEPS: dict[str, Any] = {
    "events": lambda: ws.events(),
    "properties": lambda: ws.properties(EVENT),
    "values": lambda: ws.property_values("platform", event=EVENT),
    "top": lambda: sorted((row.event, row.count) for row in ws.top_events()),
    "insights": lambda: records(ws.query(EVENT, math="unique", group_by="platform", **MAY).df),
    "formula": lambda: records(ws.query([EVENT, "Sign Up"], formula="A / B", **MAY).df),
    "filter": lambda: records(
        ws.query(EVENT, where=mp.Filter.greater_than("amount", 50), **MAY).df
    ),
    "funnel": lambda: records(ws.query_funnel(["Sign Up", "View Item", EVENT], **MAY).df),
    "retention": lambda: records(ws.query_retention("Sign Up", EVENT, **MAY).df),
    "flow": lambda: sorted(
        [row["step"], row["event"], row["count"]]
        for row in records(ws.query_flow("Sign Up", forward=2, **MAY).nodes_df)
    ),
    "people": lambda: ws.query_user(where=mp.Filter.equals("plan", "pro")).value,
    "profiles": lambda: sorted(
        records(
            ws.query_user(mode="profiles", where=mp.Filter.equals("plan", "pro"), limit=1500).df[
                ["distinct_id"]
            ]
        ),
        key=str,
    ),
    "segmentation": lambda: ws.segmentation(EVENT, on="platform", **MAY).series,
    "numeric": lambda: ws.segmentation_numeric(EVENT, on="amount", **MAY).series,
    "sum": lambda: ws.segmentation_sum(EVENT, on="amount", **MAY).results,
    "average": lambda: ws.segmentation_average(EVENT, on="amount", **MAY).results,
    "counts": lambda: ws.event_counts([EVENT], **MAY).series,
    "property counts": lambda: ws.property_counts(EVENT, "platform", **MAY).series,
    "older retention": lambda: [
        [row.date, row.size, row.retention]
        for row in ws.retention(born_event="Sign Up", return_event=EVENT, **MAY).cohorts
    ],
    "frequency": lambda: ws.frequency(**MAY).data,
    "streams": streamed,
    "saved": saved,
    "governance": governed,
}

print(json.dumps({name: step() for name, step in STEPS.items()}, default=str))
