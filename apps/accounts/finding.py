"""People of the own organization."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.roles import Role
from apps.core.search import Hit, Kind, register
from apps.core.tenancy import Context

from .selectors import live_memberships


def people(context: Context, words: str, most: int) -> list[Hit]:
    """By a part of the name, or the beginning of the address."""
    rows = live_memberships().filter(Q(user__name__icontains=words) | Q(user__email__istartswith=words))
    members = reverse("accounts:members", kwargs={"org": context.org_slug})
    return [
        Hit(one.user.name, members, f"{Role(one.role).label} · {one.user.email}")
        for one in rows.order_by("user__name", "id")[:most]
    ]


def install() -> None:
    """Let them be found."""
    register(Kind("person", _("People"), "people", "member.list", people, 7))
