"""What saving a report would change, and where the report is found afterwards.

Enters: a question or an answer with the name of a report. Leaves: the report that would be
replaced, field by field. The surprise: params are compared leaf by leaf, so that a changed range is
one line and not two pages of JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mpnb import params as params_json
from mpnb.errors import MixpanelHeadlessError
from mpnb.reports import REPORT_TYPES, Reports

if TYPE_CHECKING:  # pydantic models, which only annotations need
    from mpnb.entity.bookmark import Bookmark

KEEPER = "mpnb.entity.keeping:kept_as"
MISSING = object()
LONGEST = 120


@dataclass(frozen=True)
class Difference:
    """One field that saving changes; None is a field that is not there."""

    field: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        before = "nothing" if self.before is None else self.before
        after = "nothing" if self.after is None else self.after
        return f"{self.field}: {before} → {after}"


def existing(
    ws: Reports, asked: Any, name: str, dashboard_id: int | None = None
) -> Bookmark | None:
    """The report that `Workspace.save` would replace, or None when it would add one."""
    kind, _ = ws._kept(asked)
    if ws._reports is not None:
        reports = ws.list_bookmarks_v2()
        same = [r for r in reports if (r.name, r.bookmark_type) == (name, REPORT_TYPES[kind])]
        return same[-1] if same else None
    if kind == "users":
        return None
    module, _, function = KEEPER.partition(":")
    found: Bookmark | None = getattr(import_module(module), function)(
        ws, name, REPORT_TYPES[kind], dashboard_id
    )
    return found


def differences(
    ws: Reports, report: Bookmark, asked: Any, description: str | None = None
) -> list[Difference]:
    """What a report would have that it has not, and the other way round."""
    kind, params = ws._kept(asked)
    before, after = report.params or {}, params
    rows = []
    if description is not None and description != (report.description or ""):
        rows.append(Difference("description", report.description or None, description))
    if _text(before, kind) != _text(after, kind):
        rows.append(Difference("question", _text(before, kind), _text(after, kind)))
    return [*rows, *between(before, after)]


def _text(params: Mapping[str, Any], kind: Any) -> str | None:
    """The question as cell text on one line; None where the language cannot say it."""
    try:
        return " · ".join(params_json.read(params, kind).to_text().strip().splitlines())
    except MixpanelHeadlessError:
        return None


def between(before: Any, after: Any) -> list[Difference]:
    """The leaves in which two JSON values differ, each with its path."""
    old, new = dict(_leaves("", before)), dict(_leaves("", after))
    paths = list(dict.fromkeys([*old, *new]))
    return [
        Difference(path, _short(old, path), _short(new, path))
        for path in paths
        if _differ(old.get(path, MISSING), new.get(path, MISSING))
    ]


def _differ(one: Any, other: Any) -> bool:
    """Unlike in Python, ``true`` is not 1 here."""
    return type(one) is not type(other) or one != other


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key in value:
            yield from _leaves(f"{path}.{key}" if path else str(key), value[key])
    elif isinstance(value, (list, tuple)) and value:
        for at, item in enumerate(value):
            yield from _leaves(f"{path}[{at}]", item)
    else:
        yield path, value


def _short(leaves: Mapping[str, Any], path: str) -> str | None:
    if path not in leaves:
        return None
    text = json.dumps(leaves[path], ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def address(ws: Reports, report: Bookmark) -> str:
    """Where a report is found: its address in Mixpanel, or the magic that opens a local one."""
    if ws._reports is not None:
        return f"%mp open {report.id}"
    links: Any = ws  # a whole workspace, which has links beside reports
    return str(links.saved_report_link(report.id, report_type=report.bookmark_type))
