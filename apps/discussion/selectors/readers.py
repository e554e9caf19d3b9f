"""Who may see a unit's work and can therefore be mentioned in what is said about it."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from apps.accounts.names import names_of
from apps.accounts.selectors import live_memberships
from apps.core.access import gate
from apps.core.roles import Role
from apps.core.tenancy import active_tenant
from apps.discussion.models import Comment, Thread
from apps.distribution.models import Task


@dataclass(frozen=True, slots=True)
class Reader:
    """A person with the organization for which they read, under the name that the caller may know."""

    person: UUID
    org_id: UUID
    name: str


def readers_of(work: Task | Thread, side: UUID) -> list[Reader]:
    """By name, without the caller: one's own people whose role sees questions, and who is at this unit on either side.

    `side` is whose people talk there with the owner's. Of the other side only those are known who have worked on the
    unit or spoken; annotators must have done so on both.
    """
    context = active_tenant()
    grant = gate.table["thread.see"]
    roles = (grant.own if work.org_id == context.org_id else grant.engaged) - {Role.ANNOTATOR}
    left = Q(custom_role=None) | Q(custom_role__actions__contains=["thread.see"])
    colleagues = live_memberships().filter(left, role__in=roles).values_list("user_id", flat=True)
    found = dict.fromkeys(colleagues, context.org_id) | _at_work(work, side)
    found = {person: org_id for person, org_id in found.items() if person != context.user_id}
    names = names_of(found, work.project_id)
    readers = [Reader(person, org_id, names[person]) for person, org_id in found.items()]
    return sorted(readers, key=lambda reader: reader.name.casefold())


def _at_work(work: Task | Thread, side: UUID) -> dict[UUID, UUID]:
    """Who held tasks of the unit or spoke about it, with their organization; of another vendor nobody."""
    sides = {side, work.org_id}
    held = Task.objects.filter(org_id=work.org_id, unit_id=work.unit_id, worker_org_id__in=sides).exclude(holder=None)
    threads = Thread.objects.filter(org_id=work.org_id, unit_id=work.unit_id, worker_org_id=side)
    spoke = Comment.objects.filter(thread__in=threads)
    return dict(held.values_list("holder", "worker_org_id")) | dict(spoke.values_list("author_id", "author_org_id"))
