"""What parameters mean that have one meaning wherever they stand.

Enters a parameter's name, leaves a sentence. The surprise: a docstring that says more of its own
parameter wins; the glossary spares 160 methods of entities from saying the same of an id.
"""

from __future__ import annotations

_DATE = "as YYYY-MM-DD, in the project's time zone"
_SELECTOR = 'an expression such as properties["plan"] == "pro"'

MEANINGS: dict[str, str] = {
    "params": "what is sent; its fields are on the page of its type",
    "entries": "what is to change, one entry for each thing",
    "confirm": "do it without asking; in a notebook the call asks first otherwise",
    "force": "do it although other things use them",
    "validate": "have the server check the change before it is made",
    "from_date": f"first day, {_DATE}",
    "to_date": f"last day, included, {_DATE}",
    "unit": "length of a period",
    "interval": "units in a bucket",
    "interval_count": "number of buckets",
    "limit": "the most to return; without it, all that the server gives",
    "event": "name of the event",
    "events": "names of the events; without them, all of them",
    "event_name": "name of the event",
    "names": "names of the events",
    "name": "its name",
    "property": "name of the property",
    "properties": "names of the properties",
    "property_name": "name of the property",
    "values": "values of the property to count; without them, the most frequent ones",
    "type": "count events, their people, or their mean per person",
    "where": f"filter, {_SELECTOR}",
    "born_where": f"filter on the first event, {_SELECTOR}",
    "return_where": f"filter on the event that counts as coming back, {_SELECTOR}",
    "on": 'what is measured or segmented by, such as properties["amount"]',
    "born_event": "event that makes somebody part of a cohort",
    "return_event": "event that counts as coming back",
    "addiction_unit": "what is counted within a period: its hours or days with the event",
    "buckets": "lower ends of the buckets of events per person",
    "percentiles": "which percentiles, 0 to 100",
    "sample_size": "values that are looked at",
    "distinct_ids": "ids of the people",
    "include_events": "only these events",
    "exclude_events": "all events but these",
    "sentinel_event": "handed on to the server: the event that the page begins after",
    "paging_window": "handed on to the server, which decides how far a page reaches",
    "search": "text that the events must hold",
    "search_properties": "properties that are searched",
    "use_custom_events": "name custom events too, where rows belong to one",
    "question": "a question of any kind",
    "kind": "kind of the question: insights, funnel, retention, flow or users",
    "made": "its params JSON",
    "options": "how it is run: limits, kept answers, how long",
    "report": "a saved report, or its id",
    "link": "address of a report, long or short",
    "report_type": "type of the report",
    "workspace_id": "data view; without it, the one in force",
    "bookmark_type": "only reports of this type",
    "data_group_id": "id of a kind of groups; without it, people",
    "data_group_ids": "ids of the lookup tables",
    "entity_type": "what the schema is of: events, profiles and so on",
    "entity_name": "name of the event or profile kind that the schema is of",
    "schema_json": "the schema, as JSON Schema",
    "fields": "names of the parts to return, with commas; without them, all",
    "level": "whose context: the project's or the organization's",
    "organization_id": "id of the organization; without it, the project's own",
    "content": "the text, as Markdown",
    "template_type": "type of the template",
    "include_reports": "with the reports that a template makes",
    "include_archived": "with those that are archived",
    "cohorts": "which cohort stands where in the template",
    "content_type": "media type of the file",
    "upload_id": "id of the upload, as the server gave it",
    "gcs_key": "key of the picture, as the alert's history has it",
    "alert_type": "only alerts of this type",
    "tag_name": "name of the tag",
    "env": "where the replays are kept",
    "event_properties": "properties to return with each event",
    "n": "how many, at most",
    "seed": "any number; the same one makes the same choice again",
    "threshold_s": "seconds, at least",
    "refresh": "ask again, also where the answer is kept",
}
"""Parameter → what it means."""


def meaning(name: str) -> str:
    """What a parameter means by its name alone; empty when the name does not tell."""
    bare = name.lstrip("*")
    return MEANINGS.get(bare) or of_id(bare)


def of_id(name: str) -> str:
    """What a name means that ends in ``_id`` or ``_ids``; empty for others."""
    thing, _, end = name.rpartition("_")
    if thing and end in ("id", "ids"):
        many = "s" if end == "ids" else ""
        return f"id{many} of the {thing.replace('_', ' ')}{many}"
    return "their ids" if name == "ids" else ""
