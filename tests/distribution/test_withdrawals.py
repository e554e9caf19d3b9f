"""Nobody is asked about a picture that was deleted; one that is brought back comes back to where it stood."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from apps.activity.models import ActivityEvent, AuditEvent
from apps.core.tenancy import owner_context, tenant_tx
from apps.distribution.models import PipelineRun, Task, TaskState, Unit
from apps.distribution.services import leases, runs, withdrawals
from apps.distribution.services.claims import claim_tasks
from apps.jobs.models import Outbox
from apps.projects.models import Item
from apps.projects.services import delete_dataset, delete_item
from tests.distribution.line import Line, make_item, make_line, make_tasks
from tests.people import World, make_world

COMMITS = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def line(world: World) -> Line:
    return make_line(world)


@pytest.fixture
def two(world: World, line: Line) -> list[Task]:
    """Two pictures' tasks, the first of which will be deleted."""
    return make_tasks(world, line, 2)


def owner(world: World) -> Any:
    return tenant_tx(owner_context(world.parking.id))


def claimed(world: World, line: Line) -> list[str]:
    """What Ada gets when she asks for all that there is."""
    with tenant_tx(world.ada.context):
        return [
            task["item"]["name"] for task in claim_tasks(project_id=world.project.id, stage_id=line.label.pk, limit=5)
        ]


def delete(world: World, task: Task, *, at: Any = "now") -> None:
    """Hide its picture as an act does, and tell the engine."""
    with owner(world):
        item = Task.objects.get(pk=task.pk).unit.item_id
        Item.objects.filter(pk=item).update(deleted_at=timezone.now() if at == "now" else at)
        (withdrawals.withdraw if at == "now" else withdrawals.bring_back)([item])


def states(world: World, task: Task) -> tuple[str, str]:
    with owner(world):
        row = Task.objects.select_related("unit").get(pk=task.pk)
        return row.state, row.unit.state


def test_a_deleted_picture_is_handed_to_nobody_and_holds_up_no_run(world: World, line: Line, two: list[Task]) -> None:
    for task in two:
        delete(world, task)
        assert states(world, task) == ("cancelled", "cancelled")
    assert claimed(world, line) == []
    with owner(world):
        leases.finish_runs()
        assert PipelineRun.objects.get(pk=line.run.pk).state == "done"


def test_the_other_pictures_stay(world: World, line: Line, two: list[Task]) -> None:
    delete(world, two[0])
    assert claimed(world, line) == ["lot 1.jpg"]


def test_who_holds_it_is_told_and_their_lease_is_over(world: World, line: Line, two: list[Task]) -> None:
    with tenant_tx(world.ada.context):
        (held,) = claim_tasks(project_id=world.project.id, stage_id=line.label.pk)
    delete(world, two[0])
    assert states(world, two[0]) == ("cancelled", "cancelled")
    from apps.activity.models import Feed  # noqa: PLC0415

    with owner(world):
        assert Feed.objects.filter(topic=f"task:{held['id']}", frame__type="lease.lost").exists()


def test_a_picture_that_is_brought_back_is_handed_out_again(world: World, line: Line, two: list[Task]) -> None:
    delete(world, two[0])
    delete(world, two[0], at=None)
    assert states(world, two[0]) == ("ready", "open")
    assert claimed(world, line) == ["lot 0.jpg", "lot 1.jpg"]


def test_what_a_model_had_to_read_is_asked_for_again(world: World, line: Line, two: list[Task]) -> None:
    with owner(world):
        Task.objects.filter(pk=two[0].pk).update(kind="machine", state="waiting")
    delete(world, two[0])
    assert states(world, two[0]) == ("cancelled", "cancelled")
    delete(world, two[0], at=None)
    assert states(world, two[0]) == ("waiting", "open")
    with owner(world):
        assert Outbox.objects.filter(topic="stage.entered", payload__task=str(two[0].pk)).exists()


@pytest.mark.parametrize("state", [TaskState.SUBMITTED, TaskState.ACCEPTED])
def test_what_was_handed_in_stays(world: World, line: Line, two: list[Task], state: str) -> None:
    with owner(world):
        Task.objects.filter(pk=two[0].pk).update(state=state)
    delete(world, two[0])
    assert states(world, two[0])[0] == state


