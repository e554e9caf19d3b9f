"""Custom roles, teams and the organization itself as its own people see them."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import OuterRef, QuerySet, Subquery

from apps.core.errors import NotFound
from apps.core.roles import Role
from apps.core.tenancy import active_tenant

from .models import CustomRole, Organization, Team, TeamMember


def custom_role_for(role_id: UUID) -> CustomRole:
    """One of the acting organization's. Raises NotFound."""
    row: CustomRole | None = CustomRole.objects.filter(pk=role_id).first()
    if row is None:
        raise NotFound
    return row


def teams() -> "QuerySet[Team]":
    """The acting organization's, each with the memberships of its people as `member_ids`, by one statement."""
    rows = TeamMember.objects.filter(team=OuterRef("pk")).order_by().values("team")
    ids = Subquery(rows.annotate(ids=ArrayAgg("membership_id")).values("ids"))
    found: QuerySet[Team] = Team.objects.annotate(member_ids=ids)
    return found


def team_for(team_id: UUID) -> Team:
    """One of them. Raises NotFound."""
    row: Team | None = teams().filter(pk=team_id).first()
    if row is None:
        raise NotFound
    return row


def members_of(team_id: UUID) -> "QuerySet[Any]":
    """The memberships of a team's people; of an unknown team none."""
    return TeamMember.objects.filter(team_id=team_id).values("membership_id")


def own_organization() -> Organization:
    """The acting one."""
    return Organization.objects.get(pk=active_tenant().org_id)


def given_role(value: str) -> dict[str, Any]:
    """What a page's choice of a role means to the services: one of the six, or a custom one by its id."""
    try:
        return {"role": "", "custom_role": UUID(value)}
    except ValueError:
        return {"role": value, "custom_role": None}


def grantable_roles(role: str) -> list[tuple[str, str]]:
    """What somebody of this role may give, by value and name: the six, then the custom ones."""
    six = [(one.value, str(one.label)) for one in Role if one != Role.OWNER or role == Role.OWNER]
    return six + [(str(one.pk), one.name) for one in CustomRole.objects.order_by("name")]
