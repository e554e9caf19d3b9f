"""Migration operations that build the walls around a table: row-level security, composite keys and grants."""

from typing import Any

from django.db import models
from django.db.migrations.operations.base import Operation

from .tenancy import Policy

OWN = "org_id = (SELECT app.org())"
ENGAGED = "{project} = ANY((SELECT app.projects())::uuid[])"
CONDITIONS = {
    Policy.PRIVATE: OWN,
    Policy.SHARED: f"{OWN} OR {ENGAGED}",
    Policy.WORK: f"{OWN} OR ({ENGAGED} AND (worker_org_id IS NULL OR worker_org_id = (SELECT app.org())))",
}


class SecureTable(Operation):
    """ENABLE and FORCE row-level security with the class's policy, `UNIQUE (org_id, id)`, composite keys, grants.

    `append_only` grants INSERT and SELECT alone. `worker_sees_all` adds the policy by which relay, reaper and scheduler
    read across organizations before they know for whom they act.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(
        self,
        model: str,
        policy: Policy | str,
        *,
        project: str = "project_id",
        append_only: bool = False,
        worker_sees_all: bool = False,
        org_key: bool = True,
        unique: bool = True,
    ) -> None:
        self.model, self.policy, self.project = model, Policy(policy), project
        self.append_only, self.worker_sees_all, self.org_key, self.unique = (
            append_only,
            worker_sees_all,
            org_key,
            unique,
        )

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.model, str(self.policy)], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing: Django's own state does not know these walls."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model)
        for statement in self.statements(model):
            schema_editor.execute(statement)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = to_state.apps.get_model(app_label, self.model)._meta.db_table
        schema_editor.execute(f"DROP POLICY tenant ON {table}")

    def describe(self) -> str:
        return f"Build the walls of {self.model} ({self.policy})"

    def statements(self, model: type[models.Model]) -> list[str]:
        """The SQL, in order."""
        table = model._meta.db_table
        condition = CONDITIONS[self.policy].format(project=self.project)
        rights = "SELECT, INSERT" if self.append_only else "SELECT, INSERT, UPDATE, DELETE"
        sql = []
        if self.unique:
            sql.append(f"ALTER TABLE {table} ADD CONSTRAINT {table}_org_id_id UNIQUE (org_id, id)")
        if self.org_key:
            sql += _key(table, "org_id", "(org_id)", "organization", "(id)")
        for field in model._meta.local_fields:
            if _is_tenant_key(field):
                sql += _tenant_key(table, field)
        sql += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition})",
            f"GRANT {rights} ON {table} TO app_web, app_worker",
        ]
        if self.worker_sees_all:
            sql.append(f"CREATE POLICY worker ON {table} TO app_worker USING (true) WITH CHECK (true)")
        return sql


def _is_tenant_key(field: Any) -> bool:
    return isinstance(field, models.ForeignKey) and not getattr(field, "db_constraint", True)


def _tenant_key(table: str, field: Any) -> list[str]:
    target = field.related_model._meta
    if any(other.attname == "org_id" for other in target.local_fields):
        return _key(table, field.column, f"(org_id, {field.column})", target.db_table, "(org_id, id)")
    return _key(table, field.column, f"({field.column})", target.db_table, "(id)")


def _key(table: str, name: str, columns: str, target: str, target_columns: str) -> list[str]:
    """A new key is checked by a query of the tables' owner, whom FORCE would make blind; so it is lifted meanwhile."""
    add = (
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_tenant FOREIGN KEY {columns}"
        f" REFERENCES {target} {target_columns} DEFERRABLE INITIALLY DEFERRED"
    )
    if target == "person":
        return [add]
    lift, restore = (f"ALTER TABLE {target} {word} ROW LEVEL SECURITY" for word in ("NO FORCE", "FORCE"))
    return [lift, add, restore]
