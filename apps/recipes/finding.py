"""Labels by name."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.search import Hit, Kind, allowed, register
from apps.core.tenancy import Context

from .models import Label


def labels(context: Context, words: str, most: int) -> list[Hit]:
    """A part of the name is enough; they lead to their recipe."""
    rows = Label.objects.filter(allowed("recipe.see", context), name__icontains=words, project__deleted_at=None)
    return [
        Hit(
            label.name,
            reverse("recipes:recipe", kwargs={"org": context.org_slug, "project_id": label.project_id}),
            label.project.name,
        )
        for label in rows.select_related("project").order_by("name", "id")[:most]
    ]


def install() -> None:
    """Let them be found."""
    register(Kind("label", _("Labels"), "recipe", "recipe.see", labels, 4))
