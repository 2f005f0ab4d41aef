"""Save a question as a report, and say what that changed and where the report is.

Enters: a question and a name. Leaves: lines for people. The surprise: the report that has the name
is read before it is replaced, because afterwards nobody knows what it was.
"""

from __future__ import annotations

from mpnb import saving
from mpnb.query.question import Question
from mpnb.workspace import Workspace


def saved(
    workspace: Workspace, question: Question, name: str, description: str | None = None
) -> str:
    """Save a question; the lines tell the report, its differences to before, and its link."""
    before = saving.existing(workspace, question, name)
    changes = saving.differences(workspace, before, question, description) if before else []
    report = workspace.save(question, name, description=description)
    if before is None:
        head = f"Saved as report {report.id}, “{report.name}”."
    elif not changes:
        head = f"Report {report.id}, “{report.name}”, was like this already."
    else:
        head = f"Replaced report {report.id}, “{report.name}”. Changed:"
    rows = [head, *(f"  {change}" for change in changes), f"Open it again: %mp open {report.id}"]
    return "\n".join(rows if workspace.is_local else [*rows, saving.address(workspace, report)])
