"""The numbers on boards are kept as work moves, and equal a recount whatever has happened."""

import random
from collections import Counter
from typing import Any

import pytest
from django.db import connection

from apps.core.tenancy import owner_context, tenant_tx
from apps.distribution import actors
from apps.distribution.item_states import STATES
from apps.distribution.models import PipelineRun, Tally, Task, TaskState, Unit, UnitState
from apps.distribution.overviews import figures_of
from apps.distribution.selectors import numbers_of, units_of
from apps.distribution.services.tallies import fold_tallies
from apps.exchange.selectors import accepted_items
from tests.conftest import as_worker
from tests.people import World

from .line import Line, as_owner, box, make_item, make_line, make_task, make_tasks, make_unit

HUMAN_STATES = [state for state in TaskState if state != TaskState.LEASED]


def recount(run: PipelineRun) -> tuple[Counter[str], Counter[tuple[Any, str]]]:
    """By looking at every row that the caller may see."""
    units = Counter(Unit.objects.filter(pipeline_run=run, kind="item").values_list("state", flat=True))
    return units, Counter(Task.objects.filter(pipeline_run=run).values_list("stage_id", "state"))


def told(run: PipelineRun) -> tuple[Counter[str], Counter[tuple[Any, str]]]:
    numbers = numbers_of(run)
    by_stage = {(stage, state): n for stage, states in numbers.tasks.items() for state, n in states.items() if n}
    assert +numbers.units == +units_of(run)
    return +numbers.units, Counter(by_stage)


class History:
    """Anything that statements can do to units and tasks of a run."""

    def __init__(self, world: World, line: Line, seed: int) -> None:
        self.world, self.line, self.chance = world, line, random.Random(seed)  # noqa: S311 - a history, no secret
        self.item = make_item(world)
        self.stages = [line.label, line.review]

    def step(self) -> None:
        self.chance.choice([self.come, self.come, self.part, self.move, self.move_many, self.restage, self.go])()

    def come(self) -> None:
        make_task(self.line, make_item(self.world), state=self.chance.choice(HUMAN_STATES))

    def part(self) -> None:
        unit = make_unit_of(self.line, self.item, self.chance.choice(["tile", "object"]))
        unit.state = self.chance.choice(UnitState.values)
        unit.save()

    def move(self) -> None:
        task = self._some(Task)
        if task:
            task.state = self.chance.choice(HUMAN_STATES)
            task.worker_org_id = self.chance.choice([None, self.world.meadow.pk, self.world.elsewhere.pk])
            task.save()

    def move_many(self) -> None:
        Task.objects.filter(slot=1).update(state=self.chance.choice(HUMAN_STATES))
        Unit.objects.filter(kind=self.chance.choice(["item", "tile"])).update(
            state=self.chance.choice(UnitState.values)
        )

    def restage(self) -> None:
        task = self._some(Task)
        if task:
            Task.objects.filter(pk=task.pk).update(stage=self.chance.choice(self.stages))

    def go(self) -> None:
        task = self._some(Task)
        if task:
            task.delete()

    def _some(self, model: Any) -> Any:
        rows = list(model.objects.order_by("pk"))
        return self.chance.choice(rows) if rows else None


def make_unit_of(line: Line, item: Any, kind: str, **fields: Any) -> Unit:
    unit: Unit = Unit.objects.create(
        org_id=item.org_id, project_id=item.project_id, pipeline_run=line.run, item=item, kind=kind, **fields
    )
    return unit


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(2, 12))])
def test_after_any_history_the_numbers_are_those_of_a_recount(world: World, line: Line, seed: int) -> None:
    history = History(world, line, seed)
    for number in range(60):
        with as_owner(world.project):
            history.step()
            if number % 7 == 0:
                fold_tallies()
            assert told(line.run) == recount(line.run)
        with tenant_tx(world.max.context):
            assert told(line.run) == recount(line.run), "what another vendor did is not a vendor's to count"
    with as_owner(world.project):
        fold_tallies()
        assert not Tally.objects.filter(folded=False).exists()
        rows = Tally.objects.values_list("worker_org_id", "stage_id", "state")
        assert len(rows) == len(set(rows))


