"""The live parts of a workspace: what is opened to point and click instead of to type.

Enters: a workspace. Leaves: widgets. The surprise: widgets stand in a layer above, so they are
named as text and loaded when the first one is opened.
"""

from __future__ import annotations

from typing import Any

from mpnb.result.base import resolve

EXPLORE = "mpnb.widget.explorer:explore"


class Pointing:
    """The part of a workspace that opens widgets."""

    def explore(self, event: str | None = None) -> Any:
        """Point and click over events, properties, values, people and cohorts.

        Args:
            event: an event to open at once.

        Over a Mixpanel project nothing is asked before it is clicked; each button says how many
        requests it costs. In a terminal it prints the events, or what the event carries. The same
        data as plain records: `mpnb.widget.exploring.Exploration`.

        Raises:
            EventNotFoundError: a local store has no such event; similar names are given.
        """
        return resolve(EXPLORE)(self, event)
