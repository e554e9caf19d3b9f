"""What one person can do now: ready stages, what they hold, what came back to them, drafts that were kept."""

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.models import Organization
from apps.accounts.selectors import Member
from apps.core.access import gate
from apps.pipelines.models import Stage, StageKind
from apps.projects.models import Project

from .models import NEVER, Draft, RunState, Submission, Task, TaskKind, TaskState
from .overviews import thumb_of


@dataclass(frozen=True, slots=True)
class Offer:
    """A stage with tasks that the person may claim."""

    project_id: UUID
    stage: UUID
    title: str
    kind: str
    project: str
    owner: str
    ready: int
    thumb: str
    due: str


def offers_for(member: Member, project: Project | None = None) -> list[Offer]:
    """Stages with claimable tasks: for reviewers their verdicts first, then where most waits."""
    rows = claimable(member)
    if project:
        rows = rows.filter(project=project)
    counted = rows.values("stage_id").annotate(number=Count("id")).order_by("-number")[:12]
    numbers = {row["stage_id"]: row["number"] for row in counted}
    stages = Stage.objects.filter(pk__in=numbers).select_related("project")
    owners = _owners(member, {stage.org_id for stage in stages})
    offers = [_offer(member, stage, rows, numbers[stage.pk], owners) for stage in stages]
    first = StageKind.REVIEW if member.role == "reviewer" else StageKind.LABEL
    return sorted(offers, key=lambda offer: (offer.kind != first, -offer.ready))


def claimable(member: Member) -> "QuerySet[Task]":
    """Ready tasks that a claim by this person may get. Shown as a number only: the claim itself decides in SQL."""
    kinds = [
        kind
        for kind, action in ((StageKind.LABEL, "task.work"), (StageKind.REVIEW, "review.decide"))
        if gate.admits(action, member.context)
    ]
    unreserved = Q(preferred_person=None) | Q(preferred_person=member.id) | Q(preferred_until__lt=timezone.now())
    return (
        Task.objects.filter(unreserved, kind=TaskKind.HUMAN, state=TaskState.READY, stage__kind__in=kinds)
        .filter(pipeline_run__state__in=(RunState.FILLING, RunState.RUNNING), project__deleted_at=None)
        .exclude(skipped_by__contains=[member.id])
        .exclude(reviews__holder=member.id)
    )


def held_by(member: Member, kind: str = "", project: Project | None = None) -> list[dict[str, Any]]:
    """Tasks that the person holds now, the one that ends first above."""
    tasks = Task.objects.filter(holder=member.id, state=TaskState.LEASED, lease_until__gt=timezone.now())
    if kind:
        tasks = tasks.filter(stage__kind=kind)
    if project:
        tasks = tasks.filter(project=project)
    found = tasks.select_related("stage", "unit__item").order_by("lease_until")[:20]
    return [_card(task, member) | {"left": _left(task)} for task in found]


def returned_to(member: Member) -> list[dict[str, Any]]:
    """What review sent back to this person and waits for them."""
    tasks = claimable(member).filter(preferred_person=member.id, round__gt=1)
    found = tasks.select_related("stage", "unit__item").order_by("-created_at")[:20]
    return [_card(task, member) | {"comment": task.note, "at": task.created_at} for task in found]


def held_first(member: Member, project_id: UUID, stage_id: UUID | None) -> UUID | None:
    """The task of a stage (or project) that the person holds already and that ends first, if any."""
    tasks = Task.objects.filter(
        holder=member.id, project_id=project_id, state=TaskState.LEASED, lease_until__gt=timezone.now()
    )
    if stage_id:
        tasks = tasks.filter(stage_id=stage_id)
    return tasks.order_by("lease_until").values_list("pk", flat=True).first()


def kept_for(member: Member) -> list[dict[str, Any]]:
    """Drafts of this person on tasks that they hold no longer and did not submit."""
    drafts = Draft.objects.filter(author_id=member.id).exclude(values={}, rejected=[])
    drafts = drafts.exclude(task__holder=member.id, task__state=TaskState.LEASED)
    drafts = drafts.exclude(task__in=Submission.objects.filter(author_id=member.id).values("task_id"))
    found = drafts.select_related("task__stage", "task__unit__item").order_by("-updated_at")[:10]
    return [_card(draft.task, member) | {"text": _fate(draft)} for draft in found]


def day_of(member: Member) -> dict[str, int]:
    """Submitted, accepted and returned since midnight."""
    since = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    ended = Task.objects.filter(holder=member.id, ended_at__gte=since, stage__kind=StageKind.LABEL)
    return {
        "submitted": Submission.objects.filter(author_id=member.id, at__gte=since).count(),
        "accepted": ended.filter(state=TaskState.ACCEPTED).count(),
        "returned": ended.filter(state=TaskState.RETURNED).count(),
    }


def _offer(member: Member, stage: Stage, rows: "QuerySet[Task]", ready: int, owners: dict[UUID, str]) -> Offer:
    task = rows.filter(stage=stage).select_related("unit").order_by("priority", "due_at", "id")[0]
    return Offer(
        project_id=stage.project_id,
        stage=stage.pk,
        title=stage.title,
        kind=stage.kind,
        project=stage.project.name,
        owner=owners.get(stage.org_id, ""),
        ready=ready,
        thumb=thumb_of(task.unit.item_id, member.context.org_slug),
        due="" if task.due_at == NEVER else _("Due %(day)s.") % {"day": date_format(task.due_at, "D j M")},
    )


def _owners(member: Member, ids: set[UUID]) -> dict[UUID, str]:
    others = ids - {member.context.org_id}
    return dict(Organization.objects.filter(pk__in=others).values_list("pk", "name")) if others else {}


def _card(task: Task, member: Member) -> dict[str, Any]:
    return {
        "id": task.pk,
        "project_id": task.project_id,
        "url": f"/o/{member.context.org_slug}/work/{task.pk}",
        "name": task.unit.item.name,
        "stage": task.stage.title,
        "thumb": thumb_of(task.unit.item_id, member.context.org_slug),
    }


def _left(task: Task) -> str:
    left = (task.lease_until or timezone.now()) - timezone.now()
    minutes = max(1, round(left / datetime.timedelta(minutes=1)))
    return f"{minutes}\u00a0min"


def _fate(draft: Draft) -> str:
    if draft.task.state in {TaskState.READY, TaskState.LEASED}:
        return _("Your time ended before you submitted. Your draft is here.")
    return _("Your time ended and the picture went on without you. Your draft is still here.")
