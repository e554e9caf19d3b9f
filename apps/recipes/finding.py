"""Labels by name."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.search import Hit, Kind, allowed, register
from apps.core.tenancy import Context

from .models import Label


def labels(context: Context, words: str) -> "list[QuerySet[Any]]":
    """A part of the name is enough."""
    rows = Label.objects.filter(allowed("recipe.see", context), name__icontains=words, project__deleted_at=None)
    return [rows.order_by("name", "id")]


def install() -> None:
    """Let them be found; they lead to their recipe."""
    columns = {"name": "name", "project": "project_id", "place": "project__name"}
    register(Kind("label", _("Labels"), "recipe", "recipe.see", 4, labels, columns, _hit))


def _hit(context: Context, found: dict[str, Any]) -> Hit:
    route = {"org": context.org_slug, "project_id": found["project"]}
    return Hit(found["name"], reverse("recipes:recipe", kwargs=route), found["place"])
