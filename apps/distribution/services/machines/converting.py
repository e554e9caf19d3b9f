"""Convert: annotations get another form; what has it already, or cannot have it, stays as it is."""

from collections.abc import Sequence

import msgspec

from apps.annotation.forms import converted
from apps.annotation.machines import as_written, write_document
from apps.distribution.models import Task
from apps.distribution.units import annotations_of
from apps.pipelines.models import Stage
from apps.pipelines.settings import ConvertSettings, settings_of

from .finishing import leave


def convert(stage: Stage, tasks: Sequence[Task]) -> None:
    """All annotations of each unit; a revision only where one changes."""
    settings: ConvertSettings = settings_of(stage.kind, stage.settings)
    for task in tasks:
        item = task.unit.item
        before = [as_written(row) for row in annotations_of(task.unit).select_related("label").order_by("pk")]
        after = [converted(shape, settings.to, item.width, item.height) for shape in before]
        if msgspec.to_builtins(after) != msgspec.to_builtins(before):
            write_document(org_id=task.org_id, unit_id=task.unit_id, shapes=after)
    leave(dict.fromkeys(tasks, "done"))
