"""Work that is moved by hand: a run to another version of its pipeline, units to another stage."""

from collections import Counter
from typing import Any
from uuid import UUID

import msgspec
import pytest

from apps.activity.models import AuditEvent
from apps.core.tenancy import owner_context
from apps.distribution import actors
from apps.distribution.models import PipelineRun, RunState, Task, TaskState, Unit, UnitState
from apps.distribution.selectors import numbers_of
from apps.distribution.services import leases, versions
from apps.jobs.models import Job
from apps.pipelines.graphs import Graph
from apps.pipelines.models import PipelineVersion, Stage
from apps.pipelines.services import publish_version
from tests.people import World

from .graphs import Works, graph_of
from .line import as_owner, box, identity, make_item

Stated = tuple[str, str, dict[str, Any]]
D: Stated = ("dataset", "dataset", {})
DONE: Stated = ("done", "done", {})
LABEL: Stated = ("label", "label", {})
REVIEW: Stated = ("review", "review", {})
SECOND: Stated = ("second", "review", {})
TWICE = graph_of([D, LABEL, REVIEW, SECOND, DONE], ("review", "rework", "label"), ("second", "rework", "label"))
ONCE = graph_of([D, LABEL, REVIEW, DONE], ("review", "rework", "label"))
TILES: list[Stated] = [
    D,
    ("tile", "tile", {"size": 500}),
    LABEL,
    ("merge", "merge", {}),
    ("fix", "label", {}),
    REVIEW,
    DONE,
]
TILED = graph_of(TILES, ("review", "rework", "fix"))
OBJECTS = {"unit": "object", "question": {"label": True}}


def works_on(world: World, graph: Any, items: int) -> Works:
    for number in range(items):
        make_item(world, name=str(number))
    return Works(world, graph)


def publish(works: Works, graph: Any) -> PipelineVersion:
    with as_owner(works.world.project):
        pipeline = works.run.pipeline_version.pipeline
        version: PipelineVersion = publish_version(
            pipeline=pipeline, graph=msgspec.convert(graph, Graph), recipe_version_id=works.recipe.pk
        )
    return version


def move(desk: Any, works: Works, version: PipelineVersion, **mapping: str) -> Any:
    body = {"pipeline_version": str(version.pk), "mapping": mapping}
    return desk.send("POST", f"pipeline_runs/{works.run.pk}/moves", body)


def carry_out(works: Works) -> int:
    context = owner_context(works.run.org_id)
    moved = versions.move_open_work(context=context, run_id=works.run.pk, progress=lambda done: None)
    works.again()
    return moved


def states(works: Works) -> dict[str, Counter[str]]:
    """By the key of the run's stages now, as boards show them."""
    with as_owner(works.world.project):
        run = works.again()
        keys = dict(Stage.objects.values_list("pk", "key"))
        return {keys[stage]: +numbers for stage, numbers in numbers_of(run).tasks.items() if +numbers}


def send(desk: Any, works: Works, stage: str, *units: UUID, note: str = "") -> Any:
    body = {"units": [str(unit) for unit in units], "stage": str(works.stage(stage).pk), "note": note}
    return desk.send("POST", f"projects/{works.run.project_id}/unit_moves", body)


def take(desk: Any, works: Works, stage: str) -> Any:
    return desk.take(stage=str(works.stage(stage).pk))


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_run_at_work_is_moved_to_another_version(world: World, at: Any) -> None:
    works = works_on(world, TWICE, 5)
    ada, rita, max_, noor = at(world.ada), at(world.rita), at(world.max), at(world.noor)
    for _ in range(3):
        ada.submit(ada.take(), box())
    held = ada.take()
    for _ in range(2):
        assert rita.judge(take(rita, works, "review"), "accept").status_code == 201
    version = publish(works, ONCE)

    preview = noor.send("GET", f"pipeline_runs/{works.run.pk}/moves?pipeline_version={version.pk}").json()["results"]
    shown = {row["key"]: (row["open"], row["leased"], row["to"], row["kept"]) for row in preview}
    assert shown == {
        "label": (1, 1, "label", True),
        "review": (1, 0, "review", True),
        "second": (2, 0, None, False),
        "done": (0, 0, "done", True),
    }
    assert code_of(move(noor, works, version)) == (422, "target_missing")
    assert code_of(move(noor, works, version, second="nowhere")) == (422, "unknown_target")
    assert code_of(move(noor, works, version, second="dataset")) == (422, "target_unfit")
    answer = move(noor, works, version, second="done")
    assert answer.status_code == 202, answer.content
    assert carry_out(works) == 4
    assert carry_out(works) == 0
    with as_owner(world.project):
        assert AuditEvent.objects.get(verb="pipeline_run.move").details["stages"]["second"] == {"open": 2, "to": "done"}
        assert Unit.objects.filter(state=UnitState.ACCEPTED).count() == 2
    assert states(works)["label"] == {"submitted": 1, "accepted": 2, "leased": 1, "ready": 1}
    assert states(works)["review"] == {"ready": 1, "accepted": 2}

    assert ada.submit(held, box()).status_code == 201
    ada.submit(ada.take(), box())
    for _ in range(3):
        assert max_.judge(take(max_, works, "review"), "accept").status_code == 201
    with as_owner(world.project):
        leases.finish_runs()
        assert PipelineRun.objects.get().state == RunState.DONE
    assert code_of(move(noor, works, version)) == (409, "transition_refused")


