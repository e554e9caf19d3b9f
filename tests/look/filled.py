"""A project in full swing, so that every list, pill and note of the pages has something to show."""

import datetime
from typing import Any

from django.utils import timezone

from apps.activity.models import ActivityEvent
from apps.annotation.models import AnnotationRevision
from apps.core.ids import new_id
from apps.core.tenancy import owner_context, tenant_tx
from apps.distribution.models import PipelineRun, Submission, Task, TaskKind, TaskState, Unit, UnitState
from apps.exchange.models import Export, Format
from apps.jobs.models import Job, JobState
from apps.pipelines.models import Stage, StageKind
from apps.predictions.models import Deployment, Inference, InferenceState, Lane
from apps.projects.models import EntryState, Item, Upload, UploadEntry
from apps.recipes.models import Label
from apps.review.models import Verdict, VerdictKind
from tests import factories
from tests.people import World

LONG = "mosaic-of-24-megapixels-made-from-many-photographs-by-seed-2026.png"
STAGES = (
    (StageKind.DATASET, "Autumn lots"),
    (StageKind.PREDICT, "Pre-label"),
    (StageKind.LABEL, "Check what the model found and complete it"),
    (StageKind.REVIEW, "Review"),
    (StageKind.DONE, "Done"),
)


def fill(world: World) -> None:
    """Pictures in every state, work held and returned, verdicts, exports, files that were refused."""
    version = factories.make_recipe_version(world, "car", "van", "pickup", "lorry", "a_label_with_a_rather_long_name")
    deployment = factories.make_deployment(world, title="nanodet-m")
    run = factories.make_run(world, version)
    items = [factories.make_item(world, name) for name in (LONG, *(f"lot-{n:04d}.jpg" for n in range(9)))]
    with tenant_tx(owner_context(world.parking.id)):
        stages = _stages(world, run)
        label = Label.objects.filter(name="car").get()
    for number, item in enumerate(items):
        accepted = number < 3
        unit = factories.make_unit(world, run, item, UnitState.ACCEPTED if accepted else UnitState.OPEN)
        if number < 6:
            factories.make_annotation(world, item, label)
        with tenant_tx(owner_context(world.parking.id)):
            _tasks(world, stages, unit, number)
    with tenant_tx(owner_context(world.parking.id)):
        _inferences(world, deployment, items)
        _exports(world)
        _upload(world)
        _news(world)


def _stages(world: World, run: PipelineRun) -> dict[str, Stage]:
    rows: dict[str, Stage] = {}
    for position, (kind, title) in enumerate(STAGES):
        rows[kind] = Stage.objects.create(
            org_id=world.parking.id,
            project=world.project,
            pipeline_version=run.pipeline_version,
            key=kind,
            kind=kind,
            title=title,
            position=position,
            held_out=0.05 if kind == StageKind.LABEL else 0,
        )
    return rows


def _tasks(world: World, stages: dict[str, Stage], unit: Unit, number: int) -> None:
    owner = {"org_id": world.parking.id, "project": world.project, "pipeline_run": unit.pipeline_run, "unit": unit}
    done = {"holder": world.ada.id, "worker_org_id": world.meadow.id, "ended_at": timezone.now()}
    if number < 3:
        task = Task.objects.create(
            **owner, stage=stages[StageKind.LABEL], kind=TaskKind.HUMAN, state=TaskState.ACCEPTED, **done
        )
        _verdict(world, stages, task, owner)
    elif number == 3:
        state = {"state": TaskState.RETURNED, **done}
        Task.objects.create(**owner, stage=stages[StageKind.LABEL], kind=TaskKind.HUMAN, **state)
        Task.objects.create(
            **owner,
            stage=stages[StageKind.LABEL],
            kind=TaskKind.HUMAN,
            round=2,
            preferred_person=world.ada.id,
            note="Missing object: the trailer behind the lorry, third row from the left.",
        )
    elif number == 4:
        lease = {"lease_token": new_id(), "lease_until": timezone.now() + datetime.timedelta(minutes=11)}
        held = {"holder": world.ada.id, "worker_org_id": world.meadow.id, "state": TaskState.LEASED, **lease}
        Task.objects.create(**owner, stage=stages[StageKind.LABEL], kind=TaskKind.HUMAN, **held)
    elif number == 5:
        Task.objects.create(
            **owner, stage=stages[StageKind.LABEL], kind=TaskKind.HUMAN, state=TaskState.SUBMITTED, **done
        )
        Task.objects.create(**owner, stage=stages[StageKind.REVIEW], kind=TaskKind.HUMAN)
    elif number == 6:
        Task.objects.create(**owner, stage=stages[StageKind.PREDICT], kind=TaskKind.MACHINE, state=TaskState.FAILED)
    elif number < 9:
        Task.objects.create(**owner, stage=stages[StageKind.LABEL], kind=TaskKind.HUMAN)
    else:
        Task.objects.create(**owner, stage=stages[StageKind.PREDICT], kind=TaskKind.MACHINE, state=TaskState.WAITING)


