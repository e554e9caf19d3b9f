import pytest
from django.db import connection

from apps.core.tenancy import Context, NoActiveTenant, acting_as, tenant_tx
from apps.projects.models import Project
from tests.people import World


@pytest.mark.django_db
def test_the_suite_runs_as_app_web() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("app_web",)


def test_tenant_rows_cannot_be_asked_for_without_a_context() -> None:
    with pytest.raises(NoActiveTenant):
        Project.objects.all()


def test_a_vendor_sees_the_project_shared_with_it_and_a_stranger_does_not(world: World) -> None:
    with tenant_tx(world.ada.context):
        assert list(Project.objects.all()) == [world.project]
    with tenant_tx(world.eve.context):
        assert not Project.objects.exists()


def test_the_database_refuses_what_a_view_without_a_filter_would_show(world: World) -> None:
    with tenant_tx(world.eve.context), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM project")
        assert cursor.fetchone() == (0,)


def test_the_former_settings_come_back_after_an_inner_context(world: World) -> None:
    with tenant_tx(world.noor.context):
        with tenant_tx(world.eve.context):
            assert not Project.objects.exists()
        with acting_as(world.noor.context), connection.cursor() as cursor:
            cursor.execute("SELECT app.org()")
            assert cursor.fetchone() == (world.parking.id,)


def test_a_context_of_no_projects_shares_nothing(world: World) -> None:
    with tenant_tx(Context(org_id=world.meadow.id)):
        assert not Project.objects.exists()
