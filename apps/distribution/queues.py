"""What one person can do now: ready stages, what they hold, what came back to them, drafts that were kept."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.models import Organization
from apps.accounts.selectors import Member
from apps.core.access import gate
from apps.core.roles import Role
from apps.pipelines.models import Stage, StageKind
from apps.projects.models import Project

from .models import NEVER, Draft, PipelineRun, RunState, SkillGrant, Submission, Task, TaskKind, TaskState
from .overviews import thumb_of

# Counted so far and no further: a page says "1,000+" then.
MOST_COUNTED = 1000
# Stages that are looked at for work, the newest first; drafts that are looked at for work that was kept.
MOST_STAGES, MOST_DRAFTS = 24, 300
AT_WORK = (RunState.FILLING, RunState.RUNNING, RunState.DRAINING)


class Rows(Subquery):
    """How many rows a subquery has, which itself says where it stops."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS found)"
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class Offer:
    """A stage with tasks that the person may claim; `shown` is `ready` in words."""

    project_id: UUID
    stage: UUID
    title: str
    kind: str
    project: str
    owner: str
    ready: int
    shown: str
    thumb: str
    due: str


def offers_for(member: Member, owners: Mapping[UUID, str], kind: str = "") -> list[Offer]:
    """Stages with claimable tasks: for reviewers their verdicts first, then where most waits. `owners`: by name."""
    inside = {"org_id": OuterRef("org_id"), "project_id": OuterRef("project_id"), "stage_id": OuterRef("pk")}
    ready = _ready_for(member).filter(**inside)
    # The order of the index, which is the claim's.
    foremost = ready.order_by("priority", "due_at", "slot", "id")[:1]
    runs = PipelineRun.objects.filter(state__in=AT_WORK).values("pipeline_version_id")
    stages = Stage.objects.filter(
        Exists(ready), kind__in=kinds_for(member, kind), project__deleted_at=None, pipeline_version__in=runs
    )
    found = stages.select_related("project").annotate(
        ready=Rows(ready.values("pk")[: MOST_COUNTED + 1]),
        item=Subquery(foremost.values("unit__item_id")),
        due=Subquery(foremost.values("due_at")),
    )
    offered = list(found.order_by("-pk")[:MOST_STAGES])
    first = StageKind.REVIEW if member.role == Role.REVIEWER else StageKind.LABEL
    offers = [_offer(member, stage, owners) for stage in offered]
    return sorted(offers, key=lambda offer: (offer.kind != first, -offer.ready))


def owners_of(member: Member) -> dict[UUID, str]:
    """The names of the other organizations for whose projects the person works."""
    if not member.context.projects:
        return {}
    shared = Project.objects.filter(pk__in=member.context.projects).values("org_id")
    others = Organization.objects.filter(pk__in=shared).exclude(pk=member.context.org_id)
    return dict(others.values_list("pk", "name"))


def counted(number: int) -> str:
    """A number that was counted no further than one past `MOST_COUNTED`."""
    return f"{MOST_COUNTED:,}+" if number > MOST_COUNTED else f"{number:,}"


def claimable(member: Member) -> "QuerySet[Task]":
    """Ready tasks that a claim by this person may get. Shown as a number only: the claim itself decides in SQL."""
    return _ready_for(member).filter(stage__kind__in=kinds_for(member), project__deleted_at=None)


def kinds_for(member: Member, kind: str = "") -> list[str]:
    """The kinds of stages whose tasks the role takes, or the one that is asked for."""
    actions = {StageKind.LABEL: "task.work", StageKind.REVIEW: "review.decide"}
    return [str(one) for one, action in actions.items() if gate.admits(action, member.context) and kind in {"", one}]


def _ready_for(member: Member) -> "QuerySet[Task]":
    unreserved = Q(preferred_person=None) | Q(preferred_person=member.id) | Q(preferred_until__lt=Now())
    skills = SkillGrant.objects.filter(user_id=member.id).values("skill")
    able = Q(required_skill=None) | Q(required_skill__in=skills)
    ready = Task.objects.filter(unreserved, able, kind=TaskKind.HUMAN, state=TaskState.READY)
    by_hand = Stage.objects.filter(settings__hand_out="push").values("pk")
    ready = ready.filter(Q(preferred_person=member.id) | ~Q(stage__in=by_hand))
    ready = ready.filter(pipeline_run__state__in=AT_WORK)
    return ready.exclude(skipped_by__contains=[member.id]).exclude(reviews__holder=member.id)


def held_by(member: Member, kind: str = "", project: Project | None = None) -> list[dict[str, Any]]:
    """Tasks that the person holds now, the one that ends first above."""
    tasks = Task.objects.filter(holder=member.id, state=TaskState.LEASED, lease_until__gt=Now())
    if kind:
        tasks = tasks.filter(stage__kind=kind)
    if project:
        tasks = tasks.filter(project=project)
    found = tasks.select_related("stage", "unit__item").order_by("lease_until")[:20]
    return [card_of(task, member) | {"left": _left(task)} for task in found]


def returned_to(member: Member) -> list[dict[str, Any]]:
    """What review sent back to this person and waits for them."""
    tasks = claimable(member).filter(preferred_person=member.id, round__gt=1)
    found = tasks.select_related("stage", "unit__item").order_by("-created_at")[:20]
    return [card_of(task, member) | {"comment": task.note, "at": task.created_at} for task in found]


def held_first(member: Member, project_id: UUID, stage_id: UUID | None) -> UUID | None:
    """The task of a stage (or project) that the person holds already and that ends first, if any."""
    tasks = Task.objects.filter(holder=member.id, project_id=project_id, state=TaskState.LEASED, lease_until__gt=Now())
    if stage_id:
        tasks = tasks.filter(stage_id=stage_id)
    return tasks.order_by("lease_until").values_list("pk", flat=True).first()


def kept_for(member: Member) -> list[dict[str, Any]]:
    """Drafts of this person on tasks that they hold no longer and did not submit."""
    newest = Draft.objects.filter(author_id=member.id).order_by("-updated_at").values("pk")[:MOST_DRAFTS]
    drafts = Draft.objects.filter(pk__in=newest).exclude(values={}, rejected=[])
    drafts = drafts.exclude(task__holder=member.id, task__state=TaskState.LEASED)
    drafts = drafts.exclude(task__in=Submission.objects.filter(author_id=member.id).values("task_id"))
    found = drafts.select_related("task__stage", "task__unit__item").order_by("-updated_at")[:10]
    return [card_of(draft.task, member) | {"text": _fate(draft)} for draft in found]


def _offer(member: Member, stage: Any, owners: Mapping[UUID, str]) -> Offer:
    due = stage.due
    return Offer(
        project_id=stage.project_id,
        stage=stage.pk,
        title=stage.title,
        kind=stage.kind,
        project=stage.project.name,
        owner=owners.get(stage.org_id, ""),
        ready=stage.ready,
        shown=counted(stage.ready),
        thumb=thumb_of(stage.item, member.context.org_slug) if stage.item else "",
        due="" if due is None or due >= NEVER else _("Due %(day)s.") % {"day": date_format(due, "D j M")},
    )


def card_of(task: Task, member: Member) -> dict[str, Any]:
    """A task as lists show it."""
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
