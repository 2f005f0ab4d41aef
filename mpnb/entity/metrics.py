"""Saved metrics: made from the parts of a question, asked for by id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mpnb.entity.base import Entity, delete, get, patch, post
from mpnb.entity.metric_looks import looks
from mpnb.errors import MixpanelHeadlessError, ParamValidationError, QueryError
from mpnb.params import saved
from mpnb.query.checked import checked

if TYPE_CHECKING:
    from mpnb.entity.saved import SavedMetric
    from mpnb.entity.saved_params import (
        BulkUpdateMetricEntry,
        CreateMetricParams,
        UpdateMetricParams,
    )


class Metrics(Entity, models=("mpnb.entity.saved", "mpnb.entity.saved_params")):
    """Saved metrics of a project."""

    @checked
    def list_metrics(
        self,
        *,
        metric_type: str | None = None,
        verified: bool | None = None,
        name_contains: str | None = None,
        viewable_only: bool = False,
    ) -> list[SavedMetric]:
        """The saved metrics.

        Args:
            metric_type: only of this type: metric, formula or warehouse.
            verified: only those that are, or are not, verified.
            name_contains: only those with this in their name, in any case.
            viewable_only: leave out those that you may not see.
        """
        word = (name_contains or "").casefold()
        return [
            metric
            for metric in self._all_metrics()
            if metric_type in (None, metric.type)
            and verified in (None, metric.verified)
            and word in metric.name.casefold()
            and not (viewable_only and metric.can_view is False)
        ]

    @get("metrics", scope="project")
    def _all_metrics(self) -> list[SavedMetric]:
        """The saved metrics of the project."""
        ...

    @get("metrics/{metric_id}", scope="project")
    def get_metric(self, metric_id: int) -> SavedMetric:
        """One saved metric by its id."""
        ...

    @checked
    def create_metric(self, params: CreateMetricParams, *, validate: bool = True) -> SavedMetric:
        """Save a metric.

        Args:
            params: its name and definition; an owner and verification need a second call.
            validate: check a stored definition before it is sent.

        Raises:
            ParamValidationError: SM1, SM2, SM4, SM7 or FM6; nothing was sent.
            MixpanelHeadlessError: the second call failed (code ``CREATE_FOLLOW_UP_FAILED``); the
                metric is saved.
        """
        saved.require_name(params.name, params.description)
        made = saved.metric(params.definition, validate=validate)
        body: dict[str, Any] = {"type": made.type, "name": params.name, "definition": {}}
        if params.description is not None:
            body["description"] = params.description
        if made.warehouse_source_id is not None:
            body["warehouse_source_id"] = made.warehouse_source_id
        body["definition"] = {**made.definition, **_shown(params, validate)}
        metric = self._create_metric(body)
        # What is new is not verified anyway.
        more = {name: said for name, said in _owned(params).items() if said is not False}
        if not more:
            return metric
        try:
            return self._update_metric(metric.id, more)
        except MixpanelHeadlessError as problem:
            raise MixpanelHeadlessError(
                f"Metric {metric.id} is saved, but its owner or verification is not: {problem}",
                code="CREATE_FOLLOW_UP_FAILED",
                details={"id": metric.id},
            ) from problem

    @post("metrics", scope="project", whole="body")
    def _create_metric(self, body: dict[str, Any]) -> SavedMetric:
        """Save a metric, without owner and verification."""
        ...

    @checked
    def update_metric(
        self, metric_id: int, params: UpdateMetricParams, *, validate: bool = True
    ) -> SavedMetric:
        """Change the parts of a saved metric that are given.

        With a new definition the metric is read first: its display and goals stay, and its type
        must be the same.

        Raises:
            ParamValidationError: SM1, SM2, SM3, SM4, SM7 or FM6; nothing was changed.
        """
        return self._update_metric(metric_id, self._changes(metric_id, params, validate))

    @checked
    def bulk_update_metrics(
        self, entries: Sequence[BulkUpdateMetricEntry], *, validate: bool = True
    ) -> list[SavedMetric]:
        """Change several saved metrics at once; those with a definition are read first."""
        changes = [
            {"id": entry.id, **self._changes(entry.id, entry, validate)} for entry in entries
        ]
        return self._update_metrics(changes) if changes else []

    def _changes(
        self, metric_id: int, params: UpdateMetricParams | BulkUpdateMetricEntry, validate: bool
    ) -> dict[str, Any]:
        self._permit("update_metric")
        saved.require_name(params.name, params.description)
        named = {"name": params.name, "description": params.description}
        body: dict[str, Any] = {key: text for key, text in named.items() if text is not None}
        made = None
        if params.definition is not None:
            made = saved.metric(params.definition, validate=validate)
        shown = _shown(params, validate)
        if made is not None or shown:
            stored = self.get_metric(metric_id)
            kept = dict(stored.definition)
            if made is not None:
                saved.require_same_kind(stored.type, made.type)
                looks = {key: kept[key] for key in kept if key in ("display", "goals")}
                kept = {**looks, **made.definition}
                if made.warehouse_source_id is not None:
                    body["warehouse_source_id"] = made.warehouse_source_id
            body["definition"] = {**kept, **shown}
        return {**body, **_owned(params)}

    @patch("metrics/{metric_id}", scope="project", whole="body")
    def _update_metric(self, metric_id: int, body: dict[str, Any]) -> SavedMetric:
        """Change the parts of a saved metric that are given."""
        ...

    @patch("metrics", scope="project")
    def _update_metrics(self, metrics: list[dict[str, Any]]) -> list[SavedMetric]:
        """Change several saved metrics at once."""
        ...

    @checked
    def delete_metric(self, metric_id: int, *, force: bool = False, confirm: bool = False) -> None:
        """Delete a saved metric for good.

        Args:
            metric_id: the metric.
            force: do not look first whether it is there and yours to delete.
            confirm: do not ask, in a notebook.

        Raises:
            ParamValidationError: SM5, there is none; SM6, you may not delete it.
        """
        self._permit("delete_metric")
        if not force:
            try:
                require_deletable("metric", [self.get_metric(metric_id)])
            except QueryError as problem:
                if problem.status_code != 404:
                    raise
                raise ParamValidationError(
                    f"There is no saved metric {metric_id} to delete.", "SM5_NOT_FOUND_FOR_DELETE"
                ) from problem
        self._delete_metrics([{"id": metric_id}], confirm=confirm)

    @checked
    def delete_metrics(
        self, metric_ids: Sequence[int], *, force: bool = False, confirm: bool = False
    ) -> None:
        """Delete saved metrics for good; unless forced, after a look whether you may."""
        self._permit("delete_metrics")
        wanted = list(dict.fromkeys(metric_ids))
        if wanted and not force:
            require_deletable("metric", [m for m in self._all_metrics() if m.id in wanted])
        if wanted:
            self._delete_metrics([{"id": metric_id} for metric_id in wanted], confirm=confirm)

    @delete("metrics", scope="project", into="body", destroys=True)
    def _delete_metrics(self, metrics: list[dict[str, int]], *, confirm: bool = False) -> None:
        """Delete saved metrics for good."""
        ...


def require_deletable(what: str, found: Sequence[Any]) -> None:
    """Refuse to delete what the server says is not yours to change.

    Raises:
        ParamValidationError: SM6 for a metric, BH4 for a behavior.
    """
    locked = [f"{item.name!r} ({item.id})" for item in found if item.can_update_basic is False]
    if locked:
        raise ParamValidationError(
            f"You may not delete {what} {', '.join(locked)}; force=True tries all the same.",
            "SM6_DELETE_NOT_PERMITTED" if what == "metric" else "BH4_DELETE_NOT_PERMITTED",
        )


def _shown(params: Any, validate: bool) -> dict[str, Any]:
    """How a metric is shown, and its goals; an entry of a bulk change says neither."""
    return looks(
        getattr(params, "display", None), getattr(params, "goals", None), validate=validate
    )


def _owned(params: Any) -> dict[str, Any]:
    owner = {} if params.owned_by is None else {"owned_by": {"id": params.owned_by}}
    return owner if params.verified is None else {**owner, "verified": params.verified}
