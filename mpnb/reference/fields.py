"""What fields mean that have one meaning in whichever class they stand.

Enters a field's name, leaves a sentence. The surprise: what a class says of its own field wins; the
table spares a hundred models from saying the same of an id, a name or a time of change.
"""

from __future__ import annotations

from mpnb.reference.glossary import of_id

MEANINGS: dict[str, str] = {
    # what it is
    "id": "its id",
    "name": "its name",
    "title": "its title",
    "description": "what it is for, in the words of who made it",
    "display_name": "name that people are shown in place of `name`",
    "url": "its address",
    "slug": "its name in the address",
    "icon": "name of the picture beside it",
    "tags": "words that it is found by",
    "type": "what it is, in the API's word",
    "definition": "what it is made of, as Mixpanel stores it",
    "event_name": "name of the event",
    "property_name": "name of the property",
    "bookmark_type": "type of the report, in the API's word",
    "params": "the question, as params JSON",
    "overrides": "what a link changes in the params of its report",
    # whose and where it is
    "data_group_id": "id of the kind of groups that it is about; without it, people",
    "project": "the project that it belongs to",
    "workspace": "the data view that it belongs to",
    "bookmark": "the report that it belongs to",
    "region": "where the data are kept: us, eu or in",
    "resource_type": "whose property it is",
    "entity_type": "what the schema is of: an event, a custom event or a profile",
    # who and when
    "created": "when it was made",
    "created_at": "when it was made",
    "modified": "when it was last changed",
    "last_modified": "when it was last changed",
    "created_by": "who made it",
    "creator": "who made it",
    "owned_by": "who owns it",
    "creator_id": "id of who made it",
    "creator_name": "name of who made it",
    "creator_email": "mail address of who made it",
    "last_modified_by_id": "id of who changed it last",
    "last_modified_by_name": "name of who changed it last",
    "last_modified_by_email": "mail address of who changed it last",
    "last_verified": "when it was last verified",
    "last_verified_by": "who verified it last",
    "first_name": "first name of the person",
    "last_name": "last name of the person",
    "email": "mail address of the person",
    "start_date": "when it starts or started, ISO 8601",
    "end_date": "when it ends or ended, ISO 8601",
    "from_date": "first day, YYYY-MM-DD",
    "to_date": "last day, included, YYYY-MM-DD",
    "computed_at": "when it was computed",
    # how it stands
    "verified": "whether somebody vouches for it",
    "is_visible": "whether it is shown",
    "is_locked": "whether it is closed to changes",
    "is_enabled": "whether it is in use",
    "active": "whether it is in use",
    "paused": "whether it rests",
    "is_default": "whether it is the default one",
    "is_private": "whether it is kept from others",
    "is_restricted": "whether access to it is restricted",
    "is_visibility_restricted": "whether not everybody may see it",
    "is_modification_restricted": "whether not everybody may change it",
    "is_favorited": "whether you made it a favorite",
    "pinned_date": "day on which it was pinned; None when it is not",
    "hidden": "whether Mixpanel's pages leave it out",
    "dropped": "whether it is thrown away when it arrives",
    "merged": "whether it was merged into another one",
    "sensitive": "whether it is marked as personal data",
    "example_value": "a value that shows what it holds",
    "unique_view_count": "people who looked at it",
    "total_view_count": "times that somebody looked at it",
    "generation_type": "how it came about, in the API's word",
    # what you may do
    "can_view": "whether you may see it",
    "can_edit": "whether you may change it",
    "can_share": "whether you may share it",
    "can_update_basic": "whether you may change its basic fields",
    # dashboards
    "filters": "conditions, as Mixpanel stores them",
    "breakdowns": "breakdowns of all its reports, as Mixpanel stores them",
    "time_filter": "range of all its reports, as Mixpanel stores it",
    "layout": "rows and cells of its page, as Mixpanel stores them",
    "markdown": "text of a text card, as Markdown",
    # custom properties, metrics and behaviors
    "display_formula": "the formula, over letters",
    "composed_properties": "letter of the formula → the property that it means",
    "property_type": "type of the values that are computed",
    "behavior": "what users did; stands in place of a formula",
    "display": "how the number is shown",
    "goals": "targets of the number",
    # alerts and webhooks
    "condition": "when the alert fires, as Mixpanel stores it: keys, type, op and value",
    "subscriptions": "who is told: objects with a type, such as email, and a value",
    "notification_windows": "when people may be told, as Mixpanel stores it",
    "auth_type": "how Mixpanel signs in at the address; None: not at all",
    "username": "user name that is sent",
    "password": "password that is sent",
    # flags and experiments
    "key": "the word that programs know it by",
    "context": "the id that people are told apart by, such as distinct_id or device_id",
    "serving_method": "where the flag may be evaluated",
    "ruleset": "who sees what: an object with variants and rollout",
    "hash_salt": "salt of the hash that assigns variants",
    "reset_hash_salt": "take a new salt, which assigns variants anew",
    "is_experiment_active": "whether the experiment of the flag runs",
    "hypothesis": "what the experiment is to show",
    "variants": "the variants, as Mixpanel stores them",
    "metrics": "what success is measured by, as Mixpanel stores it",
    "settings": "settings of the experiment and of its flag, as Mixpanel stores them",
    "exposures_cache": "how many saw each variant, as it was last counted",
    "results_cache": "results, as they were last computed",
    "global_access_type": "what everybody in the project may do, in the API's word",
    # governance
    "anomaly_class": "`Event`, `Property`, `PropertyTypeDrift` or `Metric`; each has own ids",
    "rule_event": "what happens to data that do not fit: `Warn and Accept`, `Warn and Hide` or "
    "`Warn and Drop`",
    "notification_emails": "mail addresses that are told",
    "common_properties": "rules for properties that every event has",
    "user_properties": "rules for properties of profiles",
    "alternatives": "the events that it stands for, each as good as the other",
    # pages of a list
    "pagination": "where the pages beside this one are",
    "page_size": "rows on a page",
    "next_cursor": "what the next page is asked for with; None on the last one",
    "previous_cursor": "what the page before is asked for with; None on the first one",
}
"""Field → what it means."""


def meaning(name: str) -> str:
    """What a field means by its name alone; empty when the name does not tell."""
    return MEANINGS.get(name) or of_id(name)
