"""Erase a person: the account at once, what organizations hold within a minute, and again after a restore.

What stays: the person's id on what they did (labels, verdicts, figures, audit), which leads to nobody any more.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts import sockets
from apps.accounts.models import EngagementState, Membership, User, address_of_erased
from apps.accounts.selectors import engagements_seen, places_of
from apps.accounts.services.members import LastOwner, NotYourself
from apps.activity.services import record_audit
from apps.core import files
from apps.core.errors import NotFound, Refusal
from apps.core.ids import as_id
from apps.core.roles import Role
from apps.core.tenancy import Context, acting_person, active_tenant, tenant_tx
from apps.jobs.periodic import every_organization
from apps.records.models import Erasure, OwnData

from .own_data import folder_of
from .texts import replace_words

TOMBSTONES = "erased"
# What goes with the person, in this order; the account's own tables are `app.forget_account`'s.
REMOVED = {
    "draft_operation": "draft_id IN (SELECT id FROM draft WHERE author_id = %(person)s)",
    "draft": "author_id = %(person)s",
    "notification": "person_id = %(person)s",
    "saved_view": "author_id = %(person)s AND NOT shared",
    "identity": "user_id = %(person)s",
    "team_member": "membership_id IN (SELECT id FROM membership WHERE user_id = %(person)s)",
    "invitation": "email = ANY(%(words)s)",
    "idempotency_key": "user_id = %(person)s OR EXISTS (SELECT FROM unnest(%(words)s::text[]) AS word"
    " WHERE position(convert_to(word, 'UTF8') IN answer) > 0)",
}


class NotOnlyHere(Refusal):
    code = "not_only_here"
    message = "This person belongs to other organizations too. They can erase themselves, from their account."


@dataclass(frozen=True, slots=True)
class Erased:
    """Who nobody is any more."""

    person_id: UUID
    name: str


@transaction.atomic
def erase_member(*, membership_id: UUID) -> Erased:
    """The owner's act, on somebody who belongs to no other organization. Raises NotFound, NotYourself, NotOnlyHere,
    LastOwner."""
    context = active_tenant()
    member = Membership.objects.filter(pk=membership_id).first()
    if member is None:
        raise NotFound
    if member.user_id == context.user_id:
        raise NotYourself("Erase yourself from your account.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.belongs_elsewhere(%s, %s)", [member.user_id, context.org_id])
        if cursor.fetchone()[0]:
            raise NotOnlyHere
    return erase(person_id=member.user_id, asked_by=acting_person(), organizations=[context.org_id])


@transaction.atomic
def erase(*, person_id: UUID, asked_by: UUID | None, organizations: Sequence[UUID] | None = None) -> Erased:
    """Overwrite the account, end its sessions, tokens and memberships, and leave a tombstone for the sweep.

    Raises NotFound for who was erased already, and LastOwner.
    """
    person = User.objects.filter(pk=person_id).first()
    if person is None or person.is_erased:
        raise NotFound
    for org_id in organizations or [place.id for place in places_of(person_id)]:
        with tenant_tx(Context(org_id=org_id, user_id=asked_by)):
            _leave(person_id)
    former = {"name": person.name, "email": person.email}
    try:
        with transaction.atomic():
            Erasure(person_id=person_id, asked_by=asked_by, at=timezone.now(), former=former).save(force_insert=True)
    except IntegrityError as erased_meanwhile:
        raise NotFound from erased_meanwhile
    _forget_account(person_id)
    return Erased(person_id, person.name)


def sweep_erasures() -> int:
    """Look through all organizations for who was erased; only a worker may. Safe to repeat.

    An address is looked for everywhere. A name only where it was known, since anybody may have chosen it, or its words:
    in the organizations of the person, and in what customers and these wrote to each other. A first name alone is left.
    What fails for one person keeps no other waiting, and is raised at the end.
    """
    waiting, failed = list(Erasure.objects.filter(swept_at=None).order_by("at")), []
    for erasure in waiting:
        try:
            _sweep(erasure)
        except Exception as error:  # raised below, once the others had their turn
            if not connection.is_usable():
                raise
            failed.append(error)
    if failed:
        raise ExceptionGroup("Not all who were erased are forgotten yet", failed)
    return len(waiting)


def erase_again(others: Iterable[UUID] = ()) -> list[UUID]:
    """After a restore: everybody who was erased since the backup was made. `others` are tombstones that were kept
    elsewhere. Only a worker may."""
    found = []
    for person_id in {*others, *_buried(), *Erasure.objects.values_list("person_id", flat=True)}:
        person = User.objects.filter(pk=person_id).exclude(email=address_of_erased(person_id)).first()
        if person is None:
            continue
        with transaction.atomic():
            for place in places_of(person_id):
                with tenant_tx(Context(org_id=place.id)):
                    _leave(person_id, is_last_owner_kept=False)
            Erasure.objects.update_or_create(
                pk=person_id,
                defaults={
                    "at": timezone.now(),
                    "swept_at": None,
                    "former": {"name": person.name, "email": person.email},
                },
            )
            _forget_account(person_id)
        found.append(person_id)
    sweep_erasures()
    return found


def _leave(person_id: UUID, *, is_last_owner_kept: bool = True) -> None:
    """The acting organization's member has no access any more."""
    rows = Membership.objects.filter(deactivated_at=None).select_for_update().order_by("pk")
    owners = {row.user_id for row in rows.filter(role=Role.OWNER)}
    member = Membership.objects.filter(user_id=person_id).first()
    if member is None:
        return
    if is_last_owner_kept and member.deactivated_at is None and owners == {person_id}:
        raise LastOwner
    Membership.objects.filter(pk=member.pk, deactivated_at=None).update(deactivated_at=timezone.now())
    record_audit("person.erase", member)


