"""Projects, datasets and pictures by name."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.search import Hit, Kind, allowed, beginnings, register
from apps.core.tenancy import Context

from .models import Dataset, Item
from .selectors import projects_seen

# Pictures are looked for in so many projects at most, the newest first.
PROJECTS = 200


def projects(context: Context, words: str) -> "list[QuerySet[Any]]":
    """A part of the name is enough."""
    rows = projects_seen().filter(allowed("project.see", context), name__icontains=words)
    return [rows.order_by("-id")]


def datasets(context: Context, words: str) -> "list[QuerySet[Any]]":
    """The same."""
    rows = Dataset.objects.filter(allowed("item.see", context), name__icontains=words, deleted_at=None)
    return [rows.filter(project__deleted_at=None).order_by("-id")]


def items(context: Context, words: str) -> "list[QuerySet[Any]]":
    """Whose name begins so, each range and owner read in the order of the index of names."""
    seen = projects_seen().filter(allowed("item.see", context)).order_by("-id").values_list("org_id", "pk")[:PROJECTS]
    places: dict[UUID, list[UUID]] = {}
    for org_id, project_id in seen:
        places.setdefault(org_id, []).append(project_id)
    kept = Item.objects.filter(deleted_at=None, dataset__deleted_at=None).order_by("project_id", "name")
    return [
        kept.filter(named, org_id=org_id, project_id__in=projects)
        for org_id, projects in places.items()
        for named in beginnings("name", words)
    ]


def install() -> None:
    """Let them be found."""
    named = {"id": "pk", "name": "name"}
    inside = named | {"project": "project_id", "place": "project__name"}
    about = named | {"about": "description"}
    register(Kind("project", _("Projects"), "fit", "project.see", 1, projects, about, _project))
    register(Kind("dataset", _("Datasets"), "dataset", "item.see", 2, datasets, inside, _dataset))
    register(Kind("item", _("Pictures"), "eye", "item.see", 3, items, inside, _item))


def _project(context: Context, found: dict[str, Any]) -> Hit:
    route = {"org": context.org_slug, "project_id": found["id"]}
    return Hit(found["name"], reverse("distribution:overview", kwargs=route), found["about"][:80])


def _dataset(context: Context, found: dict[str, Any]) -> Hit:
    route = {"org": context.org_slug, "project_id": found["project"], "dataset_id": found["id"]}
    return Hit(found["name"], reverse("catalog:dataset", kwargs=route), found["place"])


def _item(context: Context, found: dict[str, Any]) -> Hit:
    route = {"org": context.org_slug, "project_id": found["project"], "item_id": found["id"]}
    return Hit(found["name"], reverse("distribution:item", kwargs=route), found["place"])