def test_what_people_do_is_counted_and_put_together_by_the_scheduler(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 3)
    ada = at(world.ada)
    ada.submit(ada.take(), box())
    held = ada.take()
    with as_owner(world.project):
        assert told(line.run) == recount(line.run)
        before = Tally.objects.count()
    ada.send("PUT", f"tasks/{held['id']}/lease", lease_token=held["lease"]["token"])
    with as_owner(world.project):
        assert Tally.objects.count() == before, "a heart-beat moves nothing"
    with as_worker():
        actors.fold_tallies()
    with as_owner(world.project):
        assert Tally.objects.count() < before
        assert told(line.run) == recount(line.run)


def test_a_vendor_is_told_of_the_stages_that_its_engagement_shares(world: World, line: Line) -> None:
    make_tasks(world, line, 2)
    context = world.max.context
    closed = type(context)(context.org_id, context.user_id, context.role, context.projects, context.org_slug,
                           frozenset({line.label.pk}))  # fmt: skip
    with tenant_tx(closed):
        numbers = numbers_of(line.run)
        assert (numbers.tasks, numbers.units) == ({}, {"open": 2})
        assert not Tally._base_manager.filter(stage_id=line.label.pk).exists()


def test_work_of_an_earlier_version_counts_at_the_stage_that_stands_for_it(world: World, line: Line) -> None:
    make_tasks(world, line, 2)
    other = make_line(world, ("dataset", "label", "done"))
    with as_owner(world.project):
        Task.objects.update(state=TaskState.SUBMITTED)
        make_task(line, make_item(world), stage=line.review)
        line.run.pipeline_version = other.run.pipeline_version
        line.run.moved_to = {str(line.review.pk): str(other.stages["done"].pk)}
        line.run.save()
        tasks = {stage: +states for stage, states in numbers_of(line.run).tasks.items()}
    assert tasks == {other.label.pk: {"submitted": 2}, other.stages["done"].pk: {"ready": 1}}


def test_an_accepted_tile_is_not_an_accepted_item(world: World, line: Line) -> None:
    item, done = make_item(world), make_item(world)
    whole = make_unit(line, item)
    with as_owner(world.project):
        for kind in ("tile", "object"):
            make_unit_of(line, item, kind, parent=whole, state=UnitState.ACCEPTED)
        make_unit_of(line, done, "item", state=UnitState.ACCEPTED)
        assert units_of(line.run) == {"open": 1, "accepted": 1}
        figures = figures_of(world.project, units_of(line.run))
        assert (figures["accepted"], figures["open"]) == (1, 1)
        assert list(accepted_items(world.project.pk)) == [done]


def test_an_item_that_was_set_aside_is_told_so(world: World, line: Line) -> None:
    item, open_one = make_item(world), make_item(world)
    make_unit(line, open_one)
    with as_owner(world.project):
        make_unit_of(line, item, "item", state=UnitState.SET_ASIDE)
        make_unit_of(line, open_one, "tile", state=UnitState.ACCEPTED, region=[0, 0, 1, 1])
        with connection.cursor() as cursor:
            cursor.execute(STATES, {"org": item.org_id, "items": [item.pk, open_one.pk]})
            assert dict(cursor.fetchall()) == {item.pk: "state=set_aside", open_one.pk: "state=open"}


def test_returned_work_is_counted_over_all_runs(world: World, line: Line) -> None:
    other = make_line(world)
    for one in (line, other):
        make_task(one, make_item(world), state=TaskState.RETURNED)
    with tenant_tx(owner_context(world.parking.id)):
        assert figures_of(world.project, Counter())["returned"] == 2
