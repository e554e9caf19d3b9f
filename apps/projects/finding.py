"""Projects, datasets and pictures by name."""

from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.search import Hit, Kind, allowed, begins, register
from apps.core.tenancy import Context

from .models import Dataset, Item
from .selectors import projects_seen

# Pictures are looked for in so many projects at most, the newest first.
PROJECTS = 200


def projects(context: Context, words: str, most: int) -> list[Hit]:
    """A part of the name is enough."""
    rows = projects_seen().filter(allowed("project.see", context), name__icontains=words).order_by("-id")
    return [Hit(one.name, _overview(context, one.pk), one.description[:80]) for one in rows[:most]]


def datasets(context: Context, words: str, most: int) -> list[Hit]:
    """The same."""
    rows = Dataset.objects.filter(allowed("item.see", context), name__icontains=words, deleted_at=None)
    rows = rows.filter(project__deleted_at=None).select_related("project").order_by("-id")
    return [Hit(one.name, _dataset(context, one), one.project.name) for one in rows[:most]]


def items(context: Context, words: str, most: int) -> list[Hit]:
    """Whose name begins so."""
    rows = items_named(context, words).select_related("project")
    return sorted(
        (Hit(one.name, _item(context, one), one.project.name) for one in rows[:most]), key=lambda hit: hit.title
    )


def items_named(context: Context, words: str) -> "QuerySet[Item]":
    """In no order: with one, all that match would have to be read."""
    seen = projects_seen().filter(allowed("item.see", context)).order_by("-id").values_list("org_id", "pk")[:PROJECTS]
    places: dict[UUID, list[UUID]] = {}
    for org_id, project_id in seen:
        places.setdefault(org_id, []).append(project_id)
    if not places:
        return Item.objects.none()
    inside = reduce(or_, (Q(org_id=org_id, project_id__in=projects) for org_id, projects in places.items()))
    return Item.objects.filter(inside, begins("name", words), deleted_at=None, dataset__deleted_at=None)


def install() -> None:
    """Let them be found."""
    register(Kind("project", _("Projects"), "fit", "project.see", projects, 1))
    register(Kind("dataset", _("Datasets"), "dataset", "item.see", datasets, 2))
    register(Kind("item", _("Pictures"), "eye", "item.see", items, 3))


def _overview(context: Context, project_id: object) -> str:
    return reverse("distribution:overview", kwargs={"org": context.org_slug, "project_id": project_id})


def _dataset(context: Context, dataset: Dataset) -> str:
    route = {"org": context.org_slug, "project_id": dataset.project_id, "dataset_id": dataset.pk}
    return reverse("catalog:dataset", kwargs=route)


def _item(context: Context, item: Item) -> str:
    route = {"org": context.org_slug, "project_id": item.project_id, "item_id": item.pk}
    return reverse("distribution:item", kwargs=route)
