"""Saved behaviors: funnels, retentions and unions of events that questions share by id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mpnb.entity.base import Entity, delete, get, patch, post
from mpnb.entity.metrics import require_deletable
from mpnb.params import saved
from mpnb.query.checked import checked

if TYPE_CHECKING:
    from mpnb.entity.saved import SavedBehavior
    from mpnb.entity.saved_params import CreateBehaviorParams, UpdateBehaviorParams


class Behaviors(Entity, models=("mpnb.entity.saved", "mpnb.entity.saved_params")):
    """Saved behaviors of a project."""

    @checked
    def list_behaviors(
        self, *, behavior_type: str | None = None, name_contains: str | None = None
    ) -> list[SavedBehavior]:
        """The saved behaviors.

        Args:
            behavior_type: only of this type: simple, funnel or retention.
            name_contains: only those with this in their name, in any case.
        """
        word = (name_contains or "").casefold()
        return [
            behavior
            for behavior in self._all_behaviors()
            if behavior_type in (None, behavior.type) and word in behavior.name.casefold()
        ]

    @get("behaviors", scope="project")
    def _all_behaviors(self) -> list[SavedBehavior]:
        """The saved behaviors of the project."""
        ...

    @get("behaviors/{behavior_id}", scope="project")
    def get_behavior(self, behavior_id: int) -> SavedBehavior:
        """One saved behavior by its id."""
        ...

    @checked
    def create_behavior(
        self, params: CreateBehaviorParams, *, validate: bool = True
    ) -> SavedBehavior:
        """Save a behavior.

        Args:
            params: its name and definition.
            validate: for symmetry with metrics; a behavior is always checked.

        Raises:
            ParamValidationError: SM1, SM2 or SM4; nothing was sent.
        """
        saved.require_name(params.name, params.description)
        made = saved.behavior(params.behavior)
        body = {"type": made.type, "name": params.name, "definition": made.definition}
        if params.description is not None:
            body["description"] = params.description
        return self._create_behavior(body)

    @post("behaviors", scope="project", whole="body")
    def _create_behavior(self, body: dict[str, Any]) -> SavedBehavior:
        """Save a behavior."""
        ...

    @checked
    def update_behavior(
        self, behavior_id: int, params: UpdateBehaviorParams, *, validate: bool = True
    ) -> SavedBehavior:
        """Change the parts of a saved behavior that are given.

        With a new definition the behavior is read first: its type must be the same.

        Raises:
            ParamValidationError: SM1, SM2, SM3 or SM4; nothing was changed.
        """
        saved.require_name(params.name, params.description)
        named = {
            "name": params.name,
            "description": params.description,
            "verified": params.verified,
        }
        body: dict[str, Any] = {key: value for key, value in named.items() if value is not None}
        if params.behavior is not None:
            self._permit("update_behavior")
            made = saved.behavior(params.behavior)
            saved.require_same_kind(self.get_behavior(behavior_id).type, made.type)
            body["definition"] = made.definition
        return self._update_behavior(behavior_id, body)

    @patch("behaviors/{behavior_id}", scope="project", whole="body")
    def _update_behavior(self, behavior_id: int, body: dict[str, Any]) -> SavedBehavior:
        """Change the parts of a saved behavior that are given."""
        ...

    @checked
    def delete_behavior(
        self, behavior_id: int, *, force: bool = False, confirm: bool = False
    ) -> None:
        """Delete a saved behavior for good.

        Args:
            behavior_id: the behavior.
            force: do not look first whether it is yours to delete.
            confirm: do not ask, in a notebook.

        Raises:
            ParamValidationError: BH4, you may not delete it.
        """
        self._permit("delete_behavior")
        if not force:
            require_deletable("behavior", [self.get_behavior(behavior_id)])
        self._delete_behaviors([{"id": behavior_id}], confirm=confirm)

    @checked
    def delete_behaviors(
        self, behavior_ids: Sequence[int], *, force: bool = False, confirm: bool = False
    ) -> None:
        """Delete saved behaviors for good; unless forced, after a look whether you may."""
        self._permit("delete_behaviors")
        wanted = list(dict.fromkeys(behavior_ids))
        if wanted and not force:
            require_deletable("behavior", [b for b in self._all_behaviors() if b.id in wanted])
        if wanted:
            self._delete_behaviors([{"id": one} for one in wanted], confirm=confirm)

    @delete("behaviors", scope="project", into="body", destroys=True)
    def _delete_behaviors(self, behaviors: list[dict[str, int]], *, confirm: bool = False) -> None:
        """Delete saved behaviors for good."""
        ...
