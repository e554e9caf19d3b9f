"""The run log of a unit: every step with who, when and how long; and from its page it is sent elsewhere."""

from typing import Any

from apps.accounts.models import Engagement, EngagementState
from apps.core.roles import Role
from apps.core.tenancy import tenant_tx
from apps.distribution.models import Task, TaskState, Unit
from tests.people import World, make_member, make_organization

from .graphs import Works, graph_of
from .line import Line, as_owner, box, make_item, make_tasks


def reviewed(world: World, line: Line, at: Any) -> Unit:
    """A unit that was labelled, returned and labelled again."""
    make_tasks(world, line, 1)
    ada, rita = at(world.ada), at(world.rita)
    assert ada.submit(ada.take(), box()).status_code == 201
    assert rita.judge(rita.take(), "reject", reason="missed", comment="The van").status_code == 201
    ada.take()
    with as_owner(world.project):
        unit: Unit = Unit.objects.get()
    return unit


def page_of(desk: Any, world: World, unit: Unit) -> Any:
    return desk.client.get(f"{desk.client.org}/projects/{world.project.id}/units/{unit.pk}/")


def test_a_units_log_tells_every_step_with_who_and_how_long(world: World, line: Line, at: Any) -> None:
    unit = reviewed(world, line, at)
    log = at(world.noor).send("GET", f"units/{unit.pk}/log").json()
    told = [(row["kind"], row["stage"], row["round"], bool(row["who"])) for row in log["results"]]
    assert told == [
        ("entered", "Label", 1, False),
        ("task.claimed", "Label", 1, True),
        ("entered", "Review", 1, False),
        ("task.submitted", "Label", 1, True),
        ("task.claimed", "Review", 1, True),
        ("entered", "Label", 2, False),
        ("task.reviewed", "Review", 1, True),
        ("task.claimed", "Label", 2, True),
    ]
    by_kind = {row["kind"]: row for row in log["results"]}
    assert by_kind["task.reviewed"]["text"] == "Returned by review"
    assert by_kind["task.submitted"]["took_ms"] >= 0
    assert (log["state"], log["kind"]) == ("open", "item")


def test_the_log_of_machines_and_parts_is_told_too(world: World, at: Any) -> None:
    make_item(world)
    stages = [("dataset", "dataset", {}), ("tile", "tile", {"size": 500}), ("label", "label", {}),
              ("merge", "merge", {}), ("done", "done", {})]  # fmt: skip
    works = Works(world, graph_of(stages))
    works.step()
    with as_owner(world.project):
        unit, tile = Unit.objects.get(kind="item"), Unit.objects.filter(kind="tile")[0]
    noor = at(world.noor)
    kinds = [row["kind"] for row in noor.send("GET", f"units/{unit.pk}/log").json()["results"]]
    assert kinds == ["entered", "task.finished"]
    page = page_of(noor, world, unit).content.decode()
    assert f"units/{tile.pk}/" in page
    assert f"units/{unit.pk}/" in page_of(noor, world, tile).content.decode()


def test_who_may_see_a_log_and_who_sees_what_of_it(world: World, line: Line, at: Any, signed_in: Any) -> None:
    unit = reviewed(world, line, at)
    path = f"units/{unit.pk}/log"
    assert at(world.rita).send("GET", path).status_code == 200
    assert at(world.ada).send("GET", path).status_code == 403
    assert at(world.eve).send("GET", path).status_code == 404
    hill = make_organization("hill")
    with as_owner(world.project):
        Engagement.objects.create(
            org_id=world.parking.id, vendor=hill, project_id=world.project.pk, state=EngagementState.ACTIVE,
            roles=[Role.REVIEWER],
        )  # fmt: skip
    rosa = at(make_member(hill, "rosa", Role.REVIEWER, projects=frozenset({world.project.id})))
    told = rosa.send("GET", path).json()["results"]
    assert all(row["who"] == "" for row in told), "of another vendor's work"


def test_a_unit_is_sent_to_a_stage_from_its_page(world: World, line: Line, at: Any) -> None:
    unit = reviewed(world, line, at)
    noor = at(world.noor)
    page = page_of(noor, world, unit).content.decode()
    assert "Send to a stage" in page
    assert "Send to a stage" not in page_of(at(world.rita), world, unit).content.decode()
    address = f"{noor.client.org}/projects/{world.project.id}/units/{unit.pk}/"
    sent = noor.client.post(address, {"stage": str(line.review.pk), "note": "Look again"}, follow=True)
    assert "It is sent there." in sent.content.decode()
    assert "Sent here by a manager" in sent.content.decode()
    with tenant_tx(world.noor.context):
        task = Task.objects.get(unit=unit, state=TaskState.READY)
        assert (task.stage_id, task.note) == (line.review.pk, "Look again")
    refused = noor.client.post(address, {"stage": str(line.stages["dataset"].pk)}, follow=True)
    assert "Choose a stage for those" in refused.content.decode()
    assert noor.client.post(address, {"stage": "x"}).status_code == 404
