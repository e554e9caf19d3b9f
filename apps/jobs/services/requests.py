"""Ask for work that no request waits for: a job and its outbox row, in the caller's transaction."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.core.errors import TransitionRefused
from apps.core.tenancy import active_tenant
from apps.jobs.models import UNFINISHED, Job, Outbox
from apps.jobs.plain import digest_of, plain

TRIES = 3


@transaction.atomic
def request(
    *,
    kind: str,
    input: dict[str, Any],  # noqa: A002 - the name of the column and of the design
    project_id: UUID | None = None,
    org_id: UUID | None = None,
    total: int | None = None,
    max_attempts: int = 3,
) -> Job:
    """Queue a job of the owner `org_id` (the acting organization unless a project's), or join the same unfinished one.

    Somebody who acts for an engaged vendor must name the project. Answer 202 with the job.
    """
    context = active_tenant()
    now, values = timezone.now(), plain(input)
    wanted = Job(
        org_id=org_id or context.org_id,
        project_id=project_id,
        worker_org_id=context.org_id,
        kind=kind,
        input=values,
        input_hash=digest_of(values, context.org_id),
        total=total,
        max_attempts=max_attempts,
        queued_at=now,
        created_at=now,
        created_by=context.user_id,
    )
    job = _insert_or_join(wanted)
    if job.pk == wanted.pk:
        Outbox.objects.create(org_id=job.org_id, project_id=project_id, job_id=job.pk, created_at=now)
    return job


def _insert_or_join(wanted: Job) -> Job:
    same = {"org_id": wanted.org_id, "kind": wanted.kind, "input_hash": wanted.input_hash}
    for _ in range(TRIES):
        Job.objects.bulk_create([wanted], ignore_conflicts=True)
        found: Job | None = Job.objects.filter(**same, state__in=UNFINISHED).first()
        if found:
            return found
        # The one that was in our way has just ended.
    raise TransitionRefused("The same work has just ended, again and again. Look at its result.")
