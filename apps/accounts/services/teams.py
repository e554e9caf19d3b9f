"""Teams: some of an organization's people under one name."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts.models import Membership, Team, TeamMember
from apps.activity.services import record_audit
from apps.core.errors import Invalid, NotFound
from apps.core.etags import etag_of, require_current
from apps.core.tenancy import active_tenant
from apps.core.text import clean_name

from .roles import NameTaken

MOST_MEMBERS = 1000


class UnknownMember(Invalid):
    code = "unknown_member"
    message = f"A team is made of at most {MOST_MEMBERS:,} of the organization's members."


@transaction.atomic
def create_team(*, name: str, members: Iterable[UUID] = ()) -> Team:
    """Raises InvalidName, NameTaken, UnknownMember."""
    row = Team(org_id=active_tenant().org_id, name=clean_name(name))
    _save(row)
    _set_members(row, set(members))
    record_audit("team.create", row, after=team_state(row), name=row.name)
    return row


@transaction.atomic
def edit_team(*, team: Team, seen: str | None, name: str | None = None, members: Iterable[UUID] | None = None) -> Team:
    """Change what is given; `members` are all of them.

    Raises PreconditionFailed, InvalidName, NameTaken, UnknownMember.
    """
    row = _locked(team)
    before = team_state(row)
    require_current(seen, etag_of(before))
    if name is not None:
        row.name = clean_name(name)
        _save(row)
    if members is not None:
        _set_members(row, set(members))
    after = team_state(row)
    record_audit("team.edit", row, before=before, after=after, was=before["members"], now=after["members"])
    return row


@transaction.atomic
def delete_team(*, team: Team) -> None:
    """Its people stay where they are. Raises NotFound."""
    team = _locked(team)
    record_audit("team.delete", team, before=team_state(team), name=team.name)
    TeamMember.objects.filter(team=team).delete()
    team.delete()


def team_state(row: Team) -> dict[str, Any]:
    """What people edit of a team: the base of its ETag and of audit digests."""
    members = TeamMember.objects.filter(team=row).values_list("membership_id", flat=True)
    return {"id": str(row.pk), "name": row.name, "members": sorted(str(one) for one in members)}


def _locked(team: Team) -> Team:
    row: Team | None = Team.objects.select_for_update().filter(pk=team.pk).first()
    if row is None:
        raise NotFound
    return row


def _set_members(row: Team, wanted: set[UUID]) -> None:
    if len(wanted) > MOST_MEMBERS or Membership.objects.filter(pk__in=wanted).count() != len(wanted):
        raise UnknownMember(field="members")
    rows = TeamMember.objects.filter(team=row)
    rows.exclude(membership_id__in=wanted).delete()
    added = wanted - set(rows.values_list("membership_id", flat=True))
    TeamMember.objects.bulk_create(TeamMember(org_id=row.org_id, team=row, membership_id=one) for one in added)


def _save(row: Team) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise NameTaken(field="name") from error
