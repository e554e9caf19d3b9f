"""Headers of the work routes."""

from typing import Any
from uuid import UUID

from apps.distribution.services.refusals import LeaseLost, LeaseTokenMissing


def lease_token(request: Any) -> UUID:
    """The token that proves a lease. Raises LeaseTokenMissing, and LeaseLost for what no token ever was."""
    token = request._request.headers.get("Lease-Token")
    if not token:
        raise LeaseTokenMissing
    try:
        return UUID(token)
    except ValueError as error:
        raise LeaseLost from error
