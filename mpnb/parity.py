"""The workspace that the parity cases are asked of.

Enters: nothing, or a data view. Leaves: a workspace of a project that does not exist. The surprise:
it counts no requests and keeps no answers, because many cases ask the same question and are given
different answers on purpose; their checker looks for this name on the package.
"""

from __future__ import annotations

from mpnb.account import ServiceAccount
from mpnb.session import Project, Session, WorkspaceRef
from mpnb.workspace import Workspace


def _oracle_workspace(workspace_id: int | None = None) -> Workspace:
    """A workspace with credentials that are none, pinned to a data view when one is given."""
    account = ServiceAccount(
        name="oracle",
        region="us",
        username="sa.oracle",
        secret="not-a-secret",  # type: ignore[arg-type]  # pydantic makes it a SecretStr
    )
    view = None if workspace_id is None else WorkspaceRef(id=workspace_id)
    session = Session(account=account, project=Project(id="12345"), workspace=view)
    return Workspace(session=session, on_limit="ignore", cache=False)
