"""Experiments, from draft to decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpnb.entity.base import Entity, delete, get, patch, post, put

if TYPE_CHECKING:
    from mpnb.entity.experiment import (
        CreateExperimentParams,
        DuplicateExperimentParams,
        Experiment,
        ExperimentConcludeParams,
        ExperimentDecideParams,
        UpdateExperimentParams,
    )


class Experiments(Entity, models=("mpnb.entity.experiment",)):
    """Experiments of a project."""

    @get("experiments/")
    def list_experiments(self, *, include_archived: bool = False) -> list[Experiment]:
        """The experiments, with the archived ones when asked."""
        ...

    @post("experiments/")
    def create_experiment(self, params: CreateExperimentParams) -> Experiment:
        """Make an experiment; it starts as a draft."""
        ...

    @get("experiments/{experiment_id}")
    def get_experiment(self, experiment_id: str) -> Experiment:
        """One experiment by its id."""
        ...

    @patch("experiments/{experiment_id}")
    def update_experiment(self, experiment_id: str, params: UpdateExperimentParams) -> Experiment:
        """Change the parts of an experiment that are given."""
        ...

    @delete("experiments/{experiment_id}", destroys=True)
    def delete_experiment(self, experiment_id: str, *, confirm: bool = False) -> None:
        """Delete an experiment for good."""
        ...

    @put("experiments/{experiment_id}/launch")
    def launch_experiment(self, experiment_id: str) -> Experiment:
        """Start an experiment: from draft to active."""
        ...

    @put("experiments/{experiment_id}/force_conclude")
    def conclude_experiment(
        self, experiment_id: str, *, params: ExperimentConcludeParams | None = None
    ) -> Experiment:
        """End an experiment: from active to concluded, now or as of a day."""
        ...

    @patch("experiments/{experiment_id}/decide")
    def decide_experiment(self, experiment_id: str, params: ExperimentDecideParams) -> Experiment:
        """Say how a concluded experiment came out: success or fail."""
        ...

    @post("experiments/{experiment_id}/archive")
    def archive_experiment(self, experiment_id: str) -> None:
        """Put an experiment away; `restore_experiment` brings it back."""
        ...

    @delete("experiments/{experiment_id}/archive")
    def restore_experiment(self, experiment_id: str) -> Experiment:
        """Bring back an experiment that was archived."""
        ...

    @post("experiments/{experiment_id}/duplicate")
    def duplicate_experiment(
        self, experiment_id: str, params: DuplicateExperimentParams
    ) -> Experiment:
        """Copy an experiment under another name."""
        ...

    @get("experiments/erf/")
    def list_erf_experiments(self) -> list[dict[str, Any]]:
        """The experiments in the experiment framework's form, as the server sends it."""
        ...
