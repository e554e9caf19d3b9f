"""People of the own organization."""

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.roles import Role
from apps.core.search import Hit, Kind, register
from apps.core.tenancy import Context

from .selectors import live_memberships


def people(context: Context, words: str) -> "list[QuerySet[Any]]":
    """By a part of the name, or the beginning of the address."""
    rows = live_memberships().filter(Q(user__name__icontains=words) | Q(user__email__istartswith=words))
    return [rows.order_by("user__name", "id")]


def install() -> None:
    """Let them be found."""
    columns = {"name": "user__name", "email": "user__email", "role": "role"}
    register(Kind("person", _("People"), "people", "member.list", 7, people, columns, _hit))


def _hit(context: Context, found: dict[str, Any]) -> Hit:
    members = reverse("accounts:members", kwargs={"org": context.org_slug})
    return Hit(found["name"], members, f"{Role(found['role']).label} · {found['email']}")
