"""What each kind of machine stage does with the units that come to it."""

from typing import Any

import pytest

from apps.annotation.models import Annotation, AnnotationRevision
from apps.catalog.models import SubsetItem
from apps.distribution.models import Task, Unit, UnitState
from apps.distribution.services.machines import transforming
from apps.distribution.services.machines.cutting import cores
from apps.predictions.models import Prediction
from apps.predictions.services import merge_regions
from apps.projects.models import Item
from tests.factories import make_deployment
from tests.people import World

from .graphs import Car, Works, graph_of, read
from .line import as_owner, box, make_item


def shapes(works: Works) -> list[tuple[float, float, float, float, str]]:
    """The current predictions as (x1, y1, x2, y2, label)."""
    with as_owner(works.world.project):
        rows = Prediction.objects.filter(superseded=False).order_by("x1", "y1")
        return list(rows.values_list("x1", "y1", "x2", "y2", "label__name"))


def state_of(works: Works) -> str:
    with as_owner(works.world.project):
        return str(Unit.objects.get(kind="item").state)


def tiled(world: World, **merge: Any) -> Works:
    deployment = make_deployment(world)
    make_item(world)
    works = Works(
        world,
        graph_of(
            [
                ("dataset", "dataset", {}),
                ("cut", "tile", {"size": 500, "overlap": 0.1}),
                ("detect", "predict", {"deployment": str(deployment.pk)}),
                ("merge", "merge", merge),
                ("find", "label", {}),
                ("done", "done", {}),
            ]
        ),
    )
    works.step()
    return works


# One across the border of two tiles, one in the corner of all four, one longer than a tile's margin, one alone.
CARS = [Car(470, 100), Car(480, 390), Car(430, 600, width=140), Car(50, 50)]


def test_a_model_reads_each_tile_and_the_merge_makes_one_picture_of_it(world: World) -> None:
    works = tiled(world)
    assert read(works, CARS) == 4
    works.step()
    assert len(works.tasks("find")) == 1
    assert [(x1, y1, x2, y2) for x1, y1, x2, y2, _ in shapes(works)] == [
        (50, 50, 110, 90),
        (430, 600, 570, 640),
        (470, 100, 530, 140),
        (480, 390, 540, 430),
    ]


def test_what_was_merged_is_the_same_in_whatever_order_tiles_end(world: World) -> None:
    works = tiled(world)
    with as_owner(world.project):
        tasks = list(Task.objects.filter(stage__key="detect").order_by("-pk"))
    assert len(tasks) == 4
    read(works, CARS)
    works.step()
    first = shapes(works)
    with as_owner(world.project):
        unit = Unit.objects.get(kind="item")
        regions = list(Unit.objects.filter(parent=unit).order_by("-pk").values_list("region", flat=True))
        deployment = works.stage("detect").settings["deployment"]
        merge_regions(item=unit.item, deployment_id=deployment, regions=regions, threshold=0.5, joins=True)
    assert shapes(works) == first


def test_a_joined_object_names_the_pieces_that_it_stands_for(world: World) -> None:
    works = tiled(world)
    read(works, [Car(430, 600, width=140)])
    works.step()
    with as_owner(world.project):
        (row,) = Prediction.objects.filter(superseded=False)
    assert row.stands_for


def test_a_model_that_is_gone_sends_tiles_to_people(world: World) -> None:
    deployment = make_deployment(world)
    make_item(world)
    stages: list[tuple[str, str, dict[str, Any]]] = [
        ("dataset", "dataset", {}),
        ("cut", "tile", {"size": 500}),
        ("detect", "predict", {"deployment": str(deployment.pk)}),
        ("find", "label", {}),
        ("merge", "merge", {}),
        ("done", "done", {}),
    ]
    works = Works(world, graph_of(stages))
    with as_owner(world.project):
        type(deployment).objects.filter(pk=deployment.pk).update(state="stopped")
    works.step()
    assert len(works.tasks("find")) == 4
    assert {task.error_code for task in works.tasks("detect", "failed")} == {"deployment_stopped"}


@pytest.mark.parametrize(("score", "to"), [(0.95, "sure"), (0.5, "unsure")])
def test_a_route_sends_by_the_first_rule_that_holds(world: World, score: float, to: str) -> None:
    works = routed(world)
    read(works, [Car(100, 100, score=score), Car(300, 300, score=0.96)])
    works.step()
    if to == "sure":
        assert state_of(works) == UnitState.ACCEPTED
        with as_owner(world.project):
            assert [row.source["certified"] for row in Annotation.objects.all()] == ["no", "no"]
            assert AnnotationRevision.objects.get().source == "machine"
    else:
        assert len(works.tasks("label")) == 1


