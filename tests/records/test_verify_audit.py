"""The command that looks whether the audit still is what was sealed."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from apps.activity.services import record_audit
from apps.core.tenancy import tenant_tx
from apps.jobs.services import upkeep
from tests.conftest import as_worker
from tests.people import World, make_world


def run(*words: str) -> str:
    """As the operator does, with a worker's sign-in."""
    out = io.StringIO()
    with as_worker():
        call_command("verify_audit", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def committed(transactional_db: None) -> World:
    """Two organizations with sealed rows."""
    world = make_world()
    for person, number in ((world.noor, 3), (world.eve, 0)):
        with tenant_tx(person.context):
            for _ in range(number):
                record_audit("project.edit", world.project)
    with as_worker():
        upkeep.seal_audit()
    return world


COMMITS = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@COMMITS
def test_all_organizations_or_one_are_said_to_be_as_sealed(committed: World) -> None:
    lines = run().splitlines()
    assert len(lines) == 3
    assert any(line.startswith("parking: 3 rows as sealed, 0 not sealed yet, head 3 ") for line in lines)
    assert run("parking").count("\n") == 1
    with pytest.raises(CommandError, match="no such organization"):
        run("nowhere")


@COMMITS
def test_the_first_row_that_is_not_as_sealed_is_named_and_the_command_fails(committed: World, tmp_path: Path) -> None:
    heads = tmp_path / "heads.json"
    assert run("--heads", str(heads)) == run("--heads", str(heads))
    before = heads.read_text()
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event NO FORCE ROW LEVEL SECURITY")
        cursor.execute("UPDATE audit_event SET verb = 'project.see'")
        cursor.execute("ALTER TABLE audit_event FORCE ROW LEVEL SECURITY")
    out = io.StringIO()
    with as_worker(), pytest.raises(CommandError, match="1 of 3 organizations"):
        call_command("verify_audit", "--heads", str(heads), stdout=out)
    assert "parking: changed: Row 1 (event" in out.getvalue()
    assert heads.read_text() == before


def test_the_operators_own_sign_in_may_run_it(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_function_privilege('app_ops', 'app.organizations()', 'EXECUTE'),"
            " has_table_privilege('app_ops', 'audit_event', 'SELECT'),"
            " has_table_privilege('app_ops', 'audit_seal', 'SELECT')"
        )
        assert cursor.fetchone() == (True, True, True)
