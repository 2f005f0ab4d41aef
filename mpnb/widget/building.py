"""A question being built: the draft, its findings, undo and redo, and its forms as text.

Enters: a workspace, and a question, a kind, or nothing. Leaves: plain records. The surprise: while
the draft is unfinished or wrong, the question is the last one that was right; the draft is kept.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Final, cast, get_args

from mpnb import params as params_json
from mpnb import text
from mpnb.errors import MixpanelHeadlessError, NotSupportedError, ParamValidationError
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.question import Question
from mpnb.query.retention import retention
from mpnb.query.users import UserQuery, users
from mpnb.query.words import Kind
from mpnb.text.python import to_python
from mpnb.widget import building_edits as edits
from mpnb.widget.building_choices import Choices
from mpnb.widget.building_draft import Draft, Finding, draft, question
from mpnb.widget.building_form import form
from mpnb.workspace import Workspace

MOST_STEPS_BACK = 200
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
PAGE: Final = 1000
"""Profiles that Mixpanel gives in one answer."""
UNNAMED: Final = "?"
_FIRST_LINE = re.compile(r"\s*%%mpquery[ \t]*([^\n]*)(?:\n|$)")


@dataclass(frozen=True)
class State:
    """One moment of a builder: what undo goes back to."""

    draft: Draft
    question: Question | None
    findings: tuple[Finding, ...]
    extras: tuple[Any, ...]
    name: str | None = None


class Building:
    """A question that is edited field by field, or as text.

    Args:
        workspace: whose data it asks.
        start: a question, or a kind to start one of.
        name: the Python variable that its answer is bound to.
    """

    def __init__(
        self, workspace: Workspace, start: Question | Kind = "insights", name: str | None = None
    ) -> None:
        self.workspace = workspace
        self.choices = Choices(workspace)
        first = self._of(start) if isinstance(start, Question) else self._fresh(start)
        self.state = replace(first, name=name)
        self._right = first.question
        self._before: list[State] = []
        self._after: list[State] = []

    # --- states -------------------------------------------------------------------------------

    @staticmethod
    def _of(asked: Question) -> State:
        return State(draft(asked), asked, (), asked.extras)

    def _fresh(self, kind: Kind, names: list[str] | None = None) -> State:
        """A question to start with, about the most frequent events where they are known."""
        known = names or (self.choices.events() if self.choices.allowed else [])
        first, *others = [*known, UNNAMED][:2] if known else [UNNAMED]
        second = others[0] if others else first
        made: dict[Kind, Any] = {
            "insights": lambda: insights(first),
            "funnel": lambda: funnel([*names] if names and len(names) > 1 else [first, second]),
            "retention": lambda: retention(first, second),
            "flow": lambda: flow(first),
            "users": users,
        }
        state = self._of(made[kind]())
        return state if kind == "users" or known else self._unnamed(state)

    def _unnamed(self, state: State) -> State:
        """The same without names of events, which the person gives."""
        blank = json.loads(json.dumps(state.draft).replace(f'"{UNNAMED}"', '""'))
        asked, findings = question(blank, ())
        return State(blank, asked, tuple(findings), ())

    def _go(self, state: State) -> None:
        if state == self.state:
            return
        self._before = [*self._before, self.state][-MOST_STEPS_BACK:]
        self._after = []
        self._enter(state)

    def _enter(self, state: State) -> None:
        self.state = state
        self._right = state.question or self._right

    @property
    def question(self) -> Question | None:
        """The question, as it was last right; None while it never was."""
        return self._right

    @property
    def is_right(self) -> bool:
        """Whether the draft is a question as it stands."""
        return self.state.question is not None

    # --- edits --------------------------------------------------------------------------------

    def _edited(self, made: Draft) -> None:
        asked, findings = question(made, self.state.extras)
        state = replace(self.state, draft=made, question=asked, findings=tuple(findings))
        self._go(state)

    def change(self, path: list[str | int], value: Any) -> None:
        """Give a field a value."""
        in_filter = "value" in path
        value = self.choices.typed(self.state.draft, path, value) if in_filter else value
        self._edited(edits.change(self.state.draft, path, value))

    def choose(self, path: list[str | int], key: str) -> None:
        """Make a field another of the things that it may be; ``"none"`` leaves it out."""
        self._edited(edits.choose(self.state.draft, path, key))

    def add(self, path: list[str | int], key: str = "", value: Any = None) -> None:
        """Add an item to a list."""
        if value is not None and path[-1] == "value":
            value = self.choices.typed(self.state.draft, path, value)
        self._edited(edits.add(self.state.draft, path, key, value))

    def remove(self, path: list[str | int]) -> None:
        """Take an item out of a list."""
        self._edited(edits.remove(self.state.draft, path))

    def move(self, path: list[str | int], to: int) -> None:
        """Put an item of a list elsewhere in it."""
        self._edited(edits.move(self.state.draft, path, to))

    def write(self, source: str) -> None:
        """Take a cell's text, with or without its first line, as the question.

        Raises:
            ParamValidationError: the text is wrong; the message shows the place. Nothing changes.
        """
        kind, name, body = read_cell(source, cast(Kind, self.state.draft["kind"]))
        try:
            asked = text.parse(body, kind)
        except MixpanelHeadlessError as problem:
            raise ParamValidationError(text.explain_error(body, problem)) from problem
        self._go(replace(self._of(asked), name=name or self.state.name))

    def take(self, asked: Question) -> None:
        """Take a question from elsewhere as the next step; undo goes back to what was here."""
        self._go(replace(self._of(asked), name=self.state.name))

    def change_kind(self, kind: Kind) -> None:
        """Ask another kind of question about the same events."""
        if kind not in KINDS:
            raise ParamValidationError(f"{kind!r} is no kind of question: {', '.join(KINDS)}.")
        names = list(dict.fromkeys(_events_of(self.state.draft)))
        self._go(replace(self._fresh(kind, names), name=self.state.name))

    def rename(self, name: str) -> None:
        """Bind the answer to a Python variable; "" to none.

        Raises:
            ParamValidationError: it is no name in Python.
        """
        if name and not name.isidentifier():
            raise ParamValidationError(f"{name!r} is no name in Python.")
        self._go(replace(self.state, name=name or None))

    def undo(self) -> None:
        """Go back one step; at the first one nothing happens."""
        if self._before:
            self._after.append(self.state)
            self._enter(self._before.pop())

    def redo(self) -> None:
        """Go forward again."""
        if self._after:
            self._before.append(self.state)
            self._enter(self._after.pop())

    # --- forms --------------------------------------------------------------------------------

    def cell(self) -> str:
        """The question as a cell; "" while there is none.

        Raises:
            NotSupportedError: the language has no words for a part of it.
        """
        return str(text.cell(self._right, self.state.name)) if self._right else ""

    def cost(self) -> int | None:
        """Requests that the question costs at most; 0 over a local store, None when not known."""
        asked = self._right
        if self.workspace.is_local or asked is None:
            return 0
        if isinstance(asked, UserQuery) and asked.mode == "profiles":
            return None if asked.limit is None else -(-asked.limit // PAGE)
        return 1

    def budget_left(self) -> int | None:
        """Queries that the project has left this hour; None where nothing counts them."""
        if self.state.draft["kind"] == "users":
            return None  # profiles are no queries
        try:
            return None if self.workspace.is_local else self.workspace.budget.left()
        except MixpanelHeadlessError:
            return None

    def view(self) -> dict[str, Any]:
        """All that a page shows, but for the chart."""
        asked = self._right
        state = self.state
        return {
            "kind": state.draft["kind"],
            "name": state.name or "",
            "form": form(state.draft, state.findings),
            "right": self.is_right,
            "findings": [{"message": one.message, "code": one.code} for one in state.findings],
            "forms": {
                "text": _said(self.cell),
                "python": _said(lambda: self._python(asked)),
                "params": _said(lambda: self._params(asked)),
            },
            "extras": [_extra(one) for one in state.extras],
            "undo": len(self._before),
            "redo": len(self._after),
            "local": self.workspace.is_local,
            "cost": self.cost(),
            "left": self.budget_left(),
            "completes": self.choices.allowed,
        }

    def _python(self, asked: Question | None) -> str:
        lead = f"{self.state.name} = " if self.state.name else ""
        return lead + to_python(asked) if asked else ""

    def _params(self, asked: Question | None) -> str:
        if asked is None:
            return ""
        made = params_json.build(asked, today=self.workspace.today())
        return json.dumps(made, indent=2, ensure_ascii=False)


def read_cell(source: str, kind: Kind) -> tuple[Kind, str | None, str]:
    """The kind, the name and the body of a cell; its first line may be left out."""
    first = _FIRST_LINE.match(source)
    if first is None:
        return kind, None, source
    words = [word for word in first[1].split() if not word.startswith("-")]
    kinds = [word for word in words if word in KINDS]
    names = [word for word in words if word not in KINDS and word.isidentifier()]
    found = cast(Kind, kinds[0]) if kinds else "insights"
    return found, names[0] if names else None, source[first.end() :]


def _events_of(node: Any) -> list[str]:
    """The events that a draft names, in order."""
    if isinstance(node, list):
        return [name for item in node for name in _events_of(item)]
    if not isinstance(node, dict):
        return []
    own = node.get("event") if node.get("is") != "FrequencyFilter" else None
    inner = [name for item in node.values() for name in _events_of(item)]
    return [own, *inner] if isinstance(own, str) and own else inner


def _said(write: Any) -> dict[str, str]:
    """A form of the question, or why it has none."""
    try:
        return {"text": str(write()), "problem": ""}
    except (NotSupportedError, ParamValidationError) as problem:
        return {"text": "", "problem": problem.message}


def _extra(one: Any) -> dict[str, str]:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in one.path)
    return {"path": path.lstrip("."), "value": json.dumps(one.value, ensure_ascii=False)}