def routed(world: World) -> Works:
    deployment = make_deployment(world)
    make_item(world)
    sure = {"key": "sure", "when": [{"test": "confidence", "of": "lowest", "at_least": 0.9}]}
    works = Works(
        world,
        graph_of(
            [
                ("dataset", "dataset", {}),
                ("detect", "predict", {"deployment": str(deployment.pk)}),
                ("route", "route", {"rules": [sure]}),
                ("label", "label", {}),
                ("done", "done", {"accept_predictions": True}),
            ],
            ("route", "sure", "done"),
            ("route", "default", "label"),
        ),
    )
    works.step()
    return works


def test_what_a_person_decided_is_not_overwritten_by_predictions(world: World, at: Any) -> None:
    works = routed(world)
    read(works, [Car(100, 100, score=0.5)])
    works.step()
    ada = at(world.ada)
    ada.submit(ada.take(), box())
    works.step()
    with as_owner(world.project):
        assert Annotation.objects.get().source["action"] == "drawn"
    assert state_of(works) == UnitState.ACCEPTED


def test_predictions_are_filtered_by_size_and_renamed(world: World) -> None:
    deployment = make_deployment(world)
    make_item(world)
    works = Works(
        world,
        graph_of(
            [
                ("dataset", "dataset", {}),
                ("detect", "predict", {"deployment": str(deployment.pk)}),
                ("sizes", "transform", {"does": "filter_shapes", "min_side": 20, "max_aspect": 3}),
                ("names", "transform", {"does": "map_classes", "classes": {"car": "tree"}}),
                ("label", "label", {}),
                ("done", "done", {}),
            ]
        ),
    )
    works.step()
    read(works, [Car(100, 100), Car(300, 300, width=10), Car(500, 500, width=200)])
    works.step()
    assert [(x1, label) for x1, *_, label in shapes(works)] == [(100, "tree")]


def test_a_view_is_cropped_to_what_the_model_saw(world: World) -> None:
    deployment = make_deployment(world)
    make_item(world)
    works = Works(
        world,
        graph_of(
            [
                ("dataset", "dataset", {}),
                ("detect", "predict", {"deployment": str(deployment.pk)}),
                ("crop", "transform", {"does": "crop", "margin": 0.1}),
                ("label", "label", {}),
                ("done", "done", {}),
            ]
        ),
    )
    works.step()
    read(works, [Car(100, 100), Car(440, 300)])
    works.step()
    assert works.tasks("label")[0].unit.region == [60, 60, 480, 320]


def test_near_duplicates_are_set_aside(world: World) -> None:
    for number, bits in enumerate((0b1111, 0b1110, 0b1111 << 20)):
        make_item(world, name=f"{number}.jpg", fingerprint=bits)
    works = Works(
        world,
        graph_of(
            [
                ("dataset", "dataset", {}),
                ("twins", "transform", {"does": "near_duplicates", "distance": 2}),
                ("label", "label", {}),
                ("done", "done", {}),
                ("aside", "done", {"final": "set_aside"}),
            ],
            ("twins", "dropped", "aside"),
        ),
    )
    works.step()
    assert [task.unit.item.name for task in works.tasks("label")] == ["0.jpg", "2.jpg"]
    with as_owner(world.project):
        assert Unit.objects.get(state=UnitState.SET_ASIDE).item.name == "1.jpg"


def test_where_a_model_disagrees_with_people_is_kept_as_a_subset(world: World, at: Any) -> None:
    deployment = make_deployment(world)
    for name in ("right.jpg", "wrong.jpg"):
        make_item(world, name=name)
    works = Works(
        world,
        graph_of(
            [
                ("dataset", "dataset", {}),
                ("detect", "predict", {"deployment": str(deployment.pk)}),
                ("blind", "label", {"suggestions": False}),
                ("compare", "compare", {"with": "detect"}),
                ("done", "done", {}),
            ],
            ("compare", "agree", "done"),
            ("compare", "disagree", "done"),
        ),
    )
    works.step()
    read(works, [Car(100, 100)])
    works.step()
    ada = at(world.ada)
    for _ in range(2):
        task = ada.take()
        assert not task["suggestions_shown"]
        ada.submit(task, *([box(x=100, y=100, width=60, height=40)] if task["item"]["name"] == "right.jpg" else []))
    works.step()
    with as_owner(world.project):
        rows = SubsetItem.objects.values_list("item__name", "subset__name")
        assert list(rows) == [("wrong.jpg", f"Failures of {deployment.title} 1")]


def test_boxes_become_polygons(world: World, at: Any) -> None:
    make_item(world)
    works = Works(
        world,
        graph_of(
            [
                ("dataset", "dataset", {}),
                ("label", "label", {}),
                ("convert", "convert", {"to": "polygon"}),
                ("done", "done", {}),
            ]
        ),
    )
    ada = at(world.ada)
    ada.submit(ada.take(), box(x=10, y=10, width=50, height=40))
    works.step()
    with as_owner(world.project):
        row = Annotation.objects.get()
    assert (row.type, row.area) == ("polygon", 2000)
    assert state_of(works) == UnitState.ACCEPTED


