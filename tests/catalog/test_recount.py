"""After whatever was done through the services, the facets are what a recount in Python says, item by item."""

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from apps.annotation.models import Annotation
from apps.catalog import services
from apps.catalog.models import ActKind, Facet, StaleItem, Subset, SubsetItem
from apps.catalog.selections import Selection
from apps.catalog.services.refreshing import mark_project
from apps.core.tenancy import owner_context, tenant_tx
from apps.distribution.models import Task, Unit
from apps.predictions.merge import Found
from apps.predictions.models import Deployment, Inference, Prediction
from apps.predictions.services import claim_inference, finish_inference, request_inference
from apps.projects.models import Item
from tests import factories
from tests.catalog.test_refreshing import refresh
from tests.conftest import as_worker
from tests.distribution.line import Line, box, make_task
from tests.people import World

STEPS = 40


class History:
    """Random things that people and models do; each step is one of them."""

    def __init__(self, world: World, line: Line, at: Callable[[Any], Any], seed: int) -> None:
        self.world, self.line, self.at = world, line, at
        self.random = random.Random(seed)
        self.items: list[Item] = []
        self.deployments: list[Deployment] = [factories.make_deployment(world, classes={"car": "car"}) for _ in "ab"]
        with tenant_tx(owner_context(world.parking.id)):
            self.subset = Subset.objects.create(org_id=world.parking.id, project=world.project, name="Night")

    def add_item(self) -> None:
        item = factories.make_item(self.world, f"Lot {self.random.randrange(99)}.JPG", metadata=self._metadata())
        self.items.append(item)
        if self.random.random() < 0.8:
            make_task(self.line, item)

    def label(self) -> None:
        ada = self.at(self.world.ada)
        answer = ada.claim(stage=str(self.line.label.id))
        if answer.status_code == 201 and self.random.random() < 0.8:
            shapes = [box(label="car", x=10.0 * n) for n in range(self.random.randrange(3))]
            assert ada.submit(answer.json()["tasks"][0], *shapes).status_code == 201

    def review(self) -> None:
        rita = self.at(self.world.rita)
        answer = rita.claim(stage=str(self.line.review.id))
        if answer.status_code == 201:
            verdict = self.random.choice(["accept", "reject"])
            assert rita.judge(answer.json()["tasks"][0], verdict, comment="Look again.").status_code == 201

    def predict(self) -> None:
        with tenant_tx(owner_context(self.world.parking.id)):
            item = self._item()
            deployment = self.random.choice(self.deployments)
            inference = request_inference(item=item, deployment=deployment) if item else None
        if inference is None:
            return
        with as_worker():
            run = claim_inference(inference.pk)
        assert run is not None
        scores = [round(self.random.random(), 3) for _ in range(self.random.randrange(4))]
        found = [Found(str(uuid4()), "car", score, 10.0, 10.0, 20.0, 20.0) for score in scores]
        finish_inference(run=run, found=found)

    def act(self) -> None:
        item = self._item()
        if item is None:
            return
        kind = self.random.choice(list(ActKind))
        parameters = {"subset": self.subset.pk, "set": self._metadata() or {"x": 1}, "unset": ["camera"]}
        with tenant_tx(self.world.noor.context):
            services.start_act(
                project=self.world.project, kind=kind, selection=Selection((item.pk,)), parameters=parameters
            )

    def settle(self) -> None:
        refresh(self.world)

    def step(self) -> None:
        ways = [self.add_item, self.add_item, self.label, self.label, self.review, self.predict, self.act, self.settle]
        self.random.choice(ways)()

    def _metadata(self) -> dict[str, Any]:
        values = {"camera": self.random.choice(["north", "south"]), "n": self.random.randrange(3), "night": True}
        return {key: value for key, value in values.items() if self.random.random() < 0.5}

    def _item(self) -> Item | None:
        with tenant_tx(owner_context(self.world.parking.id)):
            alive = list(Item.objects.filter(deleted_at=None).order_by("id"))
        return self.random.choice(alive) if alive else None