def test_a_picture_that_is_there_again_by_now_stays_on_the_line(world: World, line: Line, two: list[Task]) -> None:
    with owner(world):
        withdrawals.withdraw([two[0].unit.item_id])  # late news of a deletion that was undone
    assert states(world, two[0]) == ("ready", "open")


def test_both_are_safe_to_repeat_and_counted_once(world: World, line: Line, two: list[Task]) -> None:
    for _ in range(2):
        delete(world, two[0])
    for _ in range(2):
        delete(world, two[0], at=None)
    with owner(world):
        made = ActivityEvent.objects.filter(kind="units.made").order_by("id").values_list("payload__units", flat=True)
        assert list(made) == [-1, 1]
        verbs = AuditEvent.objects.filter(verb__startswith="unit.").order_by("id").values_list("verb", flat=True)
        assert list(verbs) == ["unit.withdraw", "unit.bring_back"]


def test_a_cancelled_runs_units_do_not_come_back(world: World, line: Line, two: list[Task]) -> None:
    delete(world, two[0])
    with owner(world):
        PipelineRun.objects.filter(pk=line.run.pk).update(state="cancelled")
    delete(world, two[0], at=None)
    assert states(world, two[0]) == ("cancelled", "cancelled")


def test_a_deleted_dataset_takes_all_its_open_work_along(world: World, line: Line, two: list[Task]) -> None:
    with owner(world):
        delete_dataset(dataset=world.dataset)
    done = withdrawals.withdraw_dataset(
        context=owner_context(world.parking.id), dataset_id=world.dataset.pk, progress=lambda number: None
    )
    assert done == 2
    with owner(world):
        assert set(Unit.objects.values_list("state", flat=True)) == {"cancelled"}


def test_deleting_tells_the_line(world: World, line: Line, two: list[Task]) -> None:
    with tenant_tx(world.noor.context):
        delete_item(item=two[0].unit.item)
        delete_dataset(dataset=world.dataset)
    with owner(world):
        told = set(Outbox.objects.values_list("topic", flat=True))
    assert {"items.deleted", "dataset.deleted"} <= told


def beside(act: Callable[[], object]) -> threading.Thread:
    """Do it on another connection; comes back when it is done, or waits for somebody."""

    def work() -> None:
        act()
        connections["default"].close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(1)
    return thread


@COMMITS
def test_an_undo_waits_for_the_withdrawal_that_it_undoes() -> None:
    world = make_world()
    (task,) = make_tasks(world, make_line(world), 1)
    item = task.unit.item_id
    with owner(world):
        Item.objects.filter(pk=item).update(deleted_at=timezone.now())
    with owner(world):
        withdrawals.withdraw([item])
        undo = beside(lambda: delete(world, task, at=None))
    undo.join(10)
    assert states(world, task) == ("ready", "open")


@COMMITS
def test_a_run_does_not_end_while_a_picture_is_brought_back() -> None:
    world = make_world()
    line = make_line(world)
    (task,) = make_tasks(world, line, 1)
    delete(world, task)

    def finish() -> None:
        with owner(world):
            leases.finish_runs()

    with owner(world):
        Item.objects.filter(pk=task.unit.item_id).update(deleted_at=None)
        withdrawals.bring_back([task.unit.item_id])
        ending = beside(finish)
    ending.join(10)
    with owner(world):
        assert PipelineRun.objects.get(pk=line.run.pk).state == "running"


def filled(world: World, line: Line) -> int:
    return runs.fill_run(context=owner_context(world.parking.id), run_id=line.run.pk, progress=lambda number: None)


def test_a_deleted_dataset_is_put_on_no_line(world: World, line: Line) -> None:
    make_item(world)
    with owner(world):
        PipelineRun.objects.update(state="filling")
        delete_dataset(dataset=world.dataset)
    assert filled(world, line) == 0


@COMMITS
def test_a_picture_that_is_being_deleted_is_put_on_no_line() -> None:
    world = make_world()
    line, item = make_line(world), make_item(world)
    with owner(world):
        PipelineRun.objects.update(state="filling")
    with owner(world):
        Item.objects.filter(pk=item.pk).update(deleted_at=timezone.now())
        filling = beside(lambda: filled(world, line))
    filling.join(10)
    with owner(world):
        assert not Unit.objects.exists()
        assert PipelineRun.objects.get(pk=line.run.pk).state == "running"