def _forget_account(person_id: UUID) -> None:
    mark = hashlib.sha256(person_id.bytes).hexdigest()[:4].upper()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT app.forget_account(%s, %s, %s)", [person_id, f"Erased person {mark}", address_of_erased(person_id)]
        )
    sockets.recheck(person_id)


def _sweep(erasure: Erasure) -> None:
    person_id, former = erasure.person_id, erasure.former or {}
    _bury(person_id)
    address = [former["email"]] if former.get("email") else []
    name = [former["name"]] if " " in former.get("name", "").strip() else []
    own, customers = _knew(person_id)
    for context in every_organization():
        org_id = context.org_id
        with tenant_tx(context):
            replace_words(address + (name if org_id in own else []), org_id)
            if org_id in customers:
                replace_words(name, org_id, vendors=own)
            _remove(person_id, address + (name if org_id in own | customers else []), org_id)
    _remove_files(person_id)
    Erasure.objects.filter(pk=erasure.pk).update(former=None, swept_at=timezone.now())


def _knew(person_id: UUID) -> tuple[set[UUID], set[UUID]]:
    """The organizations to which a person belonged, and the customers for which these work or worked."""
    own: set[UUID] = set()
    customers: set[UUID] = set()
    for context in every_organization():
        with tenant_tx(context):
            if Membership.objects.filter(user_id=person_id).exists():
                own.add(context.org_id)
                taken = Q(state=EngagementState.ACTIVE) | Q(accepted_at__isnull=False)
                engaged = engagements_seen().filter(taken, vendor_id=context.org_id)
                customers.update(engaged.values_list("org_id", flat=True))
    return own, customers - own


def _remove(person_id: UUID, words: list[str], org_id: UUID) -> None:
    values: dict[str, Any] = {"person": person_id, "org": org_id, "words": words}
    with connection.cursor() as cursor:
        for table, which in REMOVED.items():
            cursor.execute(f"DELETE FROM {table} WHERE org_id = %(org)s AND ({which})", values)  # noqa: S608 - ours


def _remove_files(person_id: UUID) -> None:
    # A job that is writing one finds its row gone, and takes it away itself.
    OwnData.objects.filter(user_id=person_id).delete()
    for name in _names_in(folder_of(person_id)):
        files.remove(f"{folder_of(person_id)}/{name}")


def _bury(person_id: UUID) -> None:
    """A tombstone beside the database too, which an older copy of the database would not have."""
    name = f"{TOMBSTONES}/{person_id}"
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(b""))


def _buried() -> set[UUID]:
    return {person for name in _names_in(TOMBSTONES) if (person := as_id(name))}


def _names_in(folder: str) -> list[str]:
    try:
        return list(default_storage.listdir(folder)[1])
    except FileNotFoundError:
        return []
