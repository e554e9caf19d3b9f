"""The walls as they stand in the database, compared with the models: what is forgotten in a migration fails here."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, ProgrammingError, connection, connections, models, transaction

from apps.core.boot import require_bounded_role, require_closed_tables, require_walls
from apps.core.models import TenantKey
from apps.core.operations import CONDITIONS
from apps.core.tenancy import tenant_tx
from tests.people import World

# Reviewed: tables that belong to no organization, and why.
GLOBAL = {
    "person": "a person may belong to several organizations",
    "organization": "is its own owner; policy in accounts/migrations/0002_walls.py",
    "token": "belongs to a person; policy in accounts/migrations/0002_walls.py",
    "session": "read before anybody is known",
    "erasure": "a tombstone of a person; policy in records/migrations/0001_kept.py",
    "own_data": "belongs to a person; policy in records/migrations/0001_kept.py",
    "mfa_authenticator": "belongs to a person; policy in accounts/migrations/0008_sign_in_walls.py",
}
DJANGOS = {
    "django_migrations", "django_content_type", "django_session",
    "auth_group", "auth_permission", "auth_group_permissions",
}  # fmt: skip
# Reviewed: relay, reaper, scheduler and erasure read these before they know for whom they act.
SEEN_BY_WORKERS = ("deployment", "erasure", "inference", "job", "organization", "outbox", "own_data", "stale_item")
# What the functions may see that are asked before somebody has signed in, or by both sides of an engagement.
SEEN_FIRST = ("custom_role", "engagement", "invitation", "membership", "mfa_authenticator", "organization",
              "single_sign_on", "token")  # fmt: skip
OTHER_POLICIES = {
    ("audit_event auth", "PERMISSIVE", "SELECT", "app_auth"),  # of engagements alone
    ("stage auth", "PERMISSIVE", "SELECT", "app_auth"),
    ("engagement vendor", "PERMISSIVE", "SELECT", "public"),  # its other side
    ("erasure leave", "PERMISSIVE", "INSERT", "app_web"),
    ("task scope", "RESTRICTIVE", "SELECT", "public"),  # stages that an engagement leaves out
    ("tally scope", "RESTRICTIVE", "SELECT", "public"),  # likewise
}
# The modules that may look across organizations. Row-level security still judges what they see.
ACROSS = {
    "apps/accounts/selectors.py",
    "apps/core/models.py",
    "apps/catalog/services/refreshing.py",  # finds whose items are marked
    "apps/predictions/services/dispatching.py",  # shares the device between organizations
    "apps/predictions/services/reaping.py",  # finds what nobody runs, before it knows whose it is
    "apps/predictions/services/runs.py",  # a message names a row, not its organization
}
ACROSS_APPS = {"jobs", "activity"}
BOTH = pytest.mark.django_db(databases=["default", "owner"])
OURS = "('app'::regnamespace, 'public'::regnamespace)"


TABLES = "relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
DATASET = (
    "INSERT INTO dataset (id, org_id, project_id, name, created_at) VALUES (gen_random_uuid(), %s, %s, 'x', now())"
)


def tenant_models() -> list[type[models.Model]]:
    """Every model whose rows have an owner."""
    return [
        model for model in apps.get_models(include_auto_created=True) if hasattr(model, "tenancy") and _owned(model)
    ]


def _owned(model: type[models.Model]) -> bool:
    return any(field.attname == "org_id" for field in model._meta.local_fields)


def rows(sql: str, *values: Any) -> list[Any]:
    """What the catalogue says."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def test_every_table_is_a_tenants_or_on_the_reviewed_list(db: None) -> None:
    tables = {name for (name,) in rows(f"SELECT relname FROM pg_class WHERE {TABLES} AND NOT relispartition")}
    owned = {model._meta.db_table for model in tenant_models()}
    assert tables - owned - DJANGOS == set(GLOBAL)


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.db_table)
def test_a_tenant_table_is_walled(db: None, model: Any) -> None:
    table = model._meta.db_table
    assert rows("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", table) == [
        (True, True)
    ]
    ((using, check),) = rows(
        "SELECT qual, with_check FROM pg_policies WHERE tablename = %s AND policyname = 'tenant'", table
    )
    wanted = CONDITIONS[model.tenancy].format(project=getattr(model, "project_column", ""))
    assert _words(using) == _words(check) == _words(wanted)