def recounted(item: Item) -> set[str]:
    """What the lists of an item should be, from the rows themselves."""
    if item.deleted_at:
        return set()
    terms = {f"name={item.name.lower()}", f"state={state_of(item)}"}
    for key, value in item.metadata.items():
        text = value if isinstance(value, str) else str(value).lower()
        terms |= {f"has={key}", f"meta={key}={text}"}
    terms |= {f"label={row.label.name}" for row in Annotation.objects.filter(item=item).select_related("label")}
    terms |= {f"subset={key}" for key in SubsetItem.objects.filter(item=item).values_list("subset_id", flat=True)}
    done = Inference.objects.filter(item=item, state="done")
    terms |= {f"model={version}" for version in done.values_list("model_version_id", flat=True)}
    best: dict[UUID, int] = {}
    for row in Prediction.objects.filter(item=item, superseded=False).select_related("label"):
        band = min(19, int(row.score * 1000) // 50)
        best[row.model_version_id] = max(best.get(row.model_version_id, 0), band)
        terms |= {f"predicted={row.label.name}", f"any={row.model_version_id}:{band}", f"any=*:{band}"}
    terms |= {f"best=*:{max(best.values())}"} if best else set()
    return terms | {f"best={version}:{band}" for version, band in best.items()}


def state_of(item: Item) -> str:
    """Of an item with one unit at most, in a line of label and review."""
    unit = Unit.objects.filter(item=item).first()
    if unit is None:
        return "none"
    task = Task.objects.filter(unit=unit, state__in=("waiting", "ready", "leased")).select_related("stage").first()
    if task is None:
        return "accepted"
    if task.stage.kind == "review":
        return "in_review"
    if task.state == "leased":
        return "in_work"
    return "returned" if task.round > 1 else "open"


def listed(item: Item) -> set[str]:
    return set(Facet.objects.filter(item_id=item.pk).values_list("term", flat=True))


@pytest.mark.parametrize("seed", range(3))
def test_facets_equal_a_recount_after_a_random_history(world: World, line: Line, at: Any, seed: int) -> None:
    history = History(world, line, at, seed)
    for _ in range(STEPS):
        history.step()
    refresh(world)
    with tenant_tx(owner_context(world.parking.id)):
        assert not StaleItem.objects.exists()
        for item in Item.objects.all():
            assert listed(item) == recounted(item), item.name


def test_facets_that_were_lost_or_made_up_are_right_again_after_a_rebuild(world: World, line: Line, at: Any) -> None:
    history = History(world, line, at, 7)
    for _ in range(STEPS):
        history.step()
    refresh(world)
    with tenant_tx(owner_context(world.parking.id)):
        item = Item.objects.filter(deleted_at=None)[0]
        Facet.objects.filter(term__startswith="name=").delete()
        Facet.objects.create(
            org_id=item.org_id,
            project_id=item.project_id,
            dataset_id=item.dataset_id,
            item_id=item.pk,
            term="label=made up",
        )
        mark_project(org_id=item.org_id, project_id=item.project_id)
    refresh(world)
    with tenant_tx(owner_context(world.parking.id)):
        for item in Item.objects.all():
            assert listed(item) == recounted(item)


def test_a_new_run_is_what_the_state_is_of_and_a_cancelled_one_is_not(world: World, line: Line) -> None:
    item = factories.make_item(world)
    task = make_task(line, item)
    with tenant_tx(owner_context(world.parking.id)):
        Task.objects.filter(pk=task.pk).update(state="accepted", ended_at=timezone.now())
        Unit.objects.update(state="accepted")
    refresh(world)
    later = factories.make_run(world)
    unit = factories.make_unit(world, later, item)
    with tenant_tx(owner_context(world.parking.id)):
        assert "state=accepted" in listed(item)
    refresh(world)
    with tenant_tx(owner_context(world.parking.id)):
        assert "state=open" in listed(item)
        Unit.objects.filter(pk=unit.pk).update(state="cancelled")
    refresh(world)
    with tenant_tx(owner_context(world.parking.id)):
        assert "state=accepted" in listed(item)
