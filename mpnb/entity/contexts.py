"""Business context of an organisation and of a project; writing replaces the whole text."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, get_args

from mpnb.entity.base import Entity, get, put
from mpnb.errors import (
    BusinessContextValidationError,
    ParamValidationError,
    WorkspaceScopeError,
)
from mpnb.query.checked import checked

if TYPE_CHECKING:
    from mpnb.entity.context import BusinessContext, BusinessContextChain

Level = Literal["organization", "project"]
MODELS = "mpnb.entity.context"
"""Loaded with the first answer: it needs pydantic."""


class BusinessContexts(Entity, models=(MODELS,)):
    """What an organisation and a project tell those who answer questions about them."""

    @checked
    def get_business_context(
        self, *, level: Level = "project", organization_id: int | None = None
    ) -> BusinessContext:
        """The context; empty text when nothing was written.

        Args:
            level: ``"project"`` or ``"organization"``.
            organization_id: another organisation than the project's; found by ``/me`` when left
                out.

        Raises:
            ParamValidationError: the level is none (code ``WS2_INVALID_LEVEL``).
            WorkspaceScopeError: nothing tells the organisation (``ORGANIZATION_AMBIGUOUS``).
        """
        if _level(level) == "project":
            return self._of_project(self._project_context())
        of = self._organization(organization_id)
        return _of_organization(self._organization_context(of), of)

    @checked
    def set_business_context(
        self, content: str, *, level: Level = "project", organization_id: int | None = None
    ) -> BusinessContext:
        """Write the context; the text that was there is gone.

        Raises:
            BusinessContextValidationError: it has more than `BUSINESS_CONTEXT_MAX_CHARS`
                characters; nothing was sent.
            ParamValidationError: the level is none (code ``WS2_INVALID_LEVEL``).
            WorkspaceScopeError: nothing tells the organisation (``ORGANIZATION_AMBIGUOUS``).
        """
        _level(level)
        _check_length(content)
        if level == "project":
            return self._of_project(self._set_project_context(content))
        of = self._organization(organization_id)
        return _of_organization(self._set_organization_context(of, content), of)

    @checked
    def clear_business_context(
        self, *, level: Level = "project", organization_id: int | None = None
    ) -> BusinessContext:
        """Write empty text; see `set_business_context`."""
        return self.set_business_context("", level=level, organization_id=organization_id)

    def get_business_context_chain(self) -> BusinessContextChain:
        """The contexts of the organisation and of the project, in one request.

        The organisation's id is what ``/me`` said in the last day; None where nobody asked it,
        because this does not.
        """
        found = self._context_chain()
        known = getattr(self, "_known_organization")()  # noqa: B009  another class has it
        chain: BusinessContextChain = import_module(MODELS).BusinessContextChain(
            organization=_of_organization({"content": found.get("org_context")}, known),
            project=self._of_project({"content": found.get("project_context")}),
        )
        return chain

    def _of_project(self, found: dict[str, Any]) -> BusinessContext:
        project = self._mixpanel("business context").scope.project_id
        return _context(level="project", content=found.get("content") or "", project_id=project)

    def _organization(self, given: int | None) -> int:
        """The organisation that is meant: the one given, the project's, or the only one."""
        if given is not None:
            return given
        project = self._mixpanel("business context").scope.project_id
        me: Any = getattr(self, "me")()  # noqa: B009  another class of the workspace has it
        if project in me.projects:
            return int(me.projects[project].organization_id)
        if len(me.organizations) == 1:
            return int(next(iter(me.organizations)))
        seen = ", ".join(sorted(me.organizations)) or "none"
        raise WorkspaceScopeError(
            f"Nothing tells the organisation of project {project}; this account sees: {seen}. "
            "Pass organization_id=.",
            code="ORGANIZATION_AMBIGUOUS",
            details={"organizations": sorted(me.organizations)},
        )

    @get("business-context", scope="project")
    def _project_context(self) -> dict[str, Any]:
        """The project's context."""
        ...

    @get("organizations/{organization_id}/business-context", scope="none")
    def _organization_context(self, organization_id: int) -> dict[str, Any]:
        """The organisation's context."""
        ...

    @put("business-context", scope="project")
    def _set_project_context(self, content: str) -> dict[str, Any]:
        """Write the project's context."""
        ...

    @put("organizations/{organization_id}/business-context", scope="none")
    def _set_organization_context(self, organization_id: int, content: str) -> dict[str, Any]:
        """Write the organisation's context."""
        ...

    @get("business-context/chain", scope="project")
    def _context_chain(self) -> dict[str, Any]:
        """Both contexts."""
        ...


def _level(level: str) -> str:
    if level not in get_args(Level):
        raise ParamValidationError(
            f"level is {level!r}: it is 'project' or 'organization'.", "WS2_INVALID_LEVEL"
        )
    return level


def _check_length(content: str) -> None:
    most = import_module(MODELS).BUSINESS_CONTEXT_MAX_CHARS
    if isinstance(content, str) and len(content) > most:
        raise BusinessContextValidationError(
            f"A context has at most {most:,} characters; this one has {len(content):,}.",
            details={"length": len(content), "max": most},
        )


def _of_organization(found: dict[str, Any], organization_id: int | None) -> BusinessContext:
    content = found.get("content") or ""
    return _context(level="organization", content=content, organization_id=organization_id)


def _context(**fields: Any) -> BusinessContext:
    made: BusinessContext = import_module(MODELS).BusinessContext(**fields)
    return made
