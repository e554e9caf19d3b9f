"""Custom roles, teams and the organization's own settings over HTTP."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from apps.accounts import people
from apps.accounts.models import CustomRole, Organization, Team
from apps.accounts.services import organizations, roles, teams
from apps.core.answers import Result, answer
from apps.core.etags import etag_of
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of


class CustomRoleIn(Struct):
    """`actions` are words of the access table that the base has too."""

    name: str
    base: str
    actions: list[str]


class CustomRoleEdit(Struct):
    name: str | None = None
    actions: list[str] | None = None


class CustomRoleOut(Answer):
    id: UUID
    name: str
    base: str
    actions: list[str]


class CustomRolesOut(Answer):
    results: list[CustomRoleOut]
    next: str | None
    previous: str | None


class CustomRoles(Api):
    @operation("custom_role.list", "The organization's own roles.", query=Page, answers={200: CustomRolesOut})
    def get(self, request: Any, org: str, query: Page) -> Result:
        """In the order in which they came to be."""
        return 200, page_of(CustomRole.objects.all(), query, _role)

    @operation(
        "custom_role.edit",
        "Make a role that leaves its base some of its actions.",
        body=CustomRoleIn,
        answers={201: CustomRoleOut},
    )
    def post(self, request: Any, org: str, body: CustomRoleIn) -> Result:
        """Members get it by their `custom_role`."""
        return _role_answer(201, roles.create_custom_role(name=body.name, base=body.base, actions=body.actions))


class OneCustomRole(Api):
    @operation("custom_role.list", "A custom role.", answers={200: CustomRoleOut})
    def get(self, request: Any, org: str, role_id: UUID) -> Result:
        """With its ETag."""
        return _role_answer(200, people.custom_role_for(role_id))

    @operation(
        "custom_role.edit",
        "Rename it, or change what it leaves; needs If-Match.",
        body=CustomRoleEdit,
        answers={200: CustomRoleOut},
        conditional=True,
    )
    def patch(self, request: Any, org: str, role_id: UUID, body: CustomRoleEdit) -> Result:
        """It holds for everybody who has it, from their next request on."""
        row = people.custom_role_for(role_id)
        seen = request.headers.get("If-Match")
        return _role_answer(200, roles.edit_custom_role(role=row, seen=seen, name=body.name, actions=body.actions))

    @operation("custom_role.edit", "Delete a role that nobody has.", answers={204: None})
    def delete(self, request: Any, org: str, role_id: UUID) -> Result:
        """409 while somebody has it."""
        roles.delete_custom_role(role=people.custom_role_for(role_id))
        return 204, None


class TeamIn(Struct):
    """`members` are ids of memberships."""

    name: str
    members: list[UUID] = []


class TeamEdit(Struct):
    """`members` are all of them, where given."""

    name: str | UnsetType = UNSET
    members: list[UUID] | UnsetType = UNSET


class TeamOut(Answer):
    id: UUID
    name: str
    members: list[UUID]


class TeamsOut(Answer):
    results: list[TeamOut]
    next: str | None
    previous: str | None


class Teams(Api):
    @operation("member.list", "The organization's teams.", query=Page, answers={200: TeamsOut})
    def get(self, request: Any, org: str, query: Page) -> Result:
        """With the memberships of those who belong to them."""
        return 200, page_of(people.teams(), query, _team)

    @operation("team.edit", "Make a team.", body=TeamIn, answers={201: TeamOut})
    def post(self, request: Any, org: str, body: TeamIn) -> Result:
        """Of the organization's members."""
        return _team_answer(201, teams.create_team(name=body.name, members=body.members))


class OneTeam(Api):
    @operation("member.list", "A team.", answers={200: TeamOut})
    def get(self, request: Any, org: str, team_id: UUID) -> Result:
        """With its ETag."""
        return _team_answer(200, people.team_for(team_id))

    @operation(
        "team.edit",
        "Rename a team, or say who is in it; needs If-Match.",
        body=TeamEdit,
        answers={200: TeamOut},
        conditional=True,
    )
    def patch(self, request: Any, org: str, team_id: UUID, body: TeamEdit) -> Result:
        """What is not given stays."""
        given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
        seen = request.headers.get("If-Match")
        return _team_answer(200, teams.edit_team(team=people.team_for(team_id), seen=seen, **given))

    @operation("team.edit", "Delete a team; its people stay.", answers={204: None})
    def delete(self, request: Any, org: str, team_id: UUID) -> Result:
        """At once."""
        teams.delete_team(team=people.team_for(team_id))
        return 204, None


class OrganizationEdit(Struct):
    name: str | None = None
    timezone: str | None = None


class OrganizationOut(Answer):
    id: UUID
    slug: str
    name: str
    timezone: str


class OwnOrganization(Api):
    @operation("organization.see", "The acting organization.", answers={200: OrganizationOut})
    def get(self, request: Any, org: str) -> Result:
        """With its ETag."""
        return _organization_answer(people.own_organization())

    @operation(
        "organization.edit",
        "Change the name or the time zone; needs If-Match.",
        body=OrganizationEdit,
        answers={200: OrganizationOut},
        conditional=True,
    )
    def patch(self, request: Any, org: str, body: OrganizationEdit) -> Result:
        """The slug stays: it is in every address."""
        seen = request.headers.get("If-Match")
        row = organizations.edit_organization(seen=seen, name=body.name, timezone=body.timezone)
        return _organization_answer(row)


def _role(row: CustomRole) -> CustomRoleOut:
    return CustomRoleOut(id=row.pk, name=row.name, base=row.base, actions=sorted(row.actions))


def _role_answer(status: int, row: CustomRole) -> Result:
    return answer(status, _role(row), ETag=etag_of(roles.custom_role_state(row)))


def _team(row: Any) -> TeamOut:
    return TeamOut(id=row.pk, name=row.name, members=sorted(row.member_ids or []))


def _team_answer(status: int, row: Team) -> Result:
    return answer(status, _team(people.team_for(row.pk)), ETag=etag_of(teams.team_state(row)))


def _organization_answer(row: Organization) -> Result:
    shown = OrganizationOut(id=row.pk, slug=row.slug, name=row.name, timezone=row.timezone)
    return answer(200, shown, ETag=etag_of(organizations.organization_state(row)))
