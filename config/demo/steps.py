"""What both of the demo's projects are made with, through the services that people use."""

from collections.abc import Mapping
from time import sleep
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from apps.accounts.selectors import Member
from apps.core.tenancy import tenant_tx
from apps.jobs.models import UNFINISHED, Job
from apps.jobs.services.reaping import reap
from apps.jobs.work import work_off
from apps.projects.models import Dataset, Project
from apps.projects.services import create_dataset, receive_upload

PAUSE = 0.2  # seconds


def receive(member: Member, project: Project, *, name: str, files: Mapping[str, bytes]) -> Dataset:
    """A dataset with these files as its upload."""
    with tenant_tx(member.context):
        dataset = create_dataset(project=project, name=name)
        received = [UploadedFile(ContentFile(content), name=file, size=len(content)) for file, content in files.items()]
        receive_upload(dataset=dataset, received=received)
    return dataset


def known_dataset(member: Member, project: Project, name: str) -> Dataset | None:
    """One that an earlier start has made."""
    with tenant_tx(member.context):
        found: Dataset | None = Dataset.objects.filter(project=project, name=name).first()
    return found


def work_through(member: Member, project: Project) -> None:
    """The project's jobs here and now: a run can only be made over pictures that are there."""
    while waiting := _unfinished(member, project):
        for job_id in waiting:
            work_off(job_id)
        reap()  # a start that was broken off holds its job until its heart has stood still for long enough
        sleep(PAUSE)


def _unfinished(member: Member, project: Project) -> list[UUID]:
    with tenant_tx(member.context):
        return list(Job.objects.filter(project_id=project.pk, state__in=UNFINISHED).values_list("pk", flat=True))
