"""The builder as a widget: a form, the question as text, and the chart that follows.

Enters: a workspace and what to start with. Leaves: a live view with a static twin. The surprise:
a local question is asked after every edit, a question to Mixpanel only when its button is pressed.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any, cast

from IPython.core.getipython import get_ipython

from mpnb import params as params_json
from mpnb import saving
from mpnb.chart import display, registry, svg, table
from mpnb.chart.svg_marks import escape
from mpnb.entity.report_links import KINDS as REPORT_KINDS
from mpnb.errors import MixpanelHeadlessError, NotSupportedError, ParamValidationError
from mpnb.query.announce import Asked, follow
from mpnb.query.question import Question
from mpnb.query.words import Kind
from mpnb.result.base import resolve
from mpnb.widget.base import Live, does, failure, somebody_is_there
from mpnb.widget.building import KINDS, Building, read_cell
from mpnb.widget.pending import offer
from mpnb.workspace import Workspace

EDITS = ("change", "choose", "add", "remove", "move", "write", "change_kind", "rename")
CARD = "mpnb.widget.card:card"
"""Found by name: the card shows an answer, and saves it as a report."""


class Builder(Live):
    """Click a question together, and see its answer.

    Args:
        workspace: who answers.
        start: a question, or a kind to start one of.
        name: the variable that the answer is bound to; cells that bind it move this builder.
    """

    def __init__(
        self, workspace: Workspace, start: Question | Kind = "insights", name: str | None = None
    ) -> None:
        self.data = Building(workspace, start, name)
        self.result: Any = None
        self._answered: Question | None = None
        self._problem: BaseException | None = None
        self._cells: set[str] = set()
        self._running = threading.Lock()
        self._turn = 0
        super().__init__(part="builder", text=self._text())
        follow(self)

    def _text(self) -> str:
        try:
            return self.data.cell()
        except MixpanelHeadlessError:
            return ""  # the language has no words for it; the view says so

    @does("begin")
    def begin(self) -> dict[str, Any]:
        """What a page starts with; the chart comes by itself where it is free."""
        if self.data.workspace.is_local:
            self._ask()
        card = find_spec(CARD.partition(":")[0]) is not None
        return {**self.data.view(), "kinds": list(KINDS), "card": card}

    @does("edit")
    def edit(self, edit: str, **about: Any) -> dict[str, Any]:
        """One edit of the draft, by the name of the method of `Building`."""
        if edit not in EDITS:
            raise ParamValidationError(f"There is no edit {edit!r}: {', '.join(EDITS)}.")
        getattr(self.data, edit)(**about)
        return self._moved()

    @does("undo")
    def undo(self) -> dict[str, Any]:
        """Go back one step."""
        self.data.undo()
        return self._moved()

    @does("redo")
    def redo(self) -> dict[str, Any]:
        """Go forward again."""
        self.data.redo()
        return self._moved()

    @does("choices", beside=True)
    def choices(self, path: list[str | int], picks: str, word: str) -> list[dict[str, Any]]:
        """What a field can be chosen from, as far as it holds the word."""
        return self.data.choices.find(self.data.state.draft, path, picks, word)

    @does("complete")
    def complete(self) -> dict[str, Any]:
        """Allow look-ups in the project: one request for each list of names."""
        self.data.choices.allowed = True
        return self.data.view()

    @does("run")
    def run(self) -> None:
        """Ask the question now."""
        self._ask()

    @does("stop")
    def halt(self) -> None:
        """Halt a running question between two of its passes; its answer is not shown any more."""
        self._turn += 1
        self.stop("chart")
        self.tell(stopped=True)

    @does("wrote")
    def wrote(self, cell: str) -> None:
        """A cell of the notebook has this question now; running it moves this builder."""
        self._cells.add(cell)

    @does("paste")
    def paste(self, text: str) -> None:
        """Keep text for ``%mp paste``."""
        offer(text)

    @does("dashboards")
    def dashboards(self) -> list[dict[str, Any]]:
        """The dashboards of the project; one request. A local store has none."""
        if self.data.workspace.is_local:
            return []
        return [{"id": one.id, "title": one.title} for one in self.data.workspace.list_dashboards()]

    @does("review")
    def review(
        self, name: str, description: str = "", dashboard: int | None = None
    ) -> dict[str, Any]:
        """What saving would do: add a report, or change one, field by field."""
        workspace, asked = self.data.workspace, self._named(name)
        kept = saving.existing(workspace, asked, name, dashboard)
        if kept is None:
            return {"replaces": None, "differences": []}
        rows = saving.differences(workspace, kept, asked, description or None)
        return {
            "replaces": {"id": kept.id, "name": kept.name},
            "differences": [asdict(row) for row in rows],
        }

    @does("save")
    def save(
        self, name: str, description: str = "", dashboard: int | None = None
    ) -> dict[str, Any]:
        """Save the question as a report; it tells the report's id and where it is found."""
        workspace, asked = self.data.workspace, self._named(name)
        report = workspace.save(
            asked, name, description=description or None, dashboard_id=dashboard
        )
        link = saving.address(workspace, report)
        return {"id": report.id, "name": report.name, "link": link}

    def _named(self, name: str) -> Question:
        if not name.strip():
            raise ParamValidationError("Give the report a name.")
        return self._asked()

    @does("card")
    def card(self) -> str:
        """A result card of the answer shown; returns its model's id."""
        if self.result is None:
            raise ParamValidationError("There is no answer yet: run the question first.")
        return str(resolve(CARD)(self.result, self.data.workspace).model_id)

    def _asked(self) -> Question:
        if self.data.question is None or not self.data.is_right:
            raise ParamValidationError("The question is not finished; the marked fields say why.")
        return self.data.question

    def heard(self, asked: Asked) -> None:
        """A cell was run: when it is the one of this builder, its question is the next step."""
        named = asked.name is not None and asked.name == self.data.state.name
        with self.lock:
            if not named and asked.cell not in self._cells:
                return
            if asked.cell is not None:
                self._cells.add(asked.cell)
            self.tell(cell=asked.cell)  # what “Update this cell” means from now on
            if asked.question != self.data.state.question:
                self.data.take(asked.question)
                self.tell(moved=self._moved())

    def _moved(self) -> dict[str, Any]:
        """After an edit: the saved text, and a new chart where that is free."""
        text = self._text()
        if text != self.text:
            self.text, self._problem = text, None
            if self.data.workspace.is_local and self.data.is_right:
                self._ask()
            else:
                self.renew_twin()
        return self.data.view()

    def _ask(self) -> threading.Thread | None:
        """Answer the question beside the kernel's own work; a newer one makes it stale."""
        if not self.data.is_right:
            return None
        asked = self._asked()
        self._turn += 1
        turn, self._problem = self._turn, None

        def work() -> Any:
            with self._running:  # one at a time, so that typing does not pile up questions
                if turn != self._turn:
                    return None
                result = self.data.workspace.ask(asked)
                return asked, result, drawn(result)

        self.tell(running=True)
        return self.later("chart", work, self._show, self._fail)

    def _show(self, found: Any) -> None:
        if found is not None:
            self._answered, self.result, view = found
            self._problem = None
            self.tell(chart={**view, "left": self.data.budget_left()})
            self.renew_twin()

    def _fail(self, problem: BaseException) -> None:
        self._problem = problem
        self.tell(chart={"failed": failure(problem)})
        self.renew_twin()

    def _ipython_display_(self) -> None:
        """Where nobody can ask for the chart later, it is asked before the twin is published."""
        if self.data.workspace.is_local and not somebody_is_there():
            asking = self._ask()
            if asking is not None:
                asking.join()
        super()._ipython_display_()

    def _shown(self) -> Any:
        """The answer to the question as it stands; None where there is none yet."""
        return self.result if self._answered == self.data.question else None

    def twin(self) -> str:
        """The question as text, and its chart, sentence and table where it was answered."""
        lines = (self.text or "No question yet.").splitlines()
        said = "\n".join(map(escape, lines))  # each by itself: `escape` makes one line of a text
        result = self._shown()
        answer = "" if result is None else display.html(result)
        if self._problem is not None:
            answer = f"<p>No answer: {escape(failure(self._problem)['message'])}</p>"
        return f"<div><p><strong>Builder</strong></p><pre>{said}</pre>{answer}</div>"

    def plain(self) -> str:
        """The same as text."""
        result = self._shown()
        answer = "" if result is None else f"\n\n{display.text(result)}"
        return f"Builder\n\n{self.text or 'No question yet.'}{answer}"


