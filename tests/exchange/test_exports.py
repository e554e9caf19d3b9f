"""Exports: what stands in the file equals what stands in the database."""

import errno
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from pycocotools.coco import COCO
from pycocotools.mask import area as mask_area

from apps.annotation.models import Annotation
from apps.core.tenancy import owner_context, tenant_tx
from apps.distribution.models import UnitState
from apps.exchange.models import Export
from apps.exchange.services import write_export
from apps.exchange.services.exports import ProjectGone, StorageFull
from apps.jobs.actors import RunLost
from apps.jobs.services import runs
from apps.projects.models import Dataset
from apps.projects.services import delete_project
from apps.recipes.models import Label
from tests.conftest import as_worker
from tests.factories import make_annotation, make_item, make_recipe_version, make_run, make_unit
from tests.people import World

SignIn = Callable[..., Client]
TRIANGLE = {"parts": [[[[0, 0], [20, 0], [0, 10]]]]}
RING = {"parts": [[[[0, 0], [20, 0], [20, 20], [0, 20]], [[5, 5], [15, 5], [15, 15], [5, 15]]]]}


@pytest.fixture
def labelled(world: World) -> World:
    """Two accepted pictures of the same name with four shapes, and one that is still open."""
    version = make_recipe_version(world, "car", "van")
    run = make_run(world, version)
    with tenant_tx(owner_context(world.parking.id)):
        car, van = (Label.objects.get(name=name) for name in ("car", "van"))
    for _ in range(2):
        item = make_item(world, "lot.jpg", metadata={"camera": "north"})
        make_unit(world, run, item, UnitState.ACCEPTED)
        make_annotation(world, item, car, attributes={"occluded": "no"}, source={"kind": "human", "action": "drawn"})
        polygon = {"type": "polygon", "x1": 0.0, "y1": 0.0, "x2": 20.0}
        make_annotation(world, item, van, **polygon, geometry=TRIANGLE, y2=10.0, area=100.0)
    make_annotation(world, item, van, **polygon, geometry=RING, y2=20.0, area=300.0)
    waiting = make_item(world, "open.jpg")
    make_unit(world, run, waiting)
    make_annotation(world, waiting, car)
    return world


def run_export(world: World, client: Client) -> Export:
    """Ask over HTTP, then do the job's work here."""
    answer = client.post(
        f"{client.api}/projects/{world.project.id}/exports",  # type: ignore[attr-defined]
        {"format": "coco"},
        content_type="application/json",
    )
    assert answer.status_code == 202, answer.content
    with as_worker():
        run = runs.claim(answer.json()["job"])
        assert run is not None
        write_export(job=run)
    with tenant_tx(owner_context(world.parking.id)):
        return Export.objects.get(pk=answer.json()["id"])


def written(export: Export) -> bytes:
    """The file's bytes."""
    with default_storage.open(export.path) as file:
        return bytes(file.read())


def test_pycocotools_loads_it_and_counts_and_areas_equal_the_database(
    labelled: World, signed_in: SignIn, tmp_path: Any
) -> None:
    export = run_export(labelled, signed_in(labelled.noor))
    path = tmp_path / "coco.json"
    path.write_bytes(written(export))
    coco = COCO(path)
    with tenant_tx(owner_context(labelled.parking.id)):
        rows = {str(row.pk): row for row in Annotation.objects.filter(item__name="lot.jpg")}
    assert (len(coco.imgs), len(coco.anns)) == (2, len(rows)) == (export.items, export.annotations)
    for shape in coco.anns.values():
        row = rows[shape["tessera"]["id"]]
        assert shape["area"] == row.area
        assert coco.cats[shape["category_id"]]["tessera"]["id"] == str(row.label_id)
        assert mask_area(coco.annToRLE(shape)) == pytest.approx(row.area, rel=0.25)


def test_a_shape_with_a_hole_keeps_its_hole(labelled: World, signed_in: SignIn) -> None:
    export = run_export(labelled, signed_in(labelled.noor))
    document = json.loads(written(export))
    (ring,) = [one for one in document["annotations"] if isinstance(one["segmentation"], dict)]
    assert sum(ring["segmentation"]["counts"]) == 1000 * 800
    assert sum(ring["segmentation"]["counts"][1::2]) == pytest.approx(300, abs=30)


def test_the_same_rows_give_the_same_bytes(labelled: World, signed_in: SignIn) -> None:
    client = signed_in(labelled.noor)
    assert run_export(labelled, client).sha256 == run_export(labelled, client).sha256


def test_pictures_of_one_name_are_told_apart(labelled: World, signed_in: SignIn) -> None:
    export = run_export(labelled, signed_in(labelled.noor))
    names = [one["file_name"] for one in json.loads(written(export))["images"]]
    assert len(set(names)) == 2


