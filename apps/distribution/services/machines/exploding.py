"""A stage of people that works on objects takes a unit apart; one of several people puts their work together."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.annotation.models import Annotation
from apps.core.ids import new_id
from apps.distribution.models import Submission, Task, TaskState, Unit, UnitState
from apps.pipelines.models import Stage, UnitKind
from apps.pipelines.settings import Objects, settings_of

from .finishing import record, split

APPLY = """
SELECT app.apply_document(u.org_id, u, r.id, r.document) FROM unit u, annotation_revision r
WHERE u.org_id = %s AND u.id = %s AND r.org_id = u.org_id AND r.id = %s
"""


def explode_or_gather(stage: Stage, tasks: Sequence[Task]) -> None:
    """By what each task waits for: slot 0 is of units that several people have worked on."""
    for task in tasks:
        if task.slot == 0:
            _gather(task)
        else:
            objects = _objects_of(task.unit, settings_of(stage.kind, stage.settings).objects)
            split(task, objects, stage.pk if objects else _after_objects(stage))
    record(tasks)


def _objects_of(unit: Unit, rule: Objects) -> list[UUID]:
    """The ids of the object units of the annotations that a rule speaks of, opened or made."""
    rows = Annotation.objects.filter(project_id=unit.project_id, item_id=unit.item_id)
    if rule.labels is not None:
        rows = rows.filter(label__name__in=rule.labels)
    found = rows.order_by("y1", "x1", "id")
    subjects = [row for row in found if _is_in(row, unit.region) and _lacks(row, rule.without)]
    there = {one.subject: one.pk for one in Unit.objects.filter(parent=unit, kind=UnitKind.OBJECT)}
    made = [
        Unit(
            id=new_id(),
            org_id=unit.org_id,
            project_id=unit.project_id,
            pipeline_run_id=unit.pipeline_run_id,
            item_id=unit.item_id,
            kind=UnitKind.OBJECT,
            region=[row.x1, row.y1, row.x2 - row.x1, row.y2 - row.y1],
            subject=row.pk,
            parent=unit,
        )
        for row in subjects
        if row.pk not in there
    ]
    Unit.objects.bulk_create(made)
    again = [there[row.pk] for row in subjects if row.pk in there]
    Unit.objects.filter(pk__in=again).update(state=UnitState.OPEN, finished_at=None)
    by_subject = there | {one.subject: one.pk for one in made}
    return [by_subject[row.pk] for row in subjects]


def _lacks(row: Annotation, attribute: str | None) -> bool:
    """Whether nobody has answered it yet; here, since an attribute's name may be any text and its value of any kind."""
    return attribute is None or row.attributes.get(attribute) in (None, "")


def _is_in(row: Annotation, region: Sequence[float] | None) -> bool:
    if region is None:
        return True
    x, y = (row.x1 + row.x2) / 2, (row.y1 + row.y2) / 2
    return region[0] <= x < region[0] + region[2] and region[1] <= y < region[1] + region[3]


def _after_objects(stage: Stage) -> UUID | None:
    """Where a unit without such objects goes on: past all stages that ask about objects."""
    while stage.unit == UnitKind.OBJECT:
        if stage.next_id is None:
            return None
        stage = stage.next
    return stage.pk


def _gather(task: Task) -> None:
    """The first slot's work counts until there is a consensus; the others lie beside it in their revisions."""
    done = Submission.objects.filter(
        task__unit=task.unit, task__stage=task.stage, task__round=task.round, task__slot__gt=0
    )
    first = done.select_related("task").order_by("task__slot").first()
    task.move_to(TaskState.ACCEPTED, ended_at=timezone.now())
    with connection.cursor() as cursor:
        if first is not None:
            cursor.execute(APPLY, [task.org_id, task.unit_id, first.revision_id])
        speaks = first.task_id if first is not None else task.pk
        cursor.execute("SELECT app.go_on(t) FROM task t WHERE t.org_id = %s AND t.id = %s", [task.org_id, speaks])
