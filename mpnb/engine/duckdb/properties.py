"""Properties as questions name them: by name, by the id of a saved formula, or as a formula.

A property specification enters, a `Source` leaves. The surprise: a formula's values are a source
like any other, so filters, breakdowns and sums never ask where values come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mpnb.engine.duckdb import formula, sources
from mpnb.engine.duckdb.sources import Mask, Source
from mpnb.errors import QueryError
from mpnb.query.custom import (
    CustomPropertyRef,
    InlineCustomProperty,
    PropertyInput,
    PropertySpec,
)

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store


def resolve(
    store: Store, spec: PropertySpec, resource: str = "events", within: Mask | None = None
) -> Source:
    """The values of a property.

    Args:
        store: where the events and profiles are.
        spec: a name, the id of a saved custom property, or a formula with its inputs.
        resource: "events" or "people"; says whose property a name means.
        within: the rows that count; a formula may leave others undefined.

    Raises:
        QueryError: no custom property is saved under that id.
        FormulaError: the formula cannot be read or run.
    """
    if isinstance(spec, CustomPropertyRef):
        spec = saved(store, spec.id)
    if isinstance(spec, InlineCustomProperty):
        return formula.source(store, spec.formula, _inputs(store, spec), within)
    if resource == "people":
        return sources.profile_property(store, spec)
    return sources.event_property(store, spec)


def declared_type(store: Store, spec: PropertySpec) -> str | None:
    """The type that a custom property declares for its result; None for a plain property."""
    if isinstance(spec, CustomPropertyRef):
        spec = saved(store, spec.id)
    return spec.property_type if isinstance(spec, InlineCustomProperty) else None


def _inputs(store: Store, spec: InlineCustomProperty) -> dict[str, tuple[Source, str]]:
    found: dict[str, tuple[Source, str]] = {}
    for letter, given in spec.inputs.items():
        read = sources.profile_property if given.resource_type == "user" else sources.event_property
        found[letter] = read(store, given.name), given.type
    return found


def saved(store: Store, property_id: int) -> InlineCustomProperty:
    """The custom property that the settings keep under an id."""
    for row in store.settings.custom_properties:
        if str(row["id"]) == str(property_id):
            return _of_row(row)
    known = ", ".join(str(row["id"]) for row in store.settings.custom_properties) or "none"
    raise QueryError(
        f"There is no saved custom property {property_id}; set it in `custom_properties` of the "
        f"settings (known: {known})."
    )


def _of_row(row: Mapping[str, Any]) -> InlineCustomProperty:
    inputs = {letter: _input(given) for letter, given in row["inputs"].items()}
    resource = row.get("resource_type", "events")
    return InlineCustomProperty(row["formula"], inputs, row.get("type"), resource)


def _input(given: Any) -> PropertyInput:
    if isinstance(given, PropertyInput):
        return given
    if isinstance(given, str):
        return PropertyInput(given)
    return PropertyInput(
        given["name"], given.get("type", "string"), given.get("resource_type", "event")
    )
