"""On whose behalf code runs, and the transaction that tells the database.

Three walls (design: tenancy): managers filter by the active context, row-level security filters again, composite
foreign keys refuse what both missed. The context never comes from a body; middleware, consumer and actors set it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import connection, models, transaction


class NoActiveTenant(RuntimeError):
    """Tenant data was asked for outside any organization: a bug in our code, never the caller's fault."""


class Policy(StrEnum):
    """Who sees a row beside its owner: nobody, the engaged, or the engaged organization that did the work."""

    PRIVATE = "private"
    SHARED = "shared"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class Context:
    """The acting organization, person and role, and the projects shared with it by live engagements.

    `closed` are those projects' stages of people that the engagements leave out; `actions` is what is left of the role
    to who has a custom one, None being all of it.
    """

    org_id: UUID
    user_id: UUID | None = None
    role: str = ""
    projects: frozenset[UUID] = frozenset()
    org_slug: str = ""
    closed: frozenset[UUID] = frozenset()
    actions: frozenset[str] | None = None

    def may_see(self, model: type[models.Model]) -> models.Q:
        """The condition of the model's policy class; the same as its row-level security policy."""
        own = models.Q(org_id=self.org_id)
        policy: Policy = model.tenancy  # type: ignore[attr-defined]
        if policy is Policy.PRIVATE or not self.projects:
            return own
        shared = models.Q(**{f"{model.project_column}__in": list(self.projects)})  # type: ignore[attr-defined]
        if policy is Policy.WORK:
            shared &= models.Q(worker_org_id=None) | models.Q(worker_org_id=self.org_id)
        if self.closed and (stage := getattr(model, "stage_column", "")):
            shared &= ~models.Q(**{f"{stage}__in": list(self.closed)})
        return own | shared


_active: ContextVar[Context | None] = ContextVar("tenant", default=None)


def active_tenant() -> Context:
    """The context in force; raises NoActiveTenant when there is none."""
    context = _active.get()
    if context is None:
        raise NoActiveTenant("No organization is acting here. Open a tenant_tx first.")
    return context


def acting_person() -> UUID:
    """The person in force; raises NoActiveTenant where code acts for an organization alone."""
    person = active_tenant().user_id
    if person is None:
        raise NoActiveTenant("Nobody is acting here, only an organization.")
    return person


@contextmanager
def acting_as(context: Context) -> Iterator[Context]:
    """Set the context for Python alone: for the SQL functions of the hot path, which set the database's themselves."""
    token = _active.set(context)
    try:
        yield context
    finally:
        _active.reset(token)


@contextmanager
def tenant_tx(context: Context) -> Iterator[Context]:
    """One transaction on behalf of an organization. Settings are local to it, so the pool cannot hand them on.

    Inside an outer transaction this is a savepoint, and the former settings come back at its end.
    """
    nested = connection.in_atomic_block
    with acting_as(context), transaction.atomic():
        former = _set(_settings_of(context), remember=nested)
        yield context
        if nested and not connection.needs_rollback:
            _set(former)


SETTINGS = ("app.org", "app.projects", "app.closed", "app.user")
READ = "SELECT " + ", ".join(f"current_setting('{name}', true)" for name in SETTINGS)
WRITE = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in SETTINGS)


def _settings_of(context: Context) -> list[str]:
    return [str(context.org_id), _array(context.projects), _array(context.closed), str(context.user_id or "")]


def _array(ids: frozenset[UUID]) -> str:
    return "{" + ",".join(str(one) for one in sorted(ids)) + "}"


def _set(values: list[str], *, remember: bool = False) -> list[str]:
    before = [""] * len(SETTINGS)
    with connection.cursor() as cursor:
        if remember:
            cursor.execute(READ)
            before = [value or "" for value in cursor.fetchone()]
        cursor.execute(WRITE, values)
    return before


def owner_context(org_id: UUID) -> Context:
    """The owner's own context without a person: for jobs and sweeps that act for the organization itself."""
    return Context(org_id=org_id)
