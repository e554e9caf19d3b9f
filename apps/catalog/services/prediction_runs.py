"""Put a model to work on many items: asked for in chunks by a job, dispatched little by little, answered one by one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.selectors import engagements_seen
from apps.activity.services import record_audit
from apps.catalog.models import PredictionRun, PredictionRunItem, PredictionRunState
from apps.catalog.selections import Selection, chunks, settle
from apps.core.errors import NotAllowed, TransitionRefused
from apps.core.tenancy import Context, active_tenant, tenant_tx
from apps.jobs import services as jobs
from apps.jobs.models import UNFINISHED as UNFINISHED_JOB
from apps.predictions.models import UNFINISHED, Deployment, Inference, InferenceState
from apps.predictions.services import Wanted, cancel_inference, request_inferences, require_running
from apps.projects.models import Item, Project

FILL, EMPTY = "prediction_run.fill", "prediction_run.empty"
CHUNK = 200


@transaction.atomic
def start_run(*, project: Project, deployment: Deployment, selection: Selection) -> PredictionRun:
    """Ask for it; answer 202. Raises DeploymentStopped, ModelIsExternal, NotAllowed for a vendor who may not run
    models, and what `settle` raises.
    """
    _require_may_run(project.org_id, project.pk)
    require_running(deployment)
    selection, _ = settle(project, selection, CHUNK)
    run: PredictionRun = PredictionRun.objects.create(
        org_id=project.org_id,
        project=project,
        worker_org_id=active_tenant().org_id,
        deployment=deployment,
        selection=selection.stored(),
        author_id=active_tenant().user_id,
    )
    run.job = jobs.request(kind=FILL, input={"run": run.pk}, org_id=run.org_id, project_id=run.project_id)
    run.save(update_fields=["job"])
    record_audit("prediction_run.create", run, after=run.selection, deployment=str(deployment.pk))
    return run


@transaction.atomic
def cancel_run(*, run: PredictionRun) -> PredictionRun:
    """What is answered stays; what still waits is taken back by a job. Raises TransitionRefused when it has ended, and
    NotAllowed for a vendor who may not run models.
    """
    _require_may_run(run.org_id, run.project_id)
    run = _held(run.pk)
    run.move_to(PredictionRunState.CANCELLED, finished_at=timezone.now())
    if run.job and run.job.state in UNFINISHED_JOB:
        jobs.withdraw(job=run.job)
    jobs.request(kind=EMPTY, input={"run": run.pk}, org_id=run.org_id, project_id=run.project_id)
    record_audit("prediction_run.cancel", run, count=run.done)
    return run


def fill_run(*, context: Context, run_id: UUID, progress: Callable[[int], None]) -> int:
    """Ask for the inferences, a chunk in a transaction. Safe to repeat: an item is in a run once."""
    with tenant_tx(context):
        run: PredictionRun = PredictionRun.objects.select_related("project", "deployment").get(pk=run_id)
    asked = 0
    for chunk in chunks(context, run.project, Selection.of(run.selection)):
        with tenant_tx(context):
            if _held(run_id).state != PredictionRunState.FILLING:
                return asked
            _ask(run, chunk)
        asked += len(chunk)
        progress(asked)
    with tenant_tx(context):
        _filled(_held(run_id))
    return asked


def give_up_run(*, run_id: UUID) -> None:
    """Its job was cancelled or failed: what it has asked for is taken back."""
    run = _held(run_id)
    if run.state == PredictionRunState.FILLING:
        cancel_run(run=run)


def empty_run(*, context: Context, run_id: UUID) -> int:
    """Take back what a cancelled run still waits for and nobody else does; gives how many."""
    taken = 0
    while True:
        with tenant_tx(context):
            rows = PredictionRunItem.objects.filter(run_id=run_id, ended=False).order_by("pk")
            waited = dict(rows.values_list("pk", "inference_id")[:CHUNK])
            taken += _take_back(run_id, list(waited.values()))
            PredictionRunItem.objects.filter(pk__in=waited).update(ended=True)
        if not waited:
            return taken


def inferences_ended(*, states: Mapping[UUID, str]) -> None:
    """Inferences have an answer, or will have none: count them in the runs that wait for them. News may come twice."""
    rows = PredictionRunItem.objects.filter(inference_id__in=list(states), ended=False)
    for run_id in sorted(set(rows.values_list("run_id", flat=True))):
        _count(_held(run_id), states)


def _require_may_run(owner: UUID, project_id: UUID) -> None:
    context = active_tenant()
    if owner == context.org_id:
        return
    engaged = engagements_seen().filter(vendor_id=context.org_id, project_id=project_id, state="active")
    if not engaged.filter(run_models=True).exists():
        raise NotAllowed("Your organization may work on this project, but not run its models.")


def _held(run_id: UUID) -> PredictionRun:
    rows = PredictionRun.objects.select_for_update(of=("self",)).select_related("job")
    held: PredictionRun = rows.get(pk=run_id)
    return held


def _ask(run: PredictionRun, chunk: Sequence[UUID]) -> None:
    items = list(Item.objects.filter(pk__in=chunk, deleted_at=None).order_by("pk"))
    there = set(PredictionRunItem.objects.filter(run=run, item__in=items).values_list("item_id", flat=True))
    wanted = [Wanted(item) for item in items if item.pk not in there]
    if not wanted:
        return
    owner = {"org_id": run.org_id, "project_id": run.project_id, "run": run}
    rows = [
        PredictionRunItem(**owner, item_id=inference.item_id, inference_id=inference.pk)
        for inference in request_inferences(deployment=run.deployment, wanted=wanted)
    ]
    PredictionRunItem.objects.bulk_create(rows, ignore_conflicts=True)
    PredictionRun.objects.filter(pk=run.pk).update(total=F("total") + len(rows))


def _filled(run: PredictionRun) -> None:
    """All is asked for. What had ended before its row was there told nobody, so that it is looked up here."""
    if run.state != PredictionRunState.FILLING:
        return
    run.move_to(PredictionRunState.RUNNING)
    open_rows = PredictionRunItem.objects.filter(run=run, ended=False).values("inference_id")
    ended = Inference.objects.filter(pk__in=open_rows).exclude(state__in=UNFINISHED)
    _count(run, dict(ended.values_list("pk", "state")))


def _count(run: PredictionRun, states: Mapping[UUID, str]) -> None:
    rows = PredictionRunItem.objects.filter(run=run, inference_id__in=list(states), ended=False)
    ended = list(rows.values_list("inference_id", flat=True))
    rows.update(ended=True)
    failed = sum(states[one] != InferenceState.DONE for one in ended)
    numbers: dict[str, Any] = {"done": run.done + len(ended), "failed": run.failed + failed}
    PredictionRun.objects.filter(pk=run.pk).update(**numbers)
    if run.state == PredictionRunState.RUNNING and numbers["done"] >= run.total:
        run.move_to(PredictionRunState.DONE, finished_at=timezone.now())


def _take_back(run_id: UUID, inferences: Sequence[UUID]) -> int:
    others = PredictionRunItem.objects.filter(inference_id__in=inferences, ended=False).exclude(run_id=run_id)
    ours = Inference.objects.filter(pk__in=inferences, task_id=None, state__in=UNFINISHED)
    taken = 0
    for inference in ours.exclude(pk__in=others.values("inference_id")):
        try:
            cancel_inference(inference=inference)
        except TransitionRefused:  # it has just ended
            continue
        taken += 1
    return taken
