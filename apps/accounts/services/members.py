"""Change what members may do, or whether they are members at all."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import Membership
from apps.accounts.selectors import open_invitations
from apps.activity.services import record_audit
from apps.core.errors import NotFound, Refusal
from apps.core.roles import Role
from apps.core.tenancy import active_tenant

from .invitations import UnknownRole, require_owner, revoke_invitation


class LastOwner(Refusal):
    code = "last_owner"
    message = "An organization keeps at least one owner. Make somebody else an owner first."


class NotYourself(Refusal):
    code = "not_yourself"
    message = "Nobody takes their own access away. Ask another owner or manager."


@transaction.atomic
def change_member(*, membership_id: UUID, role: str | None = None, active: bool | None = None) -> Membership:
    """Give another role, take access away, or give it back; what is None stays. It holds from the next request on,
    and with access an open invitation of the person is void.

    Raises NotFound, UnknownRole, OwnersOnly, NotYourself, LastOwner.
    """
    context = active_tenant()
    rows = _locked(membership_id)
    member = next((row for row in rows if row.pk == membership_id), None)
    if member is None:
        raise NotFound
    if role is not None and role not in Role.values:
        raise UnknownRole(field="role")
    before = _state(member)
    wanted: dict[str, Any] = {
        "role": member.role if role is None else role,
        "active": before["active"] if active is None else active,
    }
    if wanted == before:
        return member
    if Role.OWNER in (member.role, wanted["role"]):
        require_owner(context)
    if before["active"] and not wanted["active"] and member.user_id == context.user_id:
        raise NotYourself
    _require_other_owner(member, before, wanted, rows)
    if before["active"] != wanted["active"]:
        # One that was sent to a former member would later undo what is decided now.
        for sent in open_invitations().filter(email=member.user.email):
            revoke_invitation(invitation=sent)
    member.role = wanted["role"]
    member.deactivated_at = None if wanted["active"] else member.deactivated_at or timezone.now()
    member.save(update_fields=["role", "deactivated_at"])
    record_audit("membership.edit", member, before=before, after=wanted, was=before, now=wanted)
    return member


def _locked(membership_id: UUID) -> list[Membership]:
    """The member and all owners, always in the same order: two owners who remove each other come one after another."""
    wanted = Membership.objects.filter(Q(pk=membership_id) | Q(role=Role.OWNER))
    return list(wanted.select_for_update(of=("self",)).select_related("user").order_by("pk"))


def _state(member: Membership) -> dict[str, Any]:
    return {"role": member.role, "active": member.deactivated_at is None}


def _require_other_owner(
    member: Membership, before: dict[str, Any], wanted: dict[str, Any], rows: list[Membership]
) -> None:
    stays = wanted == {"role": Role.OWNER, "active": True}
    if stays or before != {"role": Role.OWNER, "active": True}:
        return
    others = (row for row in rows if row.pk != member.pk and _state(row) == {"role": Role.OWNER, "active": True})
    if next(others, None) is None:
        raise LastOwner
