"""A project in full swing, so that every list, pill and note of the pages has something to show."""

import datetime
from itertools import pairwise
from typing import Any

from django.utils import timezone

from apps.accounts.authentication import digest_of
from apps.accounts.models import CustomRole, Invitation, Membership, Team, TeamMember
from apps.activity.models import ActivityEvent, AuditEvent
from apps.annotation.models import Annotation, AnnotationRevision
from apps.core.ids import new_id
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from apps.discussion.models import Comment, Notification, NotificationKind, Thread
from apps.distribution.models import PipelineRun, RunState, Submission, Task, TaskKind, TaskState, Unit, UnitState
from apps.exchange.models import Export, Format
from apps.jobs.models import Job, JobState
from apps.performance.models import RunDay, TaskDay, WorkDay
from apps.pipelines.models import PipelineVersion, Stage, StageKind
from apps.predictions.models import Deployment, Inference, InferenceState, Lane
from apps.projects.models import EntryState, Item, Upload, UploadEntry
from apps.recipes.models import Label
from apps.review.models import ObjectDay, SuggestionDay, Verdict, VerdictDay, VerdictKind, VerdictReason
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
LABELS = ("car", "van", "pickup", "lorry", "a_label_with_a_rather_long_name")
DAYS = 21


def fill(world: World, pictures: int = 60) -> None:
    """Pictures in every state, work held and returned, verdicts, questions, exports, figures of three weeks.

    All but the figures grows with the number of pictures, a multiple of ten. Done twice, there is all of it twice.
    """
    Filling(world, pictures).run()


