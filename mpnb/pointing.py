"""The live parts of a workspace: what is opened to point and click instead of to type.

Enters: a workspace. Leaves: widgets. The surprise: widgets stand in a layer above, so they are
named as text and loaded when the first one is opened.
"""

from __future__ import annotations

from typing import Any

from mpnb.result.base import resolve

EXPLORE = "mpnb.widget.explorer:explore"
BUILD = "mpnb.widget.builder:build"


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

    def build(self, what: Any = "insights", *, name: str | None = None) -> Any:
        """Click a question together and see its answer.

        Args:
            what: a kind of question to start, a question or an answer, cell text, or a saved
                report by id, name or link.
            name: the variable that the cell binds its answer to; when a cell of that name runs,
                the builder follows.

        A local store answers after every edit; over a Mixpanel project a button says how many
        requests the question costs. The same without a page: `mpnb.widget.building.Building`.

        Raises:
            ParamValidationError: there is no such kind or report.
        """
        return resolve(BUILD)(self, what, name)
