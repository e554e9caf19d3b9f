"""The table of periodic work, filled by `@periodic` in the apps' `actors.py`; one scheduler process runs it.

A service here acts across organizations or visits them, each in its own context (`visit_organizations`).
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection

from apps.core.tenancy import Context, owner_context, tenant_tx

Service = Callable[[], object]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Periodic:
    """One line of the table."""

    name: str
    every: float
    service: Service


_table: dict[str, Periodic] = {}
_after_wipe: dict[str, Service] = {}


def periodic(*, every: float) -> Callable[[Service], Service]:
    """Run a service without arguments every so many seconds, never twice at once. It must be safe to repeat."""

    def register(service: Service) -> Service:
        _table[_name(service)] = Periodic(_name(service), every, service)
        return service

    return register


def after_wipe(service: Service) -> Service:
    """Run a service when Redis has lost its memory: it asks again, at once, for all that is queued."""
    _after_wipe[_name(service)] = service
    return service


def table() -> list[Periodic]:
    """All periodic work, by name."""
    return sorted(_table.values(), key=lambda line: line.name)


def services_after_wipe() -> list[Service]:
    """All that must be asked for again once Redis is empty."""
    return list(_after_wipe.values())


def visit_organizations(*services: Service) -> None:
    """Run services for each organization, each in a transaction and context of its own.

    What fails in one is logged and keeps no other waiting. Raises only where the database has gone away.
    """
    for context in every_organization():
        for service in services:
            try:
                with tenant_tx(context):
                    service()
            except Exception:
                if not connection.is_usable():
                    raise
                logger.exception("%s failed for organization %s", _name(service), context.org_id)


def every_organization() -> Iterator[Context]:
    """Each organization's own context, for `tenant_tx`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.organizations()")
        found = [row[0] for row in cursor.fetchall()]
    for org_id in found:
        yield owner_context(org_id)


def _name(service: Service) -> str:
    return f"{service.__module__.removeprefix('apps.').partition('.')[0]}.{service.__name__}"