def test_several_people_work_on_one_unit_without_seeing_each_other(world: World, at: Any) -> None:
    make_item(world)
    graph = graph_of([("dataset", "dataset", {}), ("label", "label", {"overlap": 2}), ("done", "done", {})])
    works = Works(world, graph)
    ada, bob = at(world.ada), at(world.bob)
    first = ada.take()
    assert ada.claim().status_code == 204
    ada.submit(first, box(x=10))
    second = bob.take()
    assert second["annotations"] == []
    bob.submit(second, box(x=300))
    works.step()
    assert state_of(works) == UnitState.ACCEPTED
    with as_owner(world.project):
        assert Annotation.objects.get().x1 == 10
        assert AnnotationRevision.objects.filter(source="task").count() == 2


def test_a_review_looks_at_the_share_that_it_is_told(world: World, at: Any) -> None:
    for number in range(12):
        make_item(world, name=f"{number}.jpg")
    stages: list[tuple[str, str, dict[str, Any]]] = [
        ("dataset", "dataset", {}),
        ("label", "label", {}),
        ("check", "review", {"sample": 0.5}),
        ("done", "done", {}),
    ]
    works = Works(world, graph_of(stages, ("check", "rework", "label")))
    ada = at(world.ada)
    for _ in range(12):
        ada.submit(ada.take())
    reviewed = len(works.tasks("check"))
    assert 0 < reviewed < 12
    with as_owner(world.project):
        assert Unit.objects.filter(state=UnitState.ACCEPTED).count() == 12 - reviewed
        assert Task.objects.filter(stage__key="label", state="submitted").count() == reviewed


@pytest.mark.parametrize(("width", "height", "size", "number"), [(1000, 800, 500, 4), (100, 80, 500, 1), (7, 3, 2, 8)])
def test_cores_cover_a_picture_once(width: int, height: int, size: int, number: int) -> None:
    regions = cores(width, height, size)
    assert len(regions) == number
    covered = [
        (x, y)
        for left, top, across, down in regions
        for x in range(int(left), int(left + across))
        for y in range(int(top), int(top + down))
    ]
    assert len(covered) == len(set(covered)) == width * height


def test_what_a_machine_cannot_do_goes_to_people_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_for(item: Item, distance: int) -> bool:
        if item.name == "bad.jpg":
            raise FileNotFoundError
        return False

    for name in ("good.jpg", "bad.jpg"):
        make_item(world, name=name)
    monkeypatch.setattr(transforming, "has_near_duplicate", break_for)
    works = Works(
        world,
        graph_of(
            [
                ("dataset", "dataset", {}),
                ("twins", "transform", {"does": "near_duplicates"}),
                ("label", "label", {}),
                ("done", "done", {}),
            ],
            ("twins", "dropped", "done"),
        ),
    )
    works.step()
    assert len(works.tasks("label")) == 2
    assert [task.unit.item.name for task in works.tasks("twins", "failed")] == ["bad.jpg"]


def test_a_review_behind_a_machine_judges_what_was_handed_in_before_it(world: World, at: Any) -> None:
    make_item(world)
    stages: list[tuple[str, str, dict[str, Any]]] = [
        ("dataset", "dataset", {}),
        ("label", "label", {}),
        ("convert", "convert", {"to": "polygon"}),
        ("check", "review", {}),
        ("done", "done", {}),
    ]
    works = Works(world, graph_of(stages, ("check", "rework", "label")))
    ada, rita = at(world.ada), at(world.rita)
    ada.submit(ada.take(), box())
    works.step()
    assert rita.judge(rita.take(), "reject", comment="Too wide.").status_code == 201
    again = ada.take()
    assert (again["round"], again["returned"]["comment"]) == (2, "Too wide.")
    with as_owner(world.project):
        assert Task.objects.get(stage__key="label", round=1).state == "returned"


def test_a_vendor_reviews_what_a_model_alone_has_done(world: World, at: Any) -> None:
    deployment = make_deployment(world)
    make_item(world)
    stages: list[tuple[str, str, dict[str, Any]]] = [
        ("dataset", "dataset", {}),
        ("detect", "predict", {"deployment": str(deployment.pk)}),
        ("check", "review", {}),
        ("mend", "label", {}),
        ("done", "done", {}),
    ]
    edges = ("check", "done", "done"), ("check", "rework", "mend"), ("mend", "done", "check")
    works = Works(world, graph_of(stages, *edges))
    works.step()
    read(works, [Car(100, 100)])
    works.step()
    assert at(world.rita).take()["stage"]["key"] == "check"