def test_what_is_finished_later_goes_to_what_stands_for_a_removed_stage(world: World, at: Any) -> None:
    works = works_on(world, TWICE, 1)
    ada, rita, noor = at(world.ada), at(world.rita), at(world.noor)
    ada.submit(ada.take(), box())
    review = take(rita, works, "review")
    assert move(noor, works, publish(works, ONCE)).status_code == 202, "nothing lies at the removed stage"
    carry_out(works)
    assert rita.judge(review, "accept").status_code == 201
    with as_owner(world.project):
        assert Unit.objects.get().state == UnitState.ACCEPTED
    with as_owner(world.project):
        version = works.again().pipeline_version
    assert code_of(move(noor, works, version)) == (409, "transition_refused")


def test_a_stage_that_asks_something_else_gets_its_work_anew(world: World, at: Any) -> None:
    works = works_on(world, ONCE, 2)
    two = graph_of([D, ("label", "label", {"overlap": 2, "skill": None}), REVIEW, DONE], ("review", "rework", "label"))
    version = publish(works, two)
    assert move(at(world.noor), works, version).status_code == 202
    assert carry_out(works) == 2
    assert states(works)["label"] == {"cancelled": 2, "ready": 4}
    ada, bob = at(world.ada), at(world.bob)
    for desk in (ada, bob):
        for _ in range(2):
            assert desk.submit(desk.take(), box()).status_code == 201
    works.step()
    assert len(works.tasks("review")) == 2


def test_a_version_of_another_pipeline_is_not_found(world: World, at: Any, line: Any) -> None:
    works = works_on(world, ONCE, 1)
    assert code_of(move(at(world.noor), works, line.run.pipeline_version)) == (404, "not_found")
    version = publish(works, ONCE)
    assert move(at(world.max), works, version).status_code == 403
    assert move(at(world.eve), works, version).status_code == 404


def test_units_are_sent_back_and_on_and_their_holders_told(world: World, at: Any) -> None:
    works = works_on(world, TWICE, 3)
    ada, bob, rita, noor = at(world.ada), at(world.bob), at(world.rita), at(world.noor)
    ada.submit(ada.take(), box())
    held = bob.take()
    with as_owner(world.project):
        one, two, three = Unit.objects.order_by("item_id")
    review = take(rita, works, "review")
    answer = send(noor, works, "label", one.pk, two.pk, note="The lorries too, please.")
    assert (answer.status_code, answer.json()) == (201, {"count": 2})
    assert code_of(bob.submit(held, box())) == (409, "lease_lost")
    assert code_of(rita.judge(review, "accept")) == (409, "lease_lost")
    with as_owner(world.project):
        assert Task.objects.get(pk=review["id"]).state == TaskState.CANCELLED
        fresh = Task.objects.get(unit=one, state=TaskState.READY)
        assert (fresh.round, fresh.note, fresh.stage.key) == (2, "The lorries too, please.", "label")
        assert Task.objects.get(unit=one, round=1, stage__key="label").state == TaskState.RETURNED
        event = AuditEvent.objects.get(verb="unit.move")
        assert (event.details["key"], event.details["count"]) == ("label", 2)

    assert send(noor, works, "done", three.pk).status_code == 201
    assert send(noor, works, "second", one.pk).status_code == 201
    with as_owner(world.project):
        assert Unit.objects.get(pk=three.pk).state == UnitState.ACCEPTED
        assert Task.objects.get(unit=one, state=TaskState.READY).stage.key == "second"
    assert send(noor, works, "review", three.pk).status_code == 201, "a finished unit is opened again"
    with as_owner(world.project):
        assert Unit.objects.get(pk=three.pk).state == UnitState.OPEN


