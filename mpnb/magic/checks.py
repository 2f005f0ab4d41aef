"""Names that the data does not have: found before the question is asked.

Enters: a question and the schema of the data. Leaves: nothing, or a `CellError` with the nearest
names. The surprise: Mixpanel answers a misspelled event with zeros, which reads like a finding;
here it is an error in the cell. The Python methods stay quiet and answer with zeros and a note.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from mpnb.magic.errors import CellError
from mpnb.query.names import Name, Role, names
from mpnb.query.question import Question
from mpnb.schema import Schema
from mpnb.text.explain import Remark, find_name, shown

KNOWN: dict[Role, frozenset[str]] = {
    "event": frozenset({"$all_events", "$session_start", "$session_end"}),
    "property": frozenset(
        {
            "$time",
            "time",
            "$distinct_id",
            "distinct_id",
            "$event_name",
            "$insert_id",
            "$duration_s",
            "$event_count",
            "$origin_start",
            "$origin_end",
            "$cohorts",
        }
    ),
    "profile property": frozenset({"$distinct_id", "$mp_first_event_time"}),
}
"""Names that every data set has without storing them."""


def check_names(question: Question, schema: Schema | None, source: str = "") -> None:
    """Refuse a question about names that the data does not have.

    Args:
        question: what is to be asked.
        schema: what there is; None when nobody knows, which checks nothing.
        source: the cell, to show the place in.

    Raises:
        CellError: at least one name is unknown; all of them are listed.
    """
    if schema is None:
        return
    lists: dict[Role, Sequence[str]] = {
        "event": schema.events(),
        "property": schema.properties(None),
        "profile property": schema.profile_properties(),
    }
    unknown = [
        name
        for name in names(question)
        if name.text not in lists[name.role]
        and name.text not in KNOWN[name.role]
        and not name.text.startswith("$custom_event:")
    ]
    if unknown:
        remarks = [_remark(name, lists, source) for name in unknown]
        raise CellError("\n\n".join(shown(source, remark) for remark in remarks))


def _remark(name: Name, lists: dict[Role, Sequence[str]], source: str) -> Remark:
    """What is unknown, where it stands, and what may have been meant."""
    text = f"There is no {name.role} {name.text!r} in this data."
    return Remark(text, find_name(source, name.text), _hint(name, lists))


def _hint(name: Name, lists: dict[Role, Sequence[str]]) -> str:
    same = lists[name.role]
    other: dict[Role, Role] = {"property": "profile property", "profile property": "property"}
    swapped = other.get(name.role)
    if swapped and name.text in lists[swapped]:
        wanted = f"user.{name.text}" if swapped == "profile property" else name.text
        return f"It is a {swapped}: write {wanted}."
    return near(name.text, same) if same else f"The data has no {name.role} at all."


def near(text: str, known: Sequence[str]) -> str:
    """A sentence with up to three names that look alike, whatever their case, or with the first."""
    folded = {name.casefold(): name for name in reversed(known)}
    found = [folded[key] for key in difflib.get_close_matches(text.casefold(), folded, 3, 0.6)]
    if found:
        return f"Nearest: {', '.join(repr(name) for name in found)}."
    first = ", ".join(repr(name) for name in known[:5])
    return f"There are: {first}{', …' if len(known) > 5 else ''}." if known else "There is none."
