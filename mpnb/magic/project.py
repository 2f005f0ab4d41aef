"""The names of a Mixpanel project in the magics: asked for on request, completed from what is kept.

Enters: a workspace. Leaves: listings of events, properties and values, and names for completion.
The surprise: a listing costs one request of the hour's sixty, and only a listing does; completion
knows what was listed before, on this machine, of this project and by this account.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mpnb.magic.errors import CellError
from mpnb.magic.listing import Listing
from mpnb.text.completion import Schema as Names
from mpnb.workspace import Workspace

MOST_VALUES = 200
EVERY_EVENT = {"limit": None, "from_date": None, "to_date": None}


def events(workspace: Workspace, word: str) -> Listing:
    """The events of a project that have a word in their name; one request."""
    rows = [(name,) for name in workspace.events() if word.casefold() in name.casefold()]
    return Listing("Events", ("event",), rows, f"No event has {word!r} in it.")


def properties(workspace: Workspace, event: str | None) -> Listing:
    """The properties of an event; one request.

    Raises:
        CellError: no event was named; Mixpanel lists properties event by event.
        EventNotFoundError: there is no such event.
    """
    if event is None:
        raise CellError("Mixpanel lists properties of one event at a time: %mp props EVENT")
    rows = [(name,) for name in workspace.properties(event)]
    return Listing(f"Properties of {event}", ("property",), rows)


def values(workspace: Workspace, name: str, event: str | None) -> Listing:
    """The most frequent values of a property; one request."""
    found = workspace.property_values(name, event=event, limit=MOST_VALUES)
    return Listing(f"Values of {name}", ("value",), [(value,) for value in found])


class KnownNames:
    """What was listed of a project before; nothing is asked."""

    def __init__(self, workspace: Workspace) -> None:
        self._engine: Any = workspace.engine

    def events(self) -> Sequence[str]:
        """The events."""
        return sorted(self._known("events", EVERY_EVENT))

    def properties(self, event: str | None) -> Sequence[str]:
        """The properties of an event, or of all whose properties were listed."""
        if event is not None:
            return sorted(self._known("properties", {"event": event}))
        found = {
            name for one in self.events() for name in self._known("properties", {"event": one})
        }
        return sorted(found)

    def profile_properties(self) -> Sequence[str]:
        """No profile properties: no listing has them."""
        return ()

    def values(self, prop: str) -> Sequence[str]:
        """The values of a property, where they were listed for all events."""
        asked = {"property_name": prop, "event": None, "limit": MOST_VALUES}
        return self._known("property_values", asked)

    def _known(self, method: str, arguments: dict[str, Any]) -> list[str]:
        found = self._engine.known(method, arguments)
        return [str(name) for name in found or ()]  # properties come as an object by name


def names(workspace: Workspace) -> Names | None:
    """What completion knows of a project; None where another engine than Mixpanel's answers."""
    return KnownNames(workspace) if hasattr(workspace.engine, "known") else None