def test_a_picture_that_is_moved_takes_its_tiles_off_and_a_tile_is_waited_for_again(world: World, at: Any) -> None:
    works = works_on(world, TILED, 1)
    works.step()
    ada, noor = at(world.ada), at(world.noor)
    tiles = works.tasks("label")
    assert len(tiles) == 4
    done = ada.take()
    assert ada.submit(done, box(10, 10)).status_code == 201
    with as_owner(world.project):
        tile = Task.objects.get(pk=done["id"]).unit
        parent = tile.parent
        assert (tile.state, parent.open_children) == (UnitState.ACCEPTED, 3)
    assert code_of(send(noor, works, "review", tile.pk)) == (422, "unit_unfit")
    assert send(noor, works, "label", tile.pk).status_code == 201
    with as_owner(world.project):
        parent.refresh_from_db()
        assert parent.open_children == 4
    assert code_of(send(noor, works, "label", parent.pk)) == (422, "unit_unfit")
    assert send(noor, works, "review", parent.pk).status_code == 201
    with as_owner(world.project):
        parent.refresh_from_db()
        assert (parent.open_children, parent.state) == (0, UnitState.OPEN)
        assert not Unit.objects.filter(parent=parent, state=UnitState.OPEN).exists()
        assert set(Task.objects.filter(state=TaskState.READY).values_list("stage__key", flat=True)) == {"review"}
    assert code_of(send(noor, works, "label", tile.pk)) == (422, "picture_went_on")
    assert send(noor, works, "tile", parent.pk).status_code == 201
    works.step()
    assert len(works.tasks("label")) == 4


def test_what_cannot_be_moved_is_refused_with_a_sentence(world: World, at: Any) -> None:
    works = works_on(world, ONCE, 1)
    noor = at(world.noor)
    with as_owner(world.project):
        unit = Unit.objects.get()
    path, body = f"projects/{world.project.id}/unit_moves", {"units": [], "stage": str(works.stage("label").pk)}
    assert code_of(noor.send("POST", path, body)) == (422, "too_many_units")
    assert code_of(send(noor, works, "label", unit.pk, identity())) == (404, "not_found")
    assert code_of(send(noor, works, "dataset", unit.pk)) == (422, "unit_unfit")
    assert code_of(send(noor, works, "label", unit.pk, note="x" * 2001)) == (422, "note_too_long")
    assert send(at(world.ada), works, "label", unit.pk).status_code == 403
    old = works.stage("label")
    assert move(noor, works, publish(works, ONCE)).status_code == 202
    stale = {"units": [str(unit.pk)], "stage": str(old.pk)}
    assert code_of(noor.send("POST", path, stale)) == (422, "unit_unfit")
    with as_owner(world.project):
        PipelineRun.objects.update(state=RunState.CANCELLED)
    works.again()
    assert code_of(send(noor, works, "label", unit.pk)) == (409, "transition_refused")


def test_a_moved_run_goes_on_being_filled_from_the_new_version(world: World) -> None:
    works = works_on(world, ONCE, 1)
    version = publish(works, ONCE)
    with as_owner(world.project):
        versions.move_run(run=works.run, version_id=version.pk, mapping={})
        assert Job.objects.filter(kind=versions.MOVE).exists()
        job = type("J", (), {"context": owner_context(works.run.org_id), "progress": staticmethod(lambda done: None)})
        job.input = {"pipeline_run": str(works.run.pk)}  # type: ignore[attr-defined]
    assert actors.move_open_work(job) == {"tasks": 1}  # type: ignore[arg-type]


@pytest.mark.parametrize("target", ["label", "review"])
def test_objects_are_gathered_where_whole_pictures_are_worked_on(world: World, at: Any, target: str) -> None:
    graph = graph_of([D, LABEL, ("ask", "label", OBJECTS), REVIEW, DONE], ("review", "rework", "label"))
    works = works_on(world, graph, 1)
    ada, noor = at(world.ada), at(world.noor)
    ada.submit(ada.take(), box(10, 10), box(200, 200))
    works.step()
    assert len(works.tasks("ask")) == 2
    version = publish(works, ONCE)
    assert move(noor, works, version, ask=target).status_code == 202
    carry_out(works)
    with as_owner(world.project):
        assert Unit.objects.get(kind="item").open_children == 0
        ready = Task.objects.get(state=TaskState.READY)
        assert (ready.stage.key, ready.unit.kind) == (target, "item")


def test_a_run_is_moved_from_the_pipeline_page(world: World, at: Any) -> None:
    works = works_on(world, TWICE, 1)
    noor, ada, rita = at(world.noor), at(world.ada), at(world.rita)
    ada.submit(ada.take(), box())
    rita.judge(take(rita, works, "review"), "accept")
    pipeline = f"{noor.client.org}/projects/{world.project.id}/pipeline/"
    address = f"{pipeline}runs/{works.run.pk}/moves"
    assert "Move the run" not in noor.client.get(pipeline).content.decode()
    assert "on the newest version" in noor.client.get(address).content.decode()
    publish(works, ONCE)
    assert address in noor.client.get(pipeline).content.decode()
    page = noor.client.get(address).content.decode()
    assert 'name="to-second"' in page
    assert 'name="to-label"' not in page
    assert "Say to which stage they go." in noor.client.post(address, {"to-second": ""}).content.decode()
    assert noor.client.post(address, {"to-second": "review"}).status_code == 302
    with as_owner(world.project):
        assert works.again().pipeline_version.number == 2
    assert (
        rita.client.get(f"{rita.client.org}/projects/{world.project.id}/pipeline/runs/{works.run.pk}/moves").status_code
        == 403
    )