def _verdict(world: World, stages: dict[str, Stage], task: Task, owner: dict[str, Any]) -> None:
    revision = AnnotationRevision.objects.create(
        org_id=world.parking.id,
        project=world.project,
        item=task.unit.item,
        number=90,
        document={},
        digest=b"",
        source="task",
        at=timezone.now(),
        worker_org_id=world.meadow.id,
    )
    submission = Submission.objects.create(
        org_id=world.parking.id,
        project=world.project,
        worker_org_id=world.meadow.id,
        task=task,
        author_id=world.ada.id,
        revision=revision,
        at=timezone.now(),
    )
    review = {"holder": world.rita.id, "worker_org_id": world.meadow.id, "state": TaskState.ACCEPTED}
    Verdict.objects.create(
        org_id=world.parking.id,
        project=world.project,
        worker_org_id=world.meadow.id,
        reviewer_org_id=world.meadow.id,
        task=Task.objects.create(**owner, stage=stages[StageKind.REVIEW], kind=TaskKind.HUMAN, **review),
        submission=submission,
        verdict=VerdictKind.FIX,
        comment="Two vans were cars; their boxes were cut at the shadow.",
        author_id=world.rita.id,
        at=timezone.now(),
    )


def _inferences(world: World, deployment: Deployment, items: list[Item]) -> None:
    states = (InferenceState.DONE, InferenceState.RUNNING, InferenceState.WAITING, InferenceState.FAILED)
    for number, (item, state) in enumerate(zip(items, states, strict=False)):
        Inference.objects.create(
            org_id=world.parking.id,
            project=world.project,
            item=item,
            deployment=deployment,
            model_version=deployment.model_version,
            parameters_hash=str(number),
            lane=Lane.BULK,
            state=state,
            queued_at=timezone.now(),
            error_message="The picture file ends early." if state == InferenceState.FAILED else "",
        )


def _exports(world: World) -> None:
    for number, state in enumerate((JobState.DONE, JobState.FAILED, JobState.RUNNING)):
        job = Job.objects.create(
            org_id=world.parking.id,
            project_id=world.project.pk,
            kind="export.write",
            input_hash=str(number),
            state=state,
            done=3,
            total=10,
            queued_at=timezone.now(),
            created_at=timezone.now(),
            error_message="The worker was stopped three times. Start the export again." * (state == JobState.FAILED),
        )
        Export.objects.create(
            org_id=world.parking.id,
            project=world.project,
            job=job,
            format=Format.COCO,
            items=640,
            annotations=30_210,
            bytes=18_400_000,
            created_by=world.noor.id,
        )


def _upload(world: World) -> None:
    owner = {"org_id": world.parking.id, "project": world.project}
    job = Job.objects.create(
        org_id=world.parking.id,
        project_id=world.project.pk,
        kind="upload.ingest",
        input_hash="upload",
        state=JobState.DONE,
        queued_at=timezone.now(),
        created_at=timezone.now(),
    )
    upload = Upload.objects.create(**owner, dataset=world.dataset, job=job)
    for number, name in enumerate(("notes.txt", LONG)):
        refused = {"state": EntryState.REFUSED, "error_message": "This file is not a picture that can be read."}
        UploadEntry.objects.create(**owner, upload=upload, number=number, name=name, **refused)


def _news(world: World) -> None:
    for kind, person in (("task.submitted", world.ada), ("recipe.published", world.noor)):
        ActivityEvent.objects.create(
            org_id=world.parking.id,
            project_id=world.project.pk,
            worker_org_id=person.context.org_id,
            actor_id=person.id,
            kind=kind,
            at=timezone.now(),
        )
