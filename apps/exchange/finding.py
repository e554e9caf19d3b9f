"""Exports by their project or format."""

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.search import Hit, Kind, allowed, register
from apps.core.tenancy import Context

from .models import Export, Format


def exports(context: Context, words: str, most: int) -> list[Hit]:
    """Newest first; the word export finds all."""
    rows = Export.objects.filter(allowed("export.see", context), project__deleted_at=None)
    if not "export".startswith(words.lower().removesuffix("s")):
        rows = rows.filter(Q(project__name__icontains=words) | Q(format__istartswith=words))
    return [
        Hit(
            _("%(format)s, %(when)s")
            % {"format": Format(one.format).label, "when": date_format(one.created_at, "j M H:i")},
            reverse("exchange:exports", kwargs={"org": context.org_slug, "project_id": one.project_id}),
            one.project.name,
        )
        for one in rows.select_related("project").order_by("-id")[:most]
    ]


def install() -> None:
    """Let them be found."""
    register(Kind("export", gettext_lazy("Exports"), "export", "export.see", exports, 8))
