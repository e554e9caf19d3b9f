"""Reading work: what a project's stages hold, who may see which task, what a person must not be shown."""

from .boards import counts_in, numbers_of, run_state, stage_counts, stages_shown, units_of
from .tasks import hides_suggestions, may_run_models, runs_of, task_for, tasks_seen

__all__ = [
    "counts_in",
    "hides_suggestions",
    "may_run_models",
    "numbers_of",
    "run_state",
    "runs_of",
    "stage_counts",
    "stages_shown",
    "task_for",
    "tasks_seen",
    "units_of",
]