def test_the_file_is_an_attachment_for_those_who_may_and_nobody_else(labelled: World, signed_in: SignIn) -> None:
    export = run_export(labelled, signed_in(labelled.noor))

    def status(who: str) -> int:
        client = signed_in(getattr(labelled, who))
        answer = client.get(f"{client.api}/exports/{export.pk}/file")  # type: ignore[attr-defined]
        b"".join(answer)  # to its end, or the file stays open
        return answer.status_code

    # The vendor's manager may see exports, but this one's job is the customer's: there is nothing for him.
    assert [status(who) for who in ("olga", "max", "ada", "eve")] == [200, 404, 403, 404]
    client = signed_in(labelled.noor)
    answer = client.get(f"{client.api}/exports/{export.pk}/file")  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer) == written(export)


def test_a_foreign_project_answers_like_a_made_up_one(labelled: World, signed_in: SignIn) -> None:
    client = signed_in(labelled.eve)
    bodies = []
    for project in (labelled.project.id, uuid4()):
        answer = client.post(
            f"{client.api}/projects/{project}/exports",  # type: ignore[attr-defined]
            {"format": "coco"},
            content_type="application/json",
        )
        assert answer.status_code == 404
        bodies.append({**answer.json()["error"], "request_id": ""})
    assert bodies[0] == bodies[1]


def ask(world: World, client: Any, **body: Any) -> Any:
    """Ask for an export."""
    path = f"{client.api}/projects/{world.project.id}/exports"
    return client.post(path, {"format": "coco", **body}, content_type="application/json")


def test_who_asks_while_an_export_is_being_written_joins_it(labelled: World, signed_in: SignIn) -> None:
    client = signed_in(labelled.noor)
    first, second = ask(labelled, client).json(), ask(labelled, client).json()
    assert first["id"] == second["id"]
    other = ask(labelled, client, dataset=str(labelled.dataset.id)).json()
    assert other["job"] != first["job"]


def test_only_the_named_dataset_is_exported(labelled: World, signed_in: SignIn) -> None:
    with tenant_tx(owner_context(labelled.parking.id)):
        empty = Dataset.objects.create(org_id=labelled.parking.id, project=labelled.project, name="Empty")
    job = ask(labelled, signed_in(labelled.noor), dataset=str(empty.id)).json()["job"]
    with as_worker():
        run = runs.claim(job)
        assert run is not None
        assert write_export(job=run) == {"items": 0, "annotations": 0}


@pytest.mark.parametrize("dataset", [str(uuid4()), "theirs"], ids=["unknown", "theirs"])
def test_a_dataset_that_is_not_there_is_not_found(labelled: World, signed_in: SignIn, dataset: str) -> None:
    answer = ask(labelled, signed_in(labelled.noor), dataset=dataset)
    assert answer.status_code == (404 if dataset != "theirs" else 422)


def test_an_export_of_a_project_that_is_gone_says_so(labelled: World, signed_in: SignIn) -> None:
    job = ask(labelled, signed_in(labelled.noor)).json()["job"]
    with tenant_tx(owner_context(labelled.parking.id)):
        delete_project(project=labelled.project)
    with as_worker():
        run = runs.claim(job)
        assert run is not None
        with pytest.raises(ProjectGone):
            write_export(job=run)


def test_a_full_storage_fails_the_export_and_leaves_no_half_file(
    labelled: World, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("apps.core.files.store", no_room)
    client: Any = signed_in(labelled.noor)
    export = ask(labelled, client).json()
    with as_worker():
        run = runs.claim(export["job"])
        assert run is not None
        with pytest.raises(StorageFull):
            write_export(job=run)
    answer = client.get(f"{client.api}/exports/{export['id']}/file")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_ready")


def test_an_unknown_format_names_the_field(labelled: World, signed_in: SignIn) -> None:
    client = signed_in(labelled.noor)
    answer = client.post(
        f"{client.api}/projects/{labelled.project.id}/exports",  # type: ignore[attr-defined]
        {"format": "pdf"},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "format")


def test_a_cancelled_export_writes_no_file(labelled: World, signed_in: SignIn) -> None:
    client = signed_in(labelled.noor)
    answer = client.post(
        f"{client.api}/projects/{labelled.project.id}/exports",  # type: ignore[attr-defined]
        {"format": "coco"},
        content_type="application/json",
    ).json()
    with as_worker():
        run = runs.claim(answer["job"])
        assert run is not None
        run.lost.set()
        with pytest.raises(RunLost):
            write_export(job=run)
    state = client.get(f"{client.api}/exports/{answer['id']}").json()  # type: ignore[attr-defined]
    assert (state["state"], state["sha256"]) == ("running", "")


def test_a_file_that_was_taken_from_the_storage_is_missed_with_a_sentence(labelled: World, signed_in: SignIn) -> None:
    client = signed_in(labelled.noor)
    export = run_export(labelled, client)
    default_storage.delete(export.path)
    answer = client.get(f"{client.api}/exports/{export.pk}/file")  # type: ignore[attr-defined]
    assert answer.status_code == 404
    assert "Make a new export" in answer.json()["error"]["message"]
