"""Found organizations: the first one from the first-run page, others by the operator's command."""

from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.utils.text import slugify

from apps.accounts import selectors
from apps.accounts.models import Membership, Organization, User
from apps.activity.services import record_audit
from apps.core.errors import NotFound
from apps.core.ids import new_id
from apps.core.roles import Role
from apps.core.tenancy import Context, tenant_tx
from apps.core.text import clean_name

from .invitations import Invited, invite
from .people import clean_email, make_person

LONGEST_SLUG = 50
MOST_NAMESAKES = 100
LOCK = 7_318_001  # any number, the same in all processes


@dataclass(frozen=True, slots=True)
class Founded:
    """An organization with its owner, or with the link by which its owner comes in."""

    organization: Organization
    owner: User | None
    invited: Invited | None


@transaction.atomic
def found_first_organization(*, name: str, owner_email: str, owner_name: str, password: str) -> Founded:
    """The first one of an installation; of two who try at once, one. Raises NotFound when there is one already, and
    what `make_person` does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if selectors.is_founded():
        raise NotFound
    return found_organization(name=name, owner_email=owner_email, owner_name=owner_name, password=password)


@transaction.atomic
def found_organization(
    *, name: str, owner_email: str, owner_name: str, password: str = "", origin: str = ""
) -> Founded:
    """An organization with an owner. Whoever has an account keeps it; a new person needs a password, and without one
    gets an invitation at `origin`. Raises what `make_person` does."""
    name, email = clean_name(name, field="organization"), clean_email(owner_email)
    owner = User.objects.filter(email=email).first()
    if owner is None and password:
        owner = make_person(email=email, name=owner_name, password=password)
    organization = _organization(name, owner)
    context = Context(org_id=organization.pk, user_id=owner.pk if owner else None, role=Role.OWNER)
    with tenant_tx(context):
        if owner is None:
            invited = invite(email=email, name=owner_name, role=Role.OWNER, origin=origin)
            return Founded(organization, None, invited)
        membership = Membership.objects.create(org_id=organization.pk, user=owner, role=Role.OWNER)
        record_audit("organization.found", membership, after={"name": name, "slug": organization.slug})
    return Founded(organization, owner, None)


def _organization(name: str, owner: User | None) -> Organization:
    base = slugify(name)[:LONGEST_SLUG].strip("-") or "organization"
    for number in range(1, MOST_NAMESAKES):
        slug = base if number == 1 else f"{base}-{number}"
        row = Organization(pk=new_id(), name=name, slug=slug)
        try:
            # Others' names cannot be seen from here, so the database says whether this one is free.
            with tenant_tx(Context(org_id=row.pk, user_id=owner.pk if owner else None)):
                row.save(force_insert=True)
        except IntegrityError:
            continue
        return row
    raise NotFound("Too many organizations have this name. Give another.")
