"""An engagement's scope of stages holds in claims, lists, pages and the database itself."""

from typing import Any

import pytest
from django.db import connection

from apps.accounts.models import Engagement, EngagementState
from apps.accounts.selectors import Member, member_by_session
from apps.core.tenancy import owner_context, tenant_tx
from apps.distribution import actors
from apps.distribution.models import Task, TaskState
from apps.distribution.services.leases import expire_leases
from apps.jobs.actors import News
from tests.people import World

from .line import Line, box, make_line, make_tasks


@pytest.fixture
def line(world: World) -> Line:
    """Two stages of labeling, then a review."""
    return make_line(world, ("dataset", "label", "review", "done"))


def share(world: World, *stages: str) -> None:
    with tenant_tx(owner_context(world.parking.id)):
        Engagement.objects.update(stages=list(stages))


def now(member: Member) -> Member:
    """Who they are at their next request."""
    found = member_by_session(member.id, member.context.org_slug)
    assert found is not None
    return found


def test_a_claim_takes_from_shared_stages_alone(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 2)
    share(world, "other")
    ada = at(world.ada)
    assert ada.claim().status_code == 204
    assert ada.claim(stage=str(line.label.pk)).status_code == 404
    share(world, "label")
    task = ada.take()
    assert ada.submit(task, box()).status_code == 201
    rita = at(world.rita)
    assert rita.claim(stage=str(line.review.pk)).status_code == 404
    assert rita.take()["stage"]["key"] == "label"
    share(world)
    assert rita.take(stage=str(line.review.pk))["stage"]["key"] == "review"


def test_what_is_closed_is_seen_nowhere(world: World, line: Line, at: Any, signed_in: Any) -> None:
    make_tasks(world, line, 1)
    ada, max_, rita, noor = (signed_in(one) for one in (world.ada, world.max, world.rita, world.noor))
    desk = at(world.ada)
    desk.submit(desk.take(), box())
    review = str(tasks(noor, stage=line.review.pk)[0]["id"])
    project = f"projects/{world.project.pk}"
    assert tasks(max_, stage=line.review.pk)
    share(world, "label")

    assert tasks(max_, stage=line.review.pk) == []
    for address in (f"tasks/{review}", f"tasks/{review}/thread"):
        assert max_.get(f"{max_.api}/{address}").status_code == 404
    assert rita.get(f"{rita.org}/work/{review}").status_code == 404
    assert line.review.title not in titles(max_.get(f"{max_.org}/{project}/"))
    assert line.review.title in titles(noor.get(f"{noor.org}/{project}/"))
    assert str(line.review.pk) not in max_.get(f"{max_.org}/{project}/").content.decode()
    assert review not in rita.get(f"{rita.org}/review/").content.decode()
    with tenant_tx(owner_context(world.parking.id)):
        pipeline = line.label.pipeline_version.pipeline_id
    for address in (f"pipelines/{pipeline}", f"pipelines/{pipeline}/versions"):
        assert str(line.review.pk) not in max_.get(f"{max_.api}/{address}").content.decode()
        assert str(line.review.pk) in noor.get(f"{noor.api}/{address}").content.decode()
    assert tasks(noor, stage=line.review.pk)
    assert ada.get(f"{ada.org}/").status_code == 200


def titles(answer: Any) -> list[str]:
    return [stage["title"] for stage in answer.context["line"] or []]


def tasks(client: Any, **wanted: Any) -> Any:
    return client.get(f"{client.api}/tasks", wanted).json()["results"]


def test_with_scoping_off_the_database_still_shows_nothing_of_a_closed_stage(world: World, line: Line) -> None:
    make_tasks(world, line, 1)
    share(world, "review", "other")
    max_ = now(world.max)
    assert max_.context.closed == {line.label.pk}
    with tenant_tx(max_.context):
        assert not Task._base_manager.exists()
        assert not Task.objects.exists()
    with tenant_tx(owner_context(world.parking.id)):
        assert Task._base_manager.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.closed', true)")
        assert cursor.fetchone()[0] in {"", "{}", None}


@pytest.mark.parametrize("end", [{"state": EngagementState.ENDED}, {"stages": ["other"]}])
def test_what_a_vendor_holds_goes_on_when_its_share_ends(
    world: World, line: Line, at: Any, end: dict[str, Any]
) -> None:
    make_tasks(world, line, 1)
    ada = at(world.ada)
    task = ada.take()
    with tenant_tx(owner_context(world.parking.id)):
        Engagement.objects.update(**end)
        row = Engagement.objects.get()
        assert Task.objects.get().state == TaskState.LEASED
        actors.take_back_from_vendors([News(1, {"engagement": str(row.pk), "verb": "end", "by": ""})])
        expire_leases()
        assert Task.objects.get().state == TaskState.READY
    assert ada.submit(task, box()).status_code in {404, 409}
    assert ada.claim().status_code in {404, 204}


def test_what_is_still_shared_stays_held(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    task = at(world.ada).take()
    with tenant_tx(owner_context(world.parking.id)):
        Engagement.objects.update(stages=["label"])
        row = Engagement.objects.get()
        actors.take_back_from_vendors([News(1, {"engagement": str(row.pk), "verb": "edit", "by": ""})])
        expire_leases()
    assert at(world.ada).submit(task, box()).status_code == 201