def drawn(result: Any) -> dict[str, Any]:
    """An answer as a page shows it: a drawing, its sentence, a table, and who answered."""
    made = registry.build(result)
    found = table.of(result)
    return {
        "svg": svg.draw(made.spec(), marks_known=True),
        "summary": made.summary,
        "head": found.head,
        "rows": found.rows,
        "numeric": found.numeric,
        "note": found.note(),
        "source": result.provenance.line(),
    }


def build(
    workspace: Workspace,
    what: Any = "insights",
    name: str | None = None,
    names: Mapping[str, Any] | None = None,
) -> Builder:
    """A builder of a workspace.

    Args:
        workspace: who answers.
        what: a kind, a question, a result, cell text, the id or name of a saved report, a report
            link, or the name of a variable in `names`.
        name: the variable that the answer is bound to.
        names: the variables of the notebook.

    Raises:
        ParamValidationError: it is none of these.
    """
    held = (names or {}).get(what) if isinstance(what, str) else None
    if held is not None and question_of(held) is not None:
        return Builder(workspace, cast(Question, question_of(held)), name or what)
    if isinstance(what, str) and what.lstrip().startswith("%%mpquery"):
        kind, own, body = read_cell(what, "insights")
        made = Building(workspace, kind, name or own)
        made.write(body)
        return Builder(workspace, cast(Question, made.question), name or own)
    if isinstance(what, str) and what in KINDS:
        return Builder(workspace, what, name)
    return Builder(workspace, question_of(what) or saved(workspace, what), name)


