"""What waits for one person alone: given, put off, laid before a manager; and what they lack a skill for."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.accounts.selectors import Member

from .models import NEVER, Task, TaskState
from .queues import card_of, kinds_for
from .selectors.skills import Lacking, lacking_of

SHOWN = 20
FOREMOST = ("priority", "due_at", "slot", "pk")


@dataclass(frozen=True, slots=True)
class Mine:
    """Lists of cards; those of `given` and `put_off` can be taken."""

    given: list[dict[str, Any]]
    put_off: list[dict[str, Any]]
    with_manager: list[dict[str, Any]]
    lacking: list[Lacking]


def mine_of(member: Member, owners: Collection[UUID]) -> Mine:
    """By one statement for the tasks and one for the skills; `owners` are those for whom the person works."""
    tasks = Task.objects.filter(org_id__in={member.context.org_id, *owners}, project__deleted_at=None)
    kept = tasks.filter(preferred_person=member.id, state=TaskState.READY)
    kept = kept.filter(Q(postponed=True) | Q(assigned_by__isnull=False)).order_by(*FOREMOST)
    laid = tasks.filter(holder=member.id, state=TaskState.SKIPPED).order_by("-pk")
    either = kept.values("pk")[: 2 * SHOWN].union(laid.values("pk")[:SHOWN], all=True)
    found = sorted(Task.objects.filter(pk__in=either).select_related("stage", "unit__item"), key=attrgetter(*FOREMOST))
    cards = [(task, _card(task, member)) for task in found if task.state == TaskState.READY]
    asked = sorted((task for task in found if task.state == TaskState.SKIPPED), key=attrgetter("pk"), reverse=True)
    kinds = kinds_for(member)
    return Mine(
        given=[card for task, card in cards if not task.postponed][:SHOWN],
        put_off=[card for task, card in cards if task.postponed][:SHOWN],
        with_manager=[_card(task, member) for task in asked],
        lacking=lacking_of(member, kinds) if kinds else [],
    )


def _card(task: Task, member: Member) -> dict[str, Any]:
    until: datetime.datetime | None = task.preferred_until if task.preferred_until < NEVER else None
    due = task.due_at if task.due_at < NEVER else None
    return card_of(task, member) | {"reason": task.skip_reason, "until": until, "due": due}