def test_beside_its_tenants_policy_a_table_has_none_but_the_reviewed_ones(db: None) -> None:
    """Policies add up: one more that lets somebody through would make all others say nothing."""
    found = rows(
        "SELECT tablename || ' ' || policyname, permissive, cmd, array_to_string(roles, ' ') FROM pg_policies"
        " WHERE schemaname = 'public'"
    )
    assert {tuple(rest) for name, *rest in found if name.endswith(" tenant")} == {("PERMISSIVE", "ALL", "public")}
    reviewed = OTHER_POLICIES | {(f"{table} worker", "PERMISSIVE", "ALL", "app_worker") for table in SEEN_BY_WORKERS}
    reviewed |= {(f"{table} auth", "PERMISSIVE", "ALL", "app_auth") for table in SEEN_FIRST}
    assert {(name, *rest) for name, *rest in found if not name.endswith(" tenant")} == reviewed


def _words(condition: str) -> list[str]:
    # PostgreSQL prints a policy with its own brackets, casts, and names for schemas and selected columns.
    text = re.sub(r"\bAS \w+|::uuid\[\]|\bapp\.|[()]", " ", condition)
    return text.split()


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.db_table)
def test_foreign_keys_between_tenant_tables_are_composite(db: None, model: Any) -> None:
    table = model._meta.db_table
    keys = {
        definition
        for (definition,) in rows(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass", table
        )
    }
    for field in model._meta.local_fields:
        if not isinstance(field, TenantKey):
            continue
        target = field.related_model._meta
        owned = _owned(field.related_model)
        columns = (
            f"(org_id, {field.column}) REFERENCES {target.db_table}(org_id, id)"
            if owned
            else f"({field.column}) REFERENCES {target.db_table}(id)"
        )
        assert any(columns in key for key in keys), f"{table}.{field.column} lacks its key"


def test_partitions_cannot_be_read_directly(db: None) -> None:
    partitions = rows(
        "SELECT oid, relname, relrowsecurity AND relforcerowsecurity FROM pg_class"
        " WHERE relispartition AND relkind = 'r'"
    )
    assert partitions
    for oid, name, walled in partitions:
        assert walled, name
        assert rows("SELECT has_table_privilege('app_web', %s::oid, 'SELECT')", oid) == [(False,)], name


def test_the_roles_may_not_truncate_nor_create(db: None) -> None:
    for role in ("app_web", "app_worker"):
        assert rows(
            f"SELECT count(*) FROM pg_class WHERE {TABLES} AND has_table_privilege(%s, oid, 'TRUNCATE')",
            role,
        ) == [(0,)]
        assert rows(
            "SELECT has_schema_privilege(%s, 'public', 'CREATE'), has_schema_privilege(%s, 'app', 'CREATE')", role, role
        ) == [(False, False)]


@pytest.mark.parametrize(
    ("role", "columns"),
    [
        ("app_web", {"email", "name", "password", "is_active", "created_at", "last_login"}),
        ("app_worker", {"is_active"}),
        ("app_auth", {"email", "name", "password", "is_active", "last_login"}),  # for erasure
    ],
)
def test_of_people_each_role_changes_its_columns_alone_and_deletes_nobody(
    db: None, role: str, columns: set[str]
) -> None:
    changed = rows("SELECT attname FROM pg_attribute WHERE attrelid = 'person'::regclass AND attnum > 0"
                   " AND has_column_privilege(%s, attrelid, attnum, 'UPDATE')", role)  # fmt: skip
    assert {name for (name,) in changed} == columns
    assert rows("SELECT has_table_privilege(%s, 'person', 'DELETE')", role) == [(False,)]


