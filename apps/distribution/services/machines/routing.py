"""Route: the first rule that holds says where a unit goes."""

from collections.abc import Sequence

from apps.distribution.models import Task
from apps.distribution.rules import outcome_of, seen_on
from apps.pipelines.models import Stage
from apps.pipelines.settings import RouteSettings, settings_of

from .finishing import leave


def route(stage: Stage, tasks: Sequence[Task]) -> None:
    """Each unit by its own objects, predictions and metadata."""
    settings: RouteSettings = settings_of(stage.kind, stage.settings)
    leave({task: outcome_of(settings, seen_on(task.unit, settings.floor), stage.key) for task in tasks})
