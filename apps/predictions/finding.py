"""Models by the name under which they serve a project."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.search import Hit, Kind, allowed, register
from apps.core.tenancy import Context

from .models import Deployment


def models(context: Context, words: str) -> "list[QuerySet[Any]]":
    """A part of the name is enough."""
    rows = Deployment.objects.filter(allowed("deployment.see", context), title__icontains=words)
    return [rows.filter(project__deleted_at=None).order_by("-id")]


def install() -> None:
    """Let them be found."""
    columns = {"title": "title", "n": "version", "project": "project_id", "place": "project__name"}
    register(Kind("model", gettext_lazy("Models"), "model", "deployment.see", 6, models, columns, _hit))


def _hit(context: Context, found: dict[str, Any]) -> Hit:
    title = _("%(model)s, version %(n)s") % {"model": found["title"], "n": found["n"]}
    route = {"org": context.org_slug, "project_id": found["project"]}
    return Hit(title, reverse("predictions:models", kwargs=route), found["place"])
