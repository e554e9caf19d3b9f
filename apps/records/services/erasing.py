"""Erase a person: the account at once, what organizations hold within a minute, and again after a restore.

What stays: the person's id on what they did (labels, verdicts, figures, audit), which leads to nobody any more.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts import sockets
from apps.accounts.models import Membership, User
from apps.accounts.selectors import places_of
from apps.accounts.services.members import LastOwner, NotYourself
from apps.activity.services import record_audit
from apps.core import files
from apps.core.errors import NotFound, Refusal
from apps.core.roles import Role
from apps.core.tenancy import Context, acting_person, active_tenant, tenant_tx
from apps.jobs.periodic import every_organization
from apps.records.data_map import TABLES, TEXT
from apps.records.models import Erasure, OwnData

TOMBSTONES = "erased"
STAND_IN = "[erased person]"
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
    if person is None or person.email == address_of(person_id):
        raise NotFound
    for org_id in organizations or [place.id for place in places_of(person_id)]:
        with tenant_tx(Context(org_id=org_id, user_id=asked_by)):
            _leave(person_id)
    Erasure(
        person_id=person_id,
        asked_by=asked_by,
        at=timezone.now(),
        former={"name": person.name, "email": person.email},
    ).save(force_insert=True)
    _forget_account(person_id)
    return Erased(person_id, person.name)


def sweep_erasures() -> int:
    """Look through all organizations for who was erased; only a worker may. Safe to repeat."""
    waiting = list(Erasure.objects.filter(swept_at=None).order_by("at"))
    for erasure in waiting:
        _bury(erasure.person_id)
        words = _words(erasure.former or {})
        for context in every_organization():
            with tenant_tx(context):
                _remove(erasure.person_id, words, context.org_id)
                _replace(words, context.org_id)
        for row in OwnData.objects.filter(user_id=erasure.person_id):
            files.remove(row.path)
            row.delete()
        Erasure.objects.filter(pk=erasure.pk).update(former=None, swept_at=timezone.now())
    return len(waiting)


def erase_again(others: Iterable[UUID] = ()) -> list[UUID]:
    """After a restore: everybody who was erased since the backup was made. `others` are tombstones that were kept
    elsewhere. Only a worker may."""
    found = []
    for person_id in {*others, *_buried(), *Erasure.objects.values_list("person_id", flat=True)}:
        person = User.objects.filter(pk=person_id).exclude(email=address_of(person_id)).first()
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


def address_of(person_id: UUID) -> str:
    """What stands in the place of an erased person's address; nobody can have it."""
    return f"{person_id}@erased.invalid"


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
            "SELECT app.forget_account(%s, %s, %s)", [person_id, f"Erased person {mark}", address_of(person_id)]
        )
    sockets.recheck(person_id)


def _words(former: dict[str, str]) -> list[str]:
    """What to look for in texts: the address, and a name of two words or more. A first name alone is other people's
    too, and a word of the language."""
    name, email = former.get("name", ""), former.get("email", "")
    return [word for word in (email, name if " " in name.strip() else "") if word]


def _remove(person_id: UUID, words: list[str], org_id: UUID) -> None:
    values: dict[str, Any] = {"person": person_id, "org": org_id, "words": words}
    with connection.cursor() as cursor:
        for table, which in REMOVED.items():
            cursor.execute(f"DELETE FROM {table} WHERE org_id = %(org)s AND ({which})", values)  # noqa: S608 - ours


def _replace(words: Iterable[str], org_id: UUID) -> None:
    """In texts, and in the copies of them."""
    pattern = "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words)
    if not pattern:
        return
    with connection.cursor() as cursor:
        for name, table in TABLES.items():
            for column in table.of_kind(TEXT):
                cursor.execute(
                    f"UPDATE {name} SET {column} = regexp_replace({column}::text, %(pattern)s, %(by)s, 'gi')"  # noqa: S608 - names of the data map
                    f"::{_type_of(column)} WHERE org_id = %(org)s AND {column}::text ~* %(pattern)s",
                    {"pattern": pattern, "by": STAND_IN, "org": org_id},
                )


def _type_of(column: str) -> str:
    return "jsonb" if column in {"frame", "input", "result", "payload"} else "text"


def _bury(person_id: UUID) -> None:
    """A tombstone beside the database too, which an older copy of the database would not have."""
    name = f"{TOMBSTONES}/{person_id}"
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(b""))


def _buried() -> set[UUID]:
    try:
        _, names = default_storage.listdir(TOMBSTONES)
    except FileNotFoundError:
        return set()
    return {UUID(name) for name in names}
