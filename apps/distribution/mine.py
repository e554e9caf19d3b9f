"""What waits for one person alone: given, put off, laid before a manager; and what they lack a skill for."""

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.accounts.selectors import Member
from apps.projects.models import Project

from .models import NEVER, Task, TaskState
from .queues import card_of, kinds_for
from .selectors.skills import Lacking, lacking_of

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Mine:
    """Lists of cards; those of `given` and `put_off` can be taken."""

    given: list[dict[str, Any]]
    put_off: list[dict[str, Any]]
    with_manager: list[dict[str, Any]]
    lacking: list[Lacking]


def mine_of(member: Member) -> Mine:
    """By one statement for what is kept for the person and one for what others decide about."""
    owners = {member.context.org_id, *_owners(member)}
    tasks = Task.objects.filter(org_id__in=owners, project__deleted_at=None).select_related("stage", "unit__item")
    kept = tasks.filter(preferred_person=member.id, state=TaskState.READY)
    kept = kept.filter(Q(postponed=True) | Q(assigned_by__isnull=False)).order_by("priority", "due_at", "slot", "pk")
    cards = [(task, _card(task, member)) for task in kept[: 2 * SHOWN]]
    laid = tasks.filter(holder=member.id, state=TaskState.SKIPPED).order_by("-pk")[:SHOWN]
    kinds = kinds_for(member)
    return Mine(
        given=[card for task, card in cards if not task.postponed][:SHOWN],
        put_off=[card for task, card in cards if task.postponed][:SHOWN],
        with_manager=[_card(task, member) for task in laid],
        lacking=lacking_of(member, kinds) if kinds else [],
    )


def _owners(member: Member) -> set[UUID]:
    if not member.context.projects:
        return set()
    return set(Project.objects.filter(pk__in=member.context.projects).values_list("org_id", flat=True))


def _card(task: Task, member: Member) -> dict[str, Any]:
    until: datetime.datetime | None = task.preferred_until if task.preferred_until < NEVER else None
    due = task.due_at if task.due_at < NEVER else None
    return card_of(task, member) | {"reason": task.skip_reason, "until": until, "due": due}