class Filling:
    """The rows of one world, made in the owner's context and in as few statements as may be."""

    def __init__(self, world: World, pictures: int) -> None:
        self.world = world
        self.pictures = pictures
        self.now = timezone.now()
        self.owner: dict[str, Any] = {"org_id": world.parking.id, "project": world.project}
        self.worker = {"worker_org_id": world.meadow.id}

    def run(self) -> None:
        """Each part stands on those before it."""
        version = factories.make_recipe_version(self.world, *LABELS)
        deployments = [factories.make_deployment(self.world, title=title) for title in ("nanodet-m", "tiny-fcos")]
        runs = [factories.make_run(self.world, version) for _ in range(3)]
        with tenant_tx(owner_context(self.world.parking.id)):
            PipelineRun.objects.filter(pk=runs[0].pk).update(state=RunState.DONE)
            PipelineRun.objects.filter(pk=runs[1].pk).update(state=RunState.PAUSED)
            self.labels = list(Label.objects.filter(recipe=version.recipe).order_by("id"))
            self.stages = self._stages(runs[2])
            self.items = self._items()
            self._annotations()
            self._work(runs[2])
            for deployment in deployments:
                self._inferences(deployment)
            self._exports()
            self._upload()
            self._questions()
            self._news()
            self._audit()
            self._invitation()
            self._people()
            self._figures(runs[2], deployments[0])

    def _stages(self, run: PipelineRun) -> dict[str, Stage]:
        made = [
            Stage(
                **self.owner,
                pipeline_version=run.pipeline_version,
                key=kind,
                kind=kind,
                title=title,
                position=position,
                held_out=0.05 if kind == StageKind.LABEL else 0,
            )
            for position, (kind, title) in enumerate(STAGES)
        ]
        # As published but without a deployment, so that the graph's page has a fault to show.
        graph = {
            "stages": [{"key": kind, "kind": kind, "title": title, "settings": {}} for kind, title in STAGES],
            "edges": [
                *({"from": one, "to": other, "outcome": "done"} for (one, _), (other, _) in pairwise(STAGES)),
                {"from": StageKind.REVIEW, "to": StageKind.LABEL, "outcome": "rework"},
            ],
        }
        PipelineVersion.objects.filter(pk=run.pipeline_version_id).update(graph=graph)
        return {str(stage.kind): stage for stage in Stage.objects.bulk_create(made)}

    def _items(self) -> list[Item]:
        names = [LONG, *(f"lot-{number:04d}.jpg" for number in range(1, self.pictures))]
        file = {"media_type": "image/jpeg", "sha256": "0" * 64, "bytes": 480_000, "width": 1000, "height": 800}
        lots = ("north", "south", "at the river, behind the old mill")
        return Item.objects.bulk_create(
            Item(
                **self.owner,
                **file,
                dataset=self.world.dataset,
                name=name,
                metadata={"lot": lots[number % 3], "hour": number % 24},
            )
            for number, name in enumerate(names)
        )

    def _annotations(self) -> None:
        """A box of each label on six pictures of ten."""
        drawn = [item for number, item in enumerate(self.items) if number % 10 < 6]
        revisions = self._revisions(drawn, 1)
        Annotation.objects.bulk_create(
            Annotation(
                **self.owner,
                item=item,
                revision=revision,
                label=label,
                type="box",
                geometry={"x": 90.0 * number, "y": 80.0, "width": 70.0, "height": 60.0},
                x1=90.0 * number,
                y1=80.0,
                x2=90.0 * number + 70,
                y2=140.0,
                area=4200.0,
            )
            for item, revision in zip(drawn, revisions, strict=True)
            for number, label in enumerate(self.labels)
        )

    def _revisions(self, items: list[Item], number: int) -> list[AnnotationRevision]:
        return AnnotationRevision.objects.bulk_create(
            AnnotationRevision(
                **self.owner,
                **self.worker,
                item=item,
                number=number,
                document={"annotations": []},
                digest=b"",
                source="task",
                author_id=self.world.ada.id,
                at=self.now,
            )
            for item in items
        )

    def _work(self, run: PipelineRun) -> None:
        """Of ten pictures three are accepted, one each returned, held, in review, failed and waiting, and two ready."""
        self.units = Unit.objects.bulk_create(
            Unit(
                **self.owner,
                pipeline_run=run,
                item=item,
                kind="item",
                state=UnitState.ACCEPTED if number % 10 < 3 else UnitState.OPEN,
                finished_at=self.now if number % 10 < 3 else None,
            )
            for number, item in enumerate(self.items)
        )
        self.tasks = Task.objects.bulk_create(self._task(unit, number % 10) for number, unit in enumerate(self.units))
        Task.objects.bulk_create(self._again(unit) for number, unit in enumerate(self.units) if number % 10 == 3)
        self._reviews()

    def _task(self, unit: Unit, number: int) -> Task:
        done = {"holder": self.world.ada.id, **self.worker, "ended_at": self.now}
        lease = {"lease_token": new_id(), "lease_until": self.now + datetime.timedelta(minutes=11)}
        states: dict[int, dict[str, Any]] = {
            **dict.fromkeys(range(3), {"state": TaskState.ACCEPTED, **done}),
            3: {"state": TaskState.RETURNED, **done},
            4: {"state": TaskState.LEASED, "holder": self.world.ada.id, **self.worker, **lease},
            5: {"state": TaskState.SUBMITTED, **done},
            6: {"state": TaskState.FAILED, "error_code": "weights_missing"},
            9: {"state": TaskState.WAITING},
        }
        kind = StageKind.PREDICT if number in {6, 9} else StageKind.LABEL
        by = TaskKind.MACHINE if number in {6, 9} else TaskKind.HUMAN
        run = {"pipeline_run_id": unit.pipeline_run_id, "unit": unit}
        return Task(**self.owner, **run, stage=self.stages[kind], kind=by, **states.get(number, {}))

    def _again(self, unit: Unit) -> Task:
        return Task(
            **self.owner,
            pipeline_run_id=unit.pipeline_run_id,
            unit=unit,
            stage=self.stages[StageKind.LABEL],
            kind=TaskKind.HUMAN,
            round=2,
            preferred_person=self.world.ada.id,
            note="Missing object: the trailer behind the lorry, third row from the left.",
        )

    def _reviews(self) -> None:
        """Verdicts on what was accepted and returned; of each ten one submission waits for its own."""
        handed_in = [task for number, task in enumerate(self.tasks) if number % 10 in {0, 1, 2, 3, 5}]
        revisions = self._revisions([task.unit.item for task in handed_in], 90)
        submissions = Submission.objects.bulk_create(
            Submission(
                **self.owner, **self.worker, task=task, author_id=self.world.ada.id, revision=revision, at=self.now
            )
            for task, revision in zip(handed_in, revisions, strict=True)
        )
        judged = {"holder": self.world.rita.id, **self.worker, "state": TaskState.ACCEPTED, "ended_at": self.now}
        reviews = Task.objects.bulk_create(
            Task(
                **self.owner,
                pipeline_run_id=task.pipeline_run_id,
                unit=task.unit,
                stage=self.stages[StageKind.REVIEW],
                kind=TaskKind.HUMAN,
                reviews=task,
                **({} if task.state == TaskState.SUBMITTED else judged),
            )
            for task in handed_in
        )
        Verdict.objects.bulk_create(
            Verdict(
                **self.owner,
                **self.worker,
                reviewer_org_id=self.world.meadow.id,
                task=review,
                submission=submission,
                **_said(submission.task.state, number),
                author_id=self.world.rita.id,
                at=self.now,
            )
            for number, (review, submission) in enumerate(zip(reviews, submissions, strict=True))
            if review.state == TaskState.ACCEPTED
        )

    def _inferences(self, deployment: Deployment) -> None:
        states = (InferenceState.DONE, InferenceState.RUNNING, InferenceState.WAITING, InferenceState.FAILED)
        Inference.objects.bulk_create(
            Inference(
                **self.owner,
                item=item,
                deployment=deployment,
                model_version=deployment.model_version,
                parameters_hash=str(number),
                lane=Lane.BULK,
                state=states[number % 4],
                queued_at=self.now,
                error_message="The picture file ends early." if number % 4 == 3 else "",
            )
            for number, item in enumerate(self.items)
        )

    def _job(self, kind: str, state: str, said: str = "") -> Job:
        at = {"queued_at": self.now, "created_at": self.now}
        done = {"done": 3, "total": 10, "error_message": said}
        ids = {"org_id": self.world.parking.id, "project_id": self.world.project.pk}
        return Job(**ids, kind=kind, input_hash=str(new_id()), state=state, **done, **at)

    def _exports(self) -> None:
        """As many as a tenth of the pictures, done, failed and running in turn."""
        states = (JobState.DONE, JobState.FAILED, JobState.RUNNING)
        said = "The worker was stopped three times. Start the export again."
        jobs = Job.objects.bulk_create(
            self._job("export.write", states[number % 3], said * (number % 3 == 1))
            for number in range(max(3, self.pictures // 10))
        )
        Export.objects.bulk_create(
            Export(
                **self.owner,
                job=job,
                format=Format.COCO,
                items=640,
                annotations=30_210,
                bytes=18_400_000,
                created_by=self.world.noor.id,
            )
            for job in jobs
        )

    def _upload(self) -> None:
        job = self._job("upload.ingest", JobState.DONE)
        job.save()
        upload = Upload.objects.create(**self.owner, dataset=self.world.dataset, job=job)
        refused = {"state": EntryState.REFUSED, "error_message": "This file is not a picture that can be read."}
        UploadEntry.objects.bulk_create(
            UploadEntry(**self.owner, upload=upload, number=number, name=name, **refused)
            for number, name in enumerate(("notes.txt", LONG))
        )

    def _questions(self) -> None:
        """Ada asks about every fifth picture, Max answers; half of it is resolved."""
        asked = [task for number, task in enumerate(self.tasks) if number % 5 == 4]
        threads = Thread.objects.bulk_create(
            Thread(
                **self.owner,
                **self.worker,
                unit=task.unit,
                item=task.unit.item,
                task=task,
                state="resolved" if number % 2 else "open",
                opened_by=self.world.ada.id,
                opened_at=self.now,
            )
            for number, task in enumerate(asked)
        )
        said = (
            (self.world.ada, "Does a trailer that is cut by the picture's edge count as an object of its own?"),
            (self.world.max, f"@[{self.world.ada.id}] Yes, where a third of it or more can be seen."),
        )
        Comment.objects.bulk_create(
            Comment(
                **self.owner,
                **self.worker,
                thread=thread,
                author_id=person.id,
                author_org_id=person.context.org_id,
                text=text,
                at=self.now,
            )
            for thread in threads
            for person, text in said
        )
        self._told(threads)

    def _told(self, threads: list[Thread]) -> None:
        told = (
            (NotificationKind.ANSWERED, self.world.ada, self.world.max),
            (NotificationKind.MENTIONED, self.world.max, self.world.ada),
            (NotificationKind.RETURNED, self.world.ada, self.world.rita),
            (NotificationKind.FINISHED, self.world.noor, None),
            (NotificationKind.FAILED, self.world.noor, None),
        )
        Notification.objects.bulk_create(
            Notification(
                **self.owner,
                **self.worker,
                recipient_org_id=person.context.org_id,
                person_id=person.id,
                kind=kind,
                actor_id=actor.id if actor else None,
                about=thread.item.name,
                text="Where a third of it or more can be seen.",
                page="discussion:thread",
                route={"project_id": str(self.world.project.pk), "thread_id": str(thread.pk)},
                at=self.now,
            )
            for thread in threads
            for kind, person, actor in told
        )

    def _audit(self) -> None:
        AuditEvent.objects.bulk_create(
            AuditEvent(
                org_id=self.world.parking.id,
                project_id=self.world.project.pk,
                worker_org_id=person.context.org_id,
                actor_id=person.id,
                verb=verb,
                object_type=kind,
                object_id=item.pk,
                details=details,
                request_id=str(new_id()),
                at=self.now - datetime.timedelta(seconds=number),
            )
            for number, item in enumerate(self.items)
            for person, verb, kind, details in (
                (self.world.ada, "task.submit", "task", {"round": 1, "shapes": 12, "rejected": 0}),
                (self.world.noor, "item.edit", "item", {}),
            )
        )

    def _news(self) -> None:
        ActivityEvent.objects.bulk_create(
            ActivityEvent(
                org_id=self.world.parking.id,
                project_id=self.world.project.pk,
                worker_org_id=person.context.org_id,
                actor_id=person.id,
                kind=kind,
                at=self.now,
            )
            for kind, person in (("task.submitted", self.world.ada), ("recipe.published", self.world.noor))
        )

    def _invitation(self) -> None:
        Invitation.objects.get_or_create(
            org_id=self.world.parking.id,
            email="pia@parking.example",
            defaults={
                "name": "Pia",
                "role": Role.ENGINEER,
                "digest": digest_of(f"secret-of-{self.world.parking.slug}"),
                "expires_at": self.now + datetime.timedelta(days=7),
            },
        )

    def _people(self) -> None:
        own: dict[str, Any] = {"org_id": self.world.parking.id}
        CustomRole.objects.get_or_create(
            **own, name="Looks at pictures", base=Role.ENGINEER, defaults={"actions": ["item.see", "annotation.see"]}
        )
        team, _made = Team.objects.get_or_create(**own, name="Night shift")
        for membership in Membership.objects.all():
            TeamMember.objects.get_or_create(**own, team=team, membership=membership)

    def _figures(self, run: PipelineRun, deployment: Deployment) -> None:
        """Three weeks of two annotators and a reviewer, as the projections would leave them."""
        today = self.now.date()
        days = [today - datetime.timedelta(days=number) for number in range(DAYS)]
        label, review = self.stages[StageKind.LABEL], self.stages[StageKind.REVIEW]
        people = ((self.world.ada, label), (self.world.bob, label), (self.world.rita, review))
        RunDay.objects.bulk_create(
            RunDay(
                **self.owner,
                pipeline_run_id=run.pk,
                day=day,
                made=self.pictures if day == days[-1] else 0,
                finished=number % 4,
            )
            for number, day in enumerate(days)
        )
        for number, (person, stage) in enumerate(people):
            at = {**self.owner, **self.worker, "stage_id": stage.pk, "person": person.id}
            WorkDay.objects.bulk_create(_work_day(at, day, number + turn) for turn, day in enumerate(days))
            TaskDay.objects.bulk_create(
                _task_day(at, day, number + turn, task.pk)
                for turn, (day, task) in enumerate(zip(days, self.tasks * 3, strict=False))
            )
        self._judgements(days, deployment, label)

    def _judgements(self, days: list[datetime.date], deployment: Deployment, stage: Stage) -> None:
        at = {**self.owner, **self.worker, "stage_id": stage.pk}
        people = {"author": self.world.ada.id, "reviewer": self.world.rita.id}
        version = deployment.model_version.pk
        SuggestionDay.objects.bulk_create(
            SuggestionDay(
                **at,
                day=day,
                person=self.world.ada.id,
                label_id=label.pk,
                model_version_id=version,
                band=band,
                held_out=False,
                accepted=2 + band,
                edited=2,
                rejected=max(0, 7 - band),
                missed=0,
            )
            for day in days
            for label in self.labels
            for band in (3, 6, 9)
        )
        ObjectDay.objects.bulk_create(
            ObjectDay(**at, **people, day=day, label_id=label.pk, kept=20, changed=2, removed=1, added=1, returned=3)
            for day in days
            for label in self.labels
        )
        kinds = ((VerdictKind.ACCEPT, "", 9), (VerdictKind.FIX, VerdictReason.SHAPE, 2), (VerdictKind.REJECT, "", 1))
        VerdictDay.objects.bulk_create(
            VerdictDay(**at, **people, day=day, verdict=kind, reason=reason, is_first=True, number=number)
            for day in days
            for kind, reason, number in kinds
        )


def _said(state: str, number: int) -> dict[str, Any]:
    if state == TaskState.RETURNED:
        comment = "Missing object: the trailer behind the lorry, third row from the left."
        return {"verdict": VerdictKind.REJECT, "reason": VerdictReason.MISSED, "comment": comment}
    if number % 3:
        return {"verdict": VerdictKind.ACCEPT}
    comment = "Two vans were cars; their boxes were cut at the shadow."
    return {"verdict": VerdictKind.FIX, "reason": VerdictReason.LABEL, "comment": comment}


def _work_day(at: dict[str, Any], day: datetime.date, number: int) -> WorkDay:
    return WorkDay(
        **at,
        day=day,
        active_ms=3_600_000 + 400_000 * (number % 5),
        claimed=20,
        first_claims=18,
        waited_ms=900_000,
        submitted=17 + number % 4,
        reworked=2,
        skipped=1,
        released=1,
        done=210,
        drawn=60,
        accepted=120,
        edited=30,
        rejected=11,
    )


def _task_day(at: dict[str, Any], day: datetime.date, number: int, task: Any) -> TaskDay:
    done = {"added": 6, "changed": 3, "removed": 1, "accepted": 7, "edited": 2, "rejected": 1, "drawn": 4}
    ms = 95_000 + 11_000 * (number % 7)
    return TaskDay(**at, day=day, active_ms=ms, task_id=task, total_ms=ms, held_out=number % 20 == 0, **done)
