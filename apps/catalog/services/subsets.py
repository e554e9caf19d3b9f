"""Make, rename and delete named sets of items."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from apps.activity.services import record_audit
from apps.catalog.models import Subset, SubsetItem
from apps.core.errors import Invalid, NotFound
from apps.core.tenancy import active_tenant
from apps.core.text import clean_name
from apps.projects.models import Project


class SubsetNameTaken(Invalid):
    code = "name_taken"
    message = "Another subset of this project has this name."


@transaction.atomic
def create_subset(*, project: Project, name: str) -> Subset:
    """An empty set. Raises InvalidName, SubsetNameTaken."""
    Project.objects.select_for_update().get(pk=project.pk)
    subset = Subset(org_id=project.org_id, project=project, created_by=active_tenant().user_id)
    subset.name = _free_name(subset, name)
    subset.save(force_insert=True)
    record_audit("subset.create", subset, after=subset.name)
    return subset


@transaction.atomic
def rename_subset(*, subset: Subset, name: str) -> Subset:
    """Another name for the same items. Raises NotFound, InvalidName, SubsetNameTaken."""
    Project.objects.select_for_update().get(pk=subset.project_id)
    held: Subset | None = Subset.objects.select_for_update().filter(pk=subset.pk).first()
    if held is None:
        raise NotFound
    before, held.name = held.name, _free_name(held, name)
    held.save(update_fields=["name"])
    record_audit("subset.edit", held, before=before, after=held.name)
    return held


@transaction.atomic
def delete_subset(*, subset: Subset) -> None:
    """The items stay; only the set is gone."""
    record_audit("subset.delete", subset, before=subset.name)
    SubsetItem.objects.filter(subset=subset).delete()
    subset.delete()


def _free_name(subset: Subset, name: str) -> str:
    name = clean_name(name)
    others = Subset.objects.filter(project_id=subset.project_id, name=name).exclude(pk=subset.pk)
    if others.exists():
        raise SubsetNameTaken(field="name")
    return name


def keep_in_subset(*, project: Project, name: str, items: Sequence[UUID]) -> Subset:
    """Put items into the subset of this name, which is made where there is none; those in it stay."""
    subset: Subset = Subset.objects.get_or_create(
        org_id=project.org_id, project=project, name=name, defaults={"created_by": active_tenant().user_id}
    )[0]
    rows = [SubsetItem(org_id=project.org_id, project=project, subset=subset, item_id=item) for item in items]
    SubsetItem.objects.bulk_create(rows, ignore_conflicts=True)
    return subset
