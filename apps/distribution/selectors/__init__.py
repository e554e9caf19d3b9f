"""Reading work: what a project's stages hold, who may see which task, what a person must not be shown."""

from .boards import run_state, stage_counts
from .tasks import hides_suggestions, may_run_models, runs_of, task_for, tasks_seen

__all__ = ["hides_suggestions", "may_run_models", "run_state", "runs_of", "stage_counts", "task_for", "tasks_seen"]