def question_of(thing: Any) -> Question | None:
    """The question that a thing is or answers; None when it is neither."""
    asked = thing if isinstance(thing, Question) else getattr(thing, "query", None)
    return asked if isinstance(asked, Question) else None


def linked(workspace: Workspace, link: str) -> Question:
    """The question that a report link leads to.

    Raises:
        NotSupportedError: it is a report of a kind that no question can say.
    """
    report = workspace.resolve_report_link(link)
    kind = REPORT_KINDS.get(report.report_type)
    if kind is None:
        raise NotSupportedError(f"No question can say a report of type {report.report_type!r}.")
    return params_json.read(report.params, kind)


def edit(asked: Question, workspace: Workspace | None = None, name: str | None = None) -> Builder:
    """A builder that starts with a question; by default over the notebook's workspace ``ws``.

    Raises:
        ParamValidationError: no workspace is given, and the notebook has none in use.
    """
    shell = get_ipython()
    found = workspace or (shell.user_ns.get("ws") if shell else None)
    if not isinstance(found, Workspace):
        raise ParamValidationError("Say whose data it asks: question.edit(ws).")
    return Builder(found, asked, name)


def saved(workspace: Workspace, what: Any) -> Question:
    """The question of a saved report, by id, name or link.

    Raises:
        ParamValidationError: there is no such report.
    """
    if isinstance(what, str) and what.strip().isdigit():
        what = int(what)
    if isinstance(what, int):
        return workspace.question(what)
    if isinstance(what, str) and "://" in what:
        return linked(workspace, what)
    found = [one for one in workspace.list_bookmarks() if one.name == what]
    if not found:
        raise ParamValidationError(
            f"{what!r} is no kind of question ({', '.join(KINDS)}), no variable that holds a "
            "question or an answer, and no saved report."
        )
    return workspace.question(found[0].id)
