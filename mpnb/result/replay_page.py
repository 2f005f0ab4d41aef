"""Recorded events of a page → what the person did, in words.

Enters: events as the recorder rrweb writes them (numbers of types and sources: rrweb,
``packages/types/src/index.ts``). Leaves: `UserAction` in order of time. The surprise: a click names
its node by a number, so the page is followed through its snapshots and changes to say what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mpnb.result.replay_action import ActionName, UserAction

FULL, INCREMENTAL, META, CUSTOM, PLUGIN = 2, 3, 4, 5, 6
MUTATION, MOUSE, SCROLL, VIEWPORT, INPUT, MEDIA, LOG, SELECTION = 0, 2, 3, 4, 5, 7, 11, 14
CLICK, DOUBLE_CLICK, TOUCH_START = 2, 4, 7
ELEMENT, TEXT = 2, 3
MOST_WORDS = 60
NAMING = ("data-testid", "aria-label", "id", "name", "placeholder", "alt", "title")
MEDIA_WORDS = {0: "play", 1: "pause", 2: "seek", 3: "volume", 4: "rate"}

Event = Mapping[str, Any]


class Page:
    """The nodes of the page as they are known at a moment."""

    def __init__(self) -> None:
        self.url: str | None = None
        self._tags: dict[int, str] = {}
        self._attributes: dict[int, dict[str, Any]] = {}
        self._texts: dict[int, str] = {}
        self._children: dict[int, list[int]] = {}

    def show(self, data: Event) -> None:
        """Take a whole snapshot; what was there before is gone."""
        for known in (self._tags, self._attributes, self._texts, self._children):
            known.clear()
        node = data.get("node")
        if isinstance(node, Mapping):
            self._add(node)

    def change(self, data: Event) -> None:
        """Take changes of nodes, attributes and texts."""
        for row in _rows(data, "adds"):
            node = row.get("node")
            if isinstance(node, Mapping):
                self._add(node)
                self._children.setdefault(_id(row.get("parentId")), []).append(_id(node.get("id")))
        for row in _rows(data, "removes"):
            below = self._children.get(_id(row.get("parentId")), [])
            if _id(row.get("id")) in below:
                below.remove(_id(row.get("id")))
        for row in _rows(data, "attributes"):
            self._attributes.setdefault(_id(row.get("id")), {}).update(row.get("attributes") or {})
        for row in _rows(data, "texts"):
            self._texts[_id(row.get("id"))] = str(row.get("value") or "")

    def attributes(self, node: int) -> dict[str, Any]:
        """The attributes of a node."""
        return dict(self._attributes.get(node, {}))

    def words(self, node: int) -> str:
        """A node in words: its tag, and what names it or stands in it."""
        tag = self._tags.get(node)
        if tag is None:
            return f"node {node}"
        seen = " ".join(self._text(node).split())[:MOST_WORDS].strip()
        if seen:
            return f'{tag} "{seen}"'
        mine = self._attributes.get(node, {})
        named = next((key for key in NAMING if mine.get(key)), None)
        return f"{tag}[{named}={mine[named]}]" if named else tag

    def _text(self, node: int) -> str:
        found, waiting = "", [node]
        while waiting and len(found) <= MOST_WORDS:
            here = waiting.pop()
            found += self._texts.get(here, "") + " "
            waiting.extend(reversed(self._children.get(here, [])))
        return found

    def _add(self, node: Event) -> None:
        waiting = [node]
        while waiting:
            here = waiting.pop()
            number = _id(here.get("id"))
            if here.get("type") == ELEMENT:
                self._tags[number] = str(here.get("tagName") or "element").lower()
                self._attributes[number] = dict(here.get("attributes") or {})
            elif here.get("type") == TEXT:
                self._texts[number] = str(here.get("textContent") or "")
            below = _rows(here, "childNodes")
            self._children[number] = [_id(child.get("id")) for child in below]
            waiting.extend(below)


def actions(events: Iterable[Event]) -> list[UserAction]:
    """What the person did, in the order of the events; events without a time are left out."""
    page, found = Page(), []
    for event in events:
        when, data = event.get("timestamp"), event.get("data")
        if isinstance(when, int | float) and when > 0 and isinstance(data, Mapping):
            made = _action(page, event.get("type"), int(when), data)
            found += [made] if made is not None else []
    return found


def pages(acts: Iterable[UserAction], kind: ActionName) -> list[str]:
    """Where the person was, each stay once."""
    path: list[str] = []
    for act in acts:
        where = act.url if kind == "navigate" else act.target_desc
        if act.action == kind and where and (not path or path[-1] != where):
            path.append(where)
    return path


def _action(page: Page, kind: Any, when: int, data: Event) -> UserAction | None:
    if kind == FULL:
        page.show(data)
    elif kind == META:
        return _navigated(page, when, data)
    elif kind == PLUGIN and "console" in str(data.get("plugin")):
        return _console(page, when, data.get("payload"))
    elif kind == CUSTOM:
        return _custom(page, when, data)
    elif kind == INCREMENTAL and data.get("source") == MUTATION:
        page.change(data)
    elif kind == INCREMENTAL and data.get("source") == LOG:
        return _console(page, when, data)
    elif kind == INCREMENTAL:
        return _done(page, when, data)
    return None


def _navigated(page: Page, when: int, data: Event) -> UserAction | None:
    url = str(data.get("href") or "")
    if not url or url == page.url:
        return None  # the recorder repeats where it is with every snapshot
    page.url = url
    return UserAction(when, "navigate", None, url, url, {}, f"went to {url}")


def _console(page: Page, when: int, payload: Any) -> UserAction | None:
    if not isinstance(payload, Mapping) or payload.get("level") != "error":
        return None
    said = payload.get("payload")
    text = " ".join(map(str, said)) if isinstance(said, list) else str(said or "error")
    return UserAction(
        when, "console_error", None, "console", page.url, {"message": text}, f"error: {text}"
    )


def _custom(page: Page, when: int, data: Event) -> UserAction | None:
    """A screen of an app; other custom events are the recording page's own."""
    payload = data.get("payload")
    named = (
        payload.get("name") or payload.get("screen") if isinstance(payload, Mapping) else payload
    )
    if str(data.get("tag")) not in ("screen", "screen_view") or not named:
        return None
    known = dict(payload) if isinstance(payload, Mapping) else {}
    return UserAction(when, "screen", None, str(named), page.url, known, f"saw screen {named}")


