"""Change what members may do, or whether they are members at all."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts import sockets
from apps.accounts.access import WORKERS
from apps.accounts.models import CustomRole, Membership
from apps.accounts.selectors import open_invitations
from apps.activity.services import record_audit
from apps.core.errors import NotFound, Refusal
from apps.core.roles import Role
from apps.core.tenancy import active_tenant

from .invitations import require_owner, revoke_invitation
from .leaving import tell_of_end
from .roles import named_role, require_no_more


class LastOwner(Refusal):
    code = "last_owner"
    message = "An organization keeps at least one owner. Make somebody else an owner first."


class NotYourself(Refusal):
    code = "not_yourself"
    message = "Nobody takes their own access away. Ask another owner or manager."


class PersonErased(Refusal):
    code = "person_erased"
    message = "This person was erased. What they did stays, as nobody's; invite whoever shall take their place."


@transaction.atomic
def change_member(
    *, membership_id: UUID, role: str | None = None, custom_role: UUID | None = None, active: bool | None = None
) -> Membership:
    """Give another role, take access away, or give it back; what is None stays. It holds from the next request on,
    for open sockets at once; and with access an open invitation of the person is void.

    Raises NotFound, UnknownRole, UnknownCustomRole, MoreThanYours, OwnersOnly, NotYourself, LastOwner,
    PersonErased.
    """
    context = active_tenant()
    rows = _locked(membership_id)
    member = next((row for row in rows if row.pk == membership_id), None)
    if member is None:
        raise NotFound
    before, given = _state(member), (member.role, member.custom_role)
    if role is not None or custom_role is not None:
        given = named_role(role or "", custom_role)
    wanted = _said(*given, before["active"] if active is None else active)
    if wanted == before:
        return member
    if member.user.is_erased:
        raise PersonErased
    if Role.OWNER in (member.role, wanted["role"]):
        require_owner(context)
    require_no_more(member.role, member.custom_role)
    require_no_more(*given)
    if before["active"] and not wanted["active"] and member.user_id == context.user_id:
        raise NotYourself
    _require_other_owner(member, before, wanted, rows)
    if before["active"] != wanted["active"]:
        # One that was sent to a former member would later undo what is decided now.
        for sent in open_invitations().filter(email=member.user.email):
            revoke_invitation(invitation=sent)
    member.role, member.custom_role = given
    member.deactivated_at = None if wanted["active"] else member.deactivated_at or timezone.now()
    member.save(update_fields=["role", "custom_role", "deactivated_at"])
    record_audit("membership.edit", member, before=before, after=wanted, was=before, now=wanted)
    _tell(member, _works(before) and not _works(wanted))
    return member


def _tell(member: Membership, has_ended: bool) -> None:
    if has_ended:
        tell_of_end(member.user_id)
    sockets.recheck(member.user_id)


def _locked(membership_id: UUID) -> list[Membership]:
    """The member and all owners, always in the same order: two owners who remove each other come one after another."""
    wanted = Membership.objects.filter(Q(pk=membership_id) | Q(role=Role.OWNER))
    return list(wanted.select_for_update(of=("self",)).select_related("user", "custom_role").order_by("pk"))


def _state(member: Membership) -> dict[str, Any]:
    return _said(member.role, member.custom_role, member.deactivated_at is None)


def _said(role: str, custom_role: CustomRole | None, active: bool) -> dict[str, Any]:
    return {"role": role, "custom_role": str(custom_role.pk) if custom_role else None, "active": active}


def _require_other_owner(
    member: Membership, before: dict[str, Any], wanted: dict[str, Any], rows: list[Membership]
) -> None:
    if _is_owner(wanted) or not _is_owner(before):
        return
    others = (row for row in rows if row.pk != member.pk and _is_owner(_state(row)))
    if next(others, None) is None:
        raise LastOwner


def _works(state: dict[str, Any]) -> bool:
    """Whether they may take tasks."""
    return state["role"] in WORKERS and bool(state["active"])


def _is_owner(state: dict[str, Any]) -> bool:
    return state["role"] == Role.OWNER and bool(state["active"])
