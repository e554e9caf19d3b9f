"""What one person did today, from the record of their work: handed on, skipped, and what became of it."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.accounts.selectors import Member
from apps.activity.models import ActivityEvent

from .models import Task, TaskState
from .overviews import thumb_of

KINDS = {"task.submitted": "submitted", "task.reviewed": "reviewed", "task.skipped": "skipped"}
# More than a day of fast work has: what came before them is not counted.
MOST_EVENTS = 1000
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Today:
    """`submitted` tasks and what stands of them now; `skipped` and `done` as lists, newest first."""

    submitted: int
    accepted: int
    returned: int
    reviewed: int
    skipped: list[dict[str, Any]]
    done: list[dict[str, Any]]


def today_of(member: Member, owners: Collection[UUID]) -> Today:
    """Since midnight, UTC. The same task counts once, as what was done with it last."""
    latest: dict[UUID, dict[str, Any]] = {}
    for event in _events(member, owners):
        latest.setdefault(event["task_id"], event)
    tasks = Task.objects.filter(pk__in=latest).values_list("pk", "state")
    states = dict(tasks)
    submitted = [task for task, event in latest.items() if event["kind"] == "task.submitted"]
    done = [event for event in latest.values() if event["kind"] != "task.skipped"]
    skipped = [event for event in latest.values() if event["kind"] == "task.skipped"]
    cards = _cards(member, [event["task_id"] for event in (*done[:SHOWN], *skipped[:SHOWN])])
    return Today(
        submitted=len(submitted),
        accepted=sum(states.get(task) == TaskState.ACCEPTED for task in submitted),
        returned=sum(states.get(task) == TaskState.RETURNED for task in submitted),
        reviewed=sum(event["kind"] == "task.reviewed" for event in latest.values()),
        skipped=[_row(event, cards) for event in skipped[:SHOWN] if event["task_id"] in cards],
        done=[_row(event, cards) for event in done[:SHOWN] if event["task_id"] in cards],
    )


def _events(member: Member, owners: Collection[UUID]) -> list[dict[str, Any]]:
    """Newest first. The owners are named, so that each person's own line of the record is read through its index."""
    since = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = ActivityEvent.objects.filter(
        org_id__in={member.context.org_id, *owners}, actor_id=member.id, at__gte=since, kind__in=KINDS
    )
    found = rows.exclude(task_id=None).order_by("-at", "-id")[:MOST_EVENTS]
    return list(found.values("task_id", "kind", "at", "payload"))


def _cards(member: Member, ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    tasks = Task.objects.filter(pk__in=ids).select_related("stage", "unit__item")
    return {
        task.pk: {
            "name": task.unit.item.name,
            "stage": task.stage.title,
            "thumb": thumb_of(task.unit.item_id, member.context.org_slug),
            "url": f"/o/{member.context.org_slug}/work/{task.pk}",
            "state": task.state,
            "label": str(TaskState(task.state).label),
        }
        for task in tasks
    }


def _row(event: dict[str, Any], cards: dict[UUID, dict[str, Any]]) -> dict[str, Any]:
    at: datetime.datetime = event["at"]
    return cards[event["task_id"]] | {"at": at, "kind": event["kind"], "reason": event["payload"].get("reason", "")}
