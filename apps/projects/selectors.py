"""Projects, datasets and items as the acting organization sees them."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from apps.core.access import gate
from apps.core.errors import NotFound
from apps.core.tenancy import Context

from .models import Dataset, EntryState, Item, Project, Upload, UploadEntry


def projects_seen() -> "QuerySet[Project]":
    """The acting organization's projects and those shared with it."""
    return Project.objects.filter(deleted_at=None)


def project_for(context: Context, action: str, project_id: UUID) -> Project:
    """A project that the role may do `action` to. Raises NotFound when unseen, NotAllowed when seen but not allowed."""
    project: Project | None = projects_seen().filter(pk=project_id).first()
    if project is None:
        raise NotFound
    gate.require(action, context, project.org_id)
    return project


def row_for(rows: "QuerySet[Any]", context: Context, action: str, row_id: UUID) -> Any:
    """The same for a row of a project: hidden with its project. `rows` come from a tenant manager."""
    row = rows.filter(pk=row_id, project__deleted_at=None).first()
    if row is None:
        raise NotFound
    gate.require(action, context, row.org_id)
    return row


def dataset_for(context: Context, action: str, dataset_id: UUID) -> Dataset:
    """A dataset by the rules of `project_for`."""
    row: Dataset = row_for(Dataset.objects.filter(deleted_at=None), context, action, dataset_id)
    return row


def item_for(context: Context, action: str, item_id: UUID) -> Item:
    """An item by the rules of `project_for`; hidden with its dataset."""
    rows = Item.objects.filter(deleted_at=None, dataset__deleted_at=None).select_related("project", "dataset")
    row: Item = row_for(rows, context, action, item_id)
    return row


def item_for_job(item_id: UUID) -> Item:
    """An item, for a job that acts for its owner. Raises NotFound when it is gone."""
    row: Item | None = Item.objects.filter(pk=item_id, deleted_at=None).first()
    if row is None:
        raise NotFound
    return row


def upload_for(context: Context, action: str, upload_id: UUID) -> Upload:
    """An upload by the rules of `project_for`."""
    row: Upload = row_for(Upload.objects.all(), context, action, upload_id)
    return row


def datasets_of(project: Project) -> "QuerySet[Dataset]":
    """A project's datasets."""
    return Dataset.objects.filter(org_id=project.org_id, project=project, deleted_at=None)


def main_dataset_of(project: Project) -> Dataset | None:
    """The dataset that its pages open first: the oldest that holds anything, else the oldest."""
    items = Item.objects.filter(dataset_id=OuterRef("pk"), deleted_at=None)
    dataset: Dataset | None = datasets_of(project).order_by(Exists(items).desc(), "created_at").first()
    return dataset


def items_of(dataset: Dataset) -> "QuerySet[Item]":
    """A dataset's items."""
    return Item.objects.filter(org_id=dataset.org_id, dataset=dataset, deleted_at=None)


def entries_of(upload: Upload) -> "QuerySet[UploadEntry]":
    """What became of an upload's files, in the order in which they came."""
    return UploadEntry.objects.filter(org_id=upload.org_id, upload=upload)


def refused_in(uploads: Any) -> list[dict[str, str]]:
    """What of uploads, by their keys, did not become a picture, and why; the first hundred."""
    entries = UploadEntry.objects.filter(upload_id__in=uploads, state=EntryState.REFUSED).order_by("number")[:100]
    return [{"name": entry.name, "message": entry.error_message} for entry in entries]


def project_state(project: Project) -> dict[str, Any]:
    """What people edit of a project: the base of its ETag and of audit digests."""
    return {"id": str(project.pk), "name": project.name, "description": project.description}


def dataset_state(dataset: Dataset) -> dict[str, Any]:
    """What people edit of a dataset."""
    return {"id": str(dataset.pk), "name": dataset.name}


def item_state(item: Item) -> dict[str, Any]:
    """What people edit of an item."""
    return {
        "id": str(item.pk),
        "name": item.name,
        "metadata": item.metadata,
        "group_id": str(item.group_id) if item.group_id else None,
        "position": item.position,
    }
