"""What every tenant table shares: its id, its owner, a manager that refuses to guess, and states that race safely."""

from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models

from .errors import TransitionRefused
from .ids import new_id
from .tenancy import Policy, active_tenant


class TenantManager(models.Manager[Any]):
    """Rows that the acting organization may see, and no others."""

    # Raising here, rather than listing the methods to block, leaves no method to forget.
    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(active_tenant().may_see(self.model))


class AcrossTenants(models.Manager[Any]):
    """Every row that row-level security lets through. Only where the list in tests/test_tenancy.py says so."""


class TenantKey(models.ForeignKey[Any, Any]):
    """A foreign key between tenant tables: the database's constraint is composite, `(org_id, x_id)` (SecureTable)."""

    def __init__(self, to: Any, on_delete: Any = models.RESTRICT, **options: Any) -> None:
        options["db_constraint"] = False
        options.setdefault("related_name", "+")
        super().__init__(to, on_delete, **options)


class TenantOwned(models.Model):
    """A row of an organization. `org_id` is the owner, copied from the parent row, never from the context."""

    tenancy: ClassVar[Policy] = Policy.PRIVATE
    project_column: ClassVar[str] = "project_id"
    stage_column: ClassVar[str] = ""  # what an engagement's scope of stages hides rows by

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    org_id = models.UUIDField(editable=False)

    objects = TenantManager()
    across_tenants = AcrossTenants()

    class Meta:
        abstract = True
        base_manager_name = "across_tenants"


class ProjectOwned(TenantOwned):
    """A row of a project, shared with whom the project is."""

    tenancy = Policy.SHARED

    project_id: UUID

    class Meta(TenantOwned.Meta):
        abstract = True


class Stateful(models.Model):
    """A row with a state. Moves are compare-and-set in SQL, so two racers cannot both win."""

    MOVES: ClassVar[dict[str, frozenset[str]]] = {}

    state: Any

    class Meta:
        abstract = True

    def move_to(self, new: str, **fields: Any) -> Self:
        """Move and write `fields` with it; raises TransitionRefused when the row is no longer where it was."""
        old = self.state
        if new not in self.MOVES[old]:
            raise TransitionRefused(f"A {self._meta.verbose_name} that is {old} cannot become {new}.")
        moved = type(self)._base_manager.filter(pk=self.pk, state=old).update(state=new, **fields)
        if not moved:
            raise TransitionRefused(f"This {self._meta.verbose_name} is no longer {old}.")
        for name, value in {"state": new, **fields}.items():
            setattr(self, name, value)
        return self


def legal_states(model_states: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """The database's own list of a model's states."""
    return models.CheckConstraint(condition=models.Q(state__in=model_states.values), name=name)
