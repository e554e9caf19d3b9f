"""What there is to export, and what was exported."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from apps.annotation.models import Annotation
from apps.core.tenancy import Context
from apps.distribution.models import Unit, UnitState
from apps.pipelines.models import UnitKind
from apps.projects.models import Item, Project
from apps.projects.selectors import row_for
from apps.recipes.models import Label

from .models import Export


def accepted_items(project_id: UUID, dataset_id: UUID | None = None) -> "QuerySet[Item]":
    """Items that were accepted as a whole, in any run; of one whose tiles or objects alone were, nothing is certain."""
    accepted = Unit.objects.filter(
        org_id=OuterRef("org_id"), item_id=OuterRef("pk"), kind=UnitKind.ITEM, state=UnitState.ACCEPTED
    )
    items = Item.objects.filter(Exists(accepted), project_id=project_id, deleted_at=None, dataset__deleted_at=None)
    return items.filter(dataset_id=dataset_id) if dataset_id else items


def accepted_count(project_id: UUID, dataset_id: UUID | None = None) -> int:
    """How many items an export would hold; for the progress of its job."""
    return accepted_items(project_id, dataset_id).count()


def accepted_page(
    project_id: UUID, dataset_id: UUID | None, after: UUID | None, limit: int
) -> list[tuple[Item, list[Annotation]]]:
    """The next items by id with their annotations by id: two queries whatever the number."""
    items = accepted_items(project_id, dataset_id).order_by("pk")
    page = list((items.filter(pk__gt=after) if after else items)[:limit])
    shapes: dict[UUID, list[Annotation]] = {item.pk: [] for item in page}
    for row in Annotation.objects.filter(project_id=project_id, item_id__in=list(shapes)).order_by("item_id", "pk"):
        shapes[row.item_id].append(row)
    return [(item, shapes[item.pk]) for item in page]


def labels_of(project_id: UUID) -> list[Label]:
    """All labels that the project's recipes ever had, oldest first."""
    return list(Label.objects.filter(project_id=project_id).order_by("pk"))


def export_for(context: Context, action: str, export_id: UUID) -> Export:
    """An export by the rules of `project_for`."""
    rows = Export.objects.select_related("job")
    export: Export = row_for(rows, context, action, export_id)
    return export


def exports_of(project: Project) -> "QuerySet[Any]":
    """A project's exports with their jobs."""
    return Export.objects.filter(org_id=project.org_id, project=project).select_related("job")
