"""Projects, datasets and pictures by name."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.search import Hit, Kind, allowed, beginnings, register
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
    found = items_named(context, words, most, "pk", "project_id", "name", "project__name")
    hits = [Hit(name, _item(context, project, item), place) for item, project, name, place in found]
    return sorted(hits, key=lambda hit: hit.title)


def items_named(context: Context, words: str, most: int, *columns: str) -> list[tuple[Any, ...]]:
    """So many pictures at most whose name begins so, each range and owner read in the order of the index of names."""
    seen = projects_seen().filter(allowed("item.see", context)).order_by("-id").values_list("org_id", "pk")[:PROJECTS]
    places: dict[UUID, list[UUID]] = {}
    for org_id, project_id in seen:
        places.setdefault(org_id, []).append(project_id)
    kept = Item.objects.filter(deleted_at=None, dataset__deleted_at=None).order_by("project_id", "name")
    ranges = [
        kept.filter(named, org_id=org_id, project_id__in=projects).values_list(*columns)[:most]
        for org_id, projects in places.items()
        for named in beginnings("name", words)
    ]
    return list(ranges[0].union(*ranges[1:], all=True)[:most]) if ranges else []


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


def _item(context: Context, project_id: UUID, item_id: UUID) -> str:
    route = {"org": context.org_slug, "project_id": project_id, "item_id": item_id}
    return reverse("distribution:item", kwargs=route)
