"""Rebalance: what was given out at a stage and not begun is given out anew, or given back to the queue, by a job.

A job acts for the owner, to whom a vendor's people are unknown: who gets work is decided when it is asked for.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.activity import services as activity
from apps.core.errors import NotFound
from apps.core.tenancy import Context, active_tenant, tenant_tx
from apps.distribution.models import Task, TaskState
from apps.distribution.selectors.workforce import Worker, active_lately, workforce_for
from apps.jobs.models import Job
from apps.jobs.services import request
from apps.pipelines.models import HUMAN_KINDS, Stage

from .assignments import deal, write_gifts
from .counts import announce_counts
from .taking_back import NOBODYS_YET

REDISTRIBUTE = "task.redistribute"
CHUNK = 2000


@transaction.atomic
def request_redistribution(*, stage: Stage, to_queue: bool = False) -> Job:
    """Ask for a stage's assigned tasks to be dealt equally by load to who was active in the last day; to nobody where
    nobody was, or with `to_queue`. Raises NotFound for a stage of machines."""
    if stage.kind not in HUMAN_KINDS or stage.pk in active_tenant().closed:
        raise NotFound
    people: list[Worker] = []
    if not to_queue:
        able = workforce_for(stage).with_skill(stage.settings.get("skill"))
        active = active_lately([one.id for one in able], stage)
        people = [one for one in able if one.id in active]
    stated = {
        "stage": str(stage.pk),
        "org": str(active_tenant().org_id),
        "people": [{"id": str(one.id), "held": one.held} for one in people],
    }
    activity.record_audit("stage.redistribute", stage, people=[str(one.id) for one in people])
    return request(kind=REDISTRIBUTE, input=stated, project_id=stage.project_id, org_id=stage.org_id)


def redistribute(*, context: Context, stated: dict[str, Any], progress: Callable[[int], None]) -> int:
    """Deal the stage's assigned tasks anew in chunks, each a transaction of its own; gives how many.

    To begin again after a crash is to deal once more: nothing is lost by it.
    """
    org_id, stage_id = UUID(stated["org"]), UUID(stated["stage"])
    people = [Worker(UUID(one["id"]), "", "", held=one["held"]) for one in stated["people"]]
    with tenant_tx(context):
        given = Task.objects.filter(org_id=context.org_id, stage_id=stage_id, state=TaskState.READY)
        given = given.filter(preferred_person__isnull=False, assigned_org_id=org_id)
        ids = list(given.order_by("priority", "due_at", "slot", "id").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        with tenant_tx(context):
            _deal_chunk(ids[start : start + CHUNK], people, org_id)
        progress(min(start + CHUNK, len(ids)))
    with tenant_tx(context):
        stage = Stage.objects.get(pk=stage_id)
        activity.record_audit("task.redistribute", stage, count=len(ids), people=[str(one.id) for one in people])
        announce_counts(stage.project_id)
    return len(ids)


def _deal_chunk(ids: list[UUID], people: list[Worker], org_id: UUID) -> None:
    waiting = Task.objects.filter(pk__in=ids, state=TaskState.READY, assigned_org_id=org_id)
    rows = list(waiting.select_for_update(of=("self",), skip_locked=True).order_by("priority", "due_at", "slot", "pk"))
    gifts, _left = deal(rows, people, "load", org_id=org_id)
    for one in people:
        one.held += sum(person == one.id for person in gifts.values())
    if gifts:
        write_gifts(gifts, org_id, active_tenant().user_id, rows[0].org_id)
    Task.objects.filter(pk__in=[row.pk for row in rows if row.pk not in gifts]).update(**NOBODYS_YET)
