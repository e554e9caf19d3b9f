"""Make, rename and delete datasets."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.activity.services import record_audit
from apps.core.errors import Invalid, NotFound
from apps.core.etags import etag_of, require_current
from apps.core.text import clean_name
from apps.jobs.topics import publish
from apps.projects import selectors
from apps.projects.models import Dataset, Project

from .projects import locked_project


class DatasetNameTaken(Invalid):
    code = "name_taken"
    message = "Another dataset of this project has this name."


@transaction.atomic
def create_dataset(*, project: Project, name: str) -> Dataset:
    """An empty dataset. Raises InvalidName, DatasetNameTaken."""
    project = locked_project(project.pk)
    dataset = Dataset(org_id=project.org_id, project=project, name=_free_name(project, name))
    dataset.save(force_insert=True)
    record_audit("dataset.create", dataset, after=selectors.dataset_state(dataset))
    return dataset


@transaction.atomic
def edit_dataset(*, dataset: Dataset, seen: str | None, name: str) -> Dataset:
    """Rename. `seen` is the ETag that the editor read; raises PreconditionFailed when it is stale."""
    project = locked_project(dataset.project_id)
    dataset = _locked(dataset.pk)
    before = selectors.dataset_state(dataset)
    require_current(seen, etag_of(before))
    dataset.name = _free_name(project, name, except_for=dataset)
    dataset.save(update_fields=["name"])
    record_audit("dataset.edit", dataset, before=before, after=selectors.dataset_state(dataset))
    return dataset


@transaction.atomic
def delete_dataset(*, dataset: Dataset) -> None:
    """Hide a dataset with its items; a later purge removes them."""
    dataset = _locked(dataset.pk)
    dataset.deleted_at = timezone.now()
    dataset.save(update_fields=["deleted_at"])
    news = {"dataset": dataset.pk, "project": dataset.project_id}
    publish("dataset.deleted", news, dataset.org_id, dataset.project_id)
    record_audit("dataset.delete", dataset, before=selectors.dataset_state(dataset))


def _locked(dataset_id: UUID) -> Dataset:
    dataset: Dataset | None = Dataset.objects.select_for_update().filter(pk=dataset_id, deleted_at=None).first()
    if dataset is None:
        raise NotFound
    return dataset


def _free_name(project: Project, name: str, except_for: Dataset | None = None) -> str:
    # The caller holds the project's row, so no other request can take the name between this look and the write.
    name = clean_name(name)
    taken = selectors.datasets_of(project).filter(name=name)
    if except_for is not None:
        taken = taken.exclude(pk=except_for.pk)
    if taken.exists():
        raise DatasetNameTaken(field="name")
    return name
