"""Models by the name under which they serve a project."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.search import Hit, Kind, allowed, register
from apps.core.tenancy import Context

from .models import Deployment


def models(context: Context, words: str, most: int) -> list[Hit]:
    """A part of the name is enough."""
    rows = Deployment.objects.filter(allowed("deployment.see", context), title__icontains=words)
    return [
        Hit(
            _("%(model)s, version %(n)s") % {"model": one.title, "n": one.version},
            reverse("predictions:models", kwargs={"org": context.org_slug, "project_id": one.project_id}),
            one.project.name,
        )
        for one in rows.filter(project__deleted_at=None).select_related("project").order_by("-id")[:most]
    ]


def install() -> None:
    """Let them be found."""
    register(Kind("model", gettext_lazy("Models"), "model", "deployment.see", models, 6))