def test_functions_that_step_over_the_walls_are_the_reviewed_ones(db: None) -> None:
    definers = {
        f"{name} {owner}"
        for name, owner in rows(
            "SELECT proname, proowner::regrole::text FROM pg_proc"
            " WHERE prosecdef AND pronamespace IN ('app'::regnamespace, 'public'::regnamespace)"
        )
    }
    about_callers = {"engaged_projects", "whoami", "person_of_token", "whoami_token", "places_of"}
    asked_first = about_callers | {"organizations", "names_shown", "is_founded", "invitation_of"}
    asked_first |= {"organization_called", "answer_engagement", "engagement_history"}
    asked_first |= {"single_sign_on_of", "enforces_single_sign_on", "use_token", "end_tokens_through"}
    asked_first |= {"forget_account", "belongs_elsewhere", "account_of"}
    assert definers == {f"{name} app_auth" for name in asked_first} | {"make_activity_partition app_owner"}


def test_there_is_no_view_that_would_be_read_past_the_walls(db: None) -> None:
    views = rows(f"SELECT relname FROM pg_class WHERE relkind IN ('v', 'm', 'f') AND relnamespace IN {OURS}")
    assert views == [], "a view needs security_invoker and a line here; a materialized one has no walls at all"


def test_functions_are_the_owners_and_definers_are_closed_to_the_public_and_name_their_schemas(db: None) -> None:
    for name, owner, definer, public, settings in rows(
        "SELECT proname, proowner::regrole::text, prosecdef, has_function_privilege('public', oid, 'EXECUTE'),"
        f" coalesce(array_to_string(proconfig, ' '), '') FROM pg_proc WHERE pronamespace IN {OURS}"
        " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
    ):
        assert owner in {"app_owner", "app_auth"}, name
        assert not definer or (not public and "search_path=" in settings), name


def test_looking_across_organizations_is_kept_to_the_reviewed_modules() -> None:
    users = {
        str(path)
        for path in Path("apps").rglob("*.py")
        if "across_tenants" in path.read_text() and "migrations" not in path.parts and path.name != "models.py"
    }
    assert {path for path in users if path.split("/")[1] not in ACROSS_APPS} <= ACROSS


def test_no_code_sets_a_session_wide_tenant() -> None:
    for path in Path("apps").rglob("*.py"):
        assert not re.search(r"set_config\([^)]*false\)|SET app\.", path.read_text()), path


@BOTH
def test_a_process_refuses_a_role_that_is_or_may_become_one_that_policies_do_not_bind() -> None:
    require_walls()
    with pytest.raises(ImproperlyConfigured, match="app_owner"):
        require_bounded_role("owner")


def test_a_process_refuses_the_role_for_whom_people_and_organizations_stand_open(db: None) -> None:
    with pytest.raises(ImproperlyConfigured, match="may become app_auth"), transaction.atomic():
        connection.cursor().execute("SET LOCAL ROLE app_auth")
        require_bounded_role()


@BOTH
@pytest.mark.parametrize("change", ["NO FORCE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"])
@pytest.mark.parametrize("table", ["upload_entry", "organization", "mfa_authenticator"])
def test_a_process_refuses_a_table_that_stands_open(table: str, change: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"in force on {table}"), transaction.atomic("owner"):
        connections["owner"].cursor().execute(f"ALTER TABLE {table} {change}")
        require_closed_tables("owner")


@BOTH
def test_a_process_refuses_a_table_without_its_policy() -> None:
    with pytest.raises(ImproperlyConfigured, match="in force on upload_entry"), transaction.atomic("owner"):
        connections["owner"].cursor().execute("DROP POLICY tenant ON upload_entry")
        require_closed_tables("owner")


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.db_table)
def test_with_scoping_switched_off_the_database_still_shows_a_stranger_nothing(world: World, model: Any) -> None:
    with tenant_tx(world.eve.context):
        foreign = model._base_manager.exclude(org_id=world.elsewhere.id)
        assert not foreign.exists()


def test_a_row_cannot_be_moved_or_written_into_another_organization(world: World) -> None:
    with tenant_tx(world.eve.context):
        for statement in (
            "UPDATE membership SET org_id = %s",
            DATASET.replace("%s, 'x'", "gen_random_uuid(), 'x'"),
        ):
            with (
                pytest.raises(ProgrammingError, match="row-level security"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement, [world.parking.id])


def test_a_foreign_key_cannot_point_into_another_organization(world: World) -> None:
    refused = pytest.raises(IntegrityError, match="dataset_project_id_tenant")
    with refused, tenant_tx(world.eve.context), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(DATASET, [world.elsewhere.id, world.project.id])
