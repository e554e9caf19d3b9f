"""What somebody set going and that came to an end: told to who did."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.core.tenancy import active_tenant
from apps.discussion.models import NotificationKind
from apps.jobs.models import Job

from .notices import Notice, notify


def tell_asker(job: Job, kind: NotificationKind, *, about: str, page: str, **route: Any) -> None:
    """In the transaction of the job's owner; jobs that nobody asked for are told to nobody."""
    if job.created_by is None:
        return
    notice = Notice(
        kind=kind,
        org_id=job.org_id,
        project_id=job.project_id,
        worker_org_id=job.worker_org_id,
        about=about,
        text=job.error_message,
        page=page,
        route={"project_id": job.project_id, **route} if job.project_id else route,
    )
    notify(notice, [(job.created_by, job.worker_org_id or job.org_id)])


def tell_upload_failed(*, job_id: UUID) -> None:
    """Called in the owner's context."""
    job = Job.objects.filter(pk=job_id).first()
    if job is not None:
        tell_asker(job, NotificationKind.FAILED, about=_("An upload"), page="projects:datasets")


def tell_joined(*, invited_by: UUID, name: str) -> None:
    """Called in the organization's own context."""
    org_id = active_tenant().org_id
    notice = Notice(kind=NotificationKind.JOINED, org_id=org_id, about=name, page="accounts:members")
    notify(notice, [(invited_by, org_id)])
