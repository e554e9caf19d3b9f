"""Record what happened, in the transaction in which it happens."""

import hashlib
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, models, transaction
from django.utils import timezone

from apps.core import request_id
from apps.core.tenancy import active_tenant

from . import hints
from .models import ActivityEvent, AuditEvent


def record_audit(verb: str, row: Any, *, before: Any = None, after: Any = None, **details: Any) -> None:
    """One audit row for one mutation: `verb` like "project.create", `row` the object, digests of its states."""
    context = active_tenant()
    AuditEvent.objects.create(
        org_id=row.org_id,
        worker_org_id=context.org_id,
        project_id=_project_of(row),
        actor_id=context.user_id,
        verb=verb,
        object_type=row._meta.model_name,
        object_id=row.pk,
        before=_digest(before),
        after=_digest(after),
        details=details,
        request_id=request_id.current.get(),
        at=timezone.now(),
    )


def record_activity(
    kind: str,
    row: Any,
    *,
    stage_id: UUID | None = None,
    task_id: UUID | None = None,
    unit_id: UUID | None = None,
    **payload: Any,
) -> None:
    """One measurement: `kind` like "export.finished", of a project's row."""
    context = active_tenant()
    ActivityEvent.objects.create(
        org_id=row.org_id,
        worker_org_id=context.org_id,
        project_id=_project_of(row),
        stage_id=stage_id,
        task_id=task_id,
        unit_id=unit_id,
        actor_id=context.user_id,
        kind=kind,
        at=timezone.now(),
        payload=payload,
    )


def publish(
    topic: str, frame: dict[str, Any], *, org_id: UUID, project_id: UUID | None, worker_org_id: UUID | None = None
) -> int:
    """Append a frame to a topic's feed and, after commit, hint to its subscribers; gives the frame's number.

    Topics are `item:{id}`, `task:{id}`, `job:{id}` and `thread:{id}`. The writer holds the topic's head until it
    commits.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT app.feed(%s, %s, %s, %s, %s)",
            [org_id, project_id, worker_org_id, topic, msgspec.json.encode(frame).decode()],
        )
        seq: int = cursor.fetchone()[0]
    transaction.on_commit(lambda: hints.send(topic, seq), robust=True)
    return seq


def _project_of(row: Any) -> UUID | None:
    if isinstance(row, models.Model) and row._meta.model_name == "project":
        return row.pk  # type: ignore[no-any-return]
    return getattr(row, "project_id", None)


def _digest(state: Any) -> bytes | None:
    if state is None:
        return None
    return hashlib.sha256(msgspec.json.encode(state, order="sorted")).digest()
