"""Exports by their project or format."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.search import Hit, Kind, allowed, register
from apps.core.tenancy import Context

from .models import Export, Format


def exports(context: Context, words: str) -> "list[QuerySet[Any]]":
    """Newest first; the word export finds all."""
    rows = Export.objects.filter(allowed("export.see", context), project__deleted_at=None)
    if not "export".startswith(words.lower().removesuffix("s")):
        rows = rows.filter(Q(project__name__icontains=words) | Q(format__istartswith=words))
    return [rows.order_by("-id")]


def install() -> None:
    """Let them be found."""
    columns = {"format": "format", "at": "created_at", "project": "project_id", "place": "project__name"}
    register(Kind("export", gettext_lazy("Exports"), "export", "export.see", 8, exports, columns, _hit))


def _hit(context: Context, found: dict[str, Any]) -> Hit:
    when = date_format(localtime(datetime.fromisoformat(found["at"])), "j M H:i")
    title = _("%(format)s, %(when)s") % {"format": Format(found["format"]).label, "when": when}
    route = {"org": context.org_slug, "project_id": found["project"]}
    return Hit(title, reverse("exchange:exports", kwargs=route), found["place"])
