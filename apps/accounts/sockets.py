"""Open sockets of people whose place, role or session has changed: they look again at once, and may have to close."""

from functools import partial
from uuid import UUID

from django.db import transaction

from apps.activity import hints


def recheck(*parties: UUID) -> None:
    """Have the sockets of these people or organizations ask again, once the transaction has committed.

    For whoever takes access away: a membership, a role, an engagement, a session, a token.
    """
    for party in parties:
        transaction.on_commit(partial(hints.recall, party), robust=True)
