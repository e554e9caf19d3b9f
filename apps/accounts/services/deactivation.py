"""Close a person's account everywhere, and open it again: the operator's part."""

from django.db import transaction

from apps.accounts import sockets
from apps.accounts.models import Membership, Session, User
from apps.accounts.selectors import places_of
from apps.activity.services import record_audit
from apps.core.errors import NotFound
from apps.core.tenancy import owner_context, tenant_tx

from .leaving import tell_of_end


@transaction.atomic
def close_account(*, email: str, closed: bool = True) -> User:
    """From the next request on the person is nobody; open sockets close at once, and all sessions are gone.

    Memberships and work stay as they are. Raises NotFound.
    """
    person = User.objects.select_for_update().filter(email=email.strip().lower()).first()
    if person is None:
        raise NotFound("Nobody has an account with this address.")
    before, person.is_active = person.is_active, not closed
    if before == person.is_active:
        return person
    person.save(update_fields=["is_active"])
    if closed:
        Session.objects.filter(user=person).delete()
    for place in places_of(person.pk):
        with tenant_tx(owner_context(place.id)):
            membership = Membership.objects.get(user=person)
            record_audit("person.close" if closed else "person.open", membership)
            if closed:
                tell_of_end(person.pk)
    sockets.recheck(person.pk)
    return person