def _done(page: Page, when: int, data: Event) -> UserAction | None:
    """A click, an input and the like; moves of the mouse are none."""
    source = data.get("source")
    kind: ActionName
    if source == MOUSE and data.get("type") in (CLICK, DOUBLE_CLICK):
        kind, said, keys = "click", "clicked", ("x", "y")
    elif source == MOUSE and data.get("type") == TOUCH_START:
        kind, said, keys = "touch_start", "touched", ("x", "y")
    elif source == INPUT:
        kind, said, keys = "input", "typed into", ("text", "isChecked")
    elif source == SCROLL:
        kind, said, keys = "scroll", "scrolled", ("x", "y")
    elif source == MEDIA:
        kind, said, keys = "media_interaction", _played(data), ("type", "currentTime")
    elif source == SELECTION:
        return UserAction(when, "select", None, "text", page.url, {}, "selected text")
    elif source == VIEWPORT:
        size = {key: data.get(key) for key in ("width", "height")}
        shown = f"{size['width']} x {size['height']}"
        return UserAction(when, "viewport_resize", None, "window", page.url, size, f"now {shown}")
    else:
        return None
    node = _id(data.get("id"))
    more = {key: data[key] for key in keys if key in data}
    attributes = page.attributes(node)
    words = page.words(node)
    metadata = {**more, **({"attributes": attributes} if attributes else {})}
    return UserAction(when, kind, node, words, page.url, metadata, f"{said} {words}")


def _played(data: Event) -> str:
    return MEDIA_WORDS.get(_id(data.get("type")), "used")


def _rows(data: Event, key: str) -> list[Event]:
    found = data.get(key)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def _id(value: Any) -> int:
    return value if isinstance(value, int) else -1
