"""Custom roles: a name, the role that it begins from, and which of that role's actions it leaves."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts import sockets
from apps.accounts.access import ALWAYS, actions_of, left_by
from apps.accounts.models import CustomRole, Invitation, Membership
from apps.activity.services import record_audit
from apps.core.errors import Invalid, NotAllowed, NotFound, Refusal
from apps.core.etags import etag_of, require_current
from apps.core.roles import Role
from apps.core.tenancy import active_tenant
from apps.core.text import clean_name


class UnknownRole(Invalid):
    code = "unknown_role"
    message = f"Choose a role of {', '.join(Role.values)}."


class UnknownCustomRole(Invalid):
    code = "unknown_custom_role"
    message = "The organization has no such custom role, or it begins from another role."


class UnknownAction(Invalid):
    code = "unknown_action"
    message = "A custom role leaves some of what its base may do; it adds nothing."


class OwnersAreWhole(Invalid):
    code = "owners_are_whole"
    message = "A custom role begins from another role than owner."


class NameTaken(Refusal):
    code = "name_taken"
    message = "Something here has this name already. Give another."


class RoleInUse(Refusal):
    code = "role_in_use"
    message = "Somebody has this role or is invited to it. Give them another first."


class MoreThanYours(NotAllowed):
    code = "more_than_yours"
    message = "Nobody gives, takes or changes a role that may do more than their own."


@transaction.atomic
def create_custom_role(*, name: str, base: str, actions: Iterable[str]) -> CustomRole:
    """Raises InvalidName, NameTaken, UnknownRole, OwnersAreWhole, UnknownAction, MoreThanYours."""
    if base not in Role.values:
        raise UnknownRole(field="base")
    if base == Role.OWNER:
        raise OwnersAreWhole(field="base")
    row = CustomRole(org_id=active_tenant().org_id, name=clean_name(name), base=base, actions=_narrowed(base, actions))
    require_no_more(row.base, row)
    _save(row)
    record_audit("custom_role.create", row, after=custom_role_state(row), name=row.name)
    return row


@transaction.atomic
def edit_custom_role(
    *, role: CustomRole, seen: str | None, name: str | None = None, actions: Iterable[str] | None = None
) -> CustomRole:
    """Change what is given; whoever has the role may do no more and no less from their next request on.

    Raises PreconditionFailed, InvalidName, NameTaken, UnknownAction, MoreThanYours.
    """
    row = _locked(role)
    before = custom_role_state(row)
    require_current(seen, etag_of(before))
    require_no_more(row.base, row)
    if name is not None:
        row.name = clean_name(name)
    if actions is not None:
        row.actions = _narrowed(row.base, actions)
    require_no_more(row.base, row)
    _save(row)
    after = custom_role_state(row)
    record_audit("custom_role.edit", row, before=before, after=after, was=before["actions"], now=after["actions"])
    sockets.recheck(*Membership.objects.filter(custom_role=row).values_list("user_id", flat=True))
    return row


@transaction.atomic
def delete_custom_role(*, role: CustomRole) -> None:
    """Raises RoleInUse, MoreThanYours, NotFound."""
    role = _locked(role)
    require_no_more(role.base, role)
    used = Invitation.objects.filter(custom_role=role, accepted_at=None, revoked_at=None).exists()
    if used or Membership.objects.filter(custom_role=role).exists():
        raise RoleInUse
    record_audit("custom_role.delete", role, before=custom_role_state(role), name=role.name)
    Invitation.objects.filter(custom_role=role).update(custom_role=None)
    role.delete()


def custom_role_state(row: CustomRole) -> dict[str, Any]:
    """What people edit of it: the base of its ETag and of audit digests."""
    return {"id": str(row.pk), "name": row.name, "base": row.base, "actions": sorted(row.actions)}


def named_role(role: str, custom_role: UUID | None) -> tuple[str, CustomRole | None]:
    """A role as it is given out: one of the six, or a custom one with its base.

    Raises UnknownRole, UnknownCustomRole.
    """
    if custom_role is None:
        if role not in Role.values:
            raise UnknownRole(field="role")
        return role, None
    # Locked, so that it cannot be deleted while it is given.
    row = CustomRole.objects.select_for_update(no_key=True).filter(pk=custom_role).first()
    if row is None or role not in {"", row.base}:
        raise UnknownCustomRole(field="custom_role")
    return row.base, row


def require_no_more(role: str, custom_role: CustomRole | None) -> None:
    """Raise MoreThanYours where the acting person has a custom role, and this one may do what theirs may not."""
    own = active_tenant().actions
    if own is None:
        return
    theirs = actions_of(role)
    if custom_role is not None:
        theirs &= left_by(custom_role.actions)
    if not theirs <= own:
        raise MoreThanYours


def _locked(role: CustomRole) -> CustomRole:
    row: CustomRole | None = CustomRole.objects.select_for_update().filter(pk=role.pk).first()
    if row is None:
        raise NotFound
    return row


def _narrowed(base: str, actions: Iterable[str]) -> list[str]:
    wanted = set(actions)
    if not wanted <= actions_of(base) | ALWAYS:
        raise UnknownAction(field="actions")
    return sorted(wanted - ALWAYS)


def _save(row: CustomRole) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise NameTaken(field="name") from error
