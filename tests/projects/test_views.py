from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.selectors import Member
from apps.core.tenancy import tenant_tx
from apps.jobs.services import request
from apps.projects.models import Dataset, Item, Project, Upload
from tests.people import World

Browse = Callable[[Member], Any]


def make_item(world: World, name: str, number: int = 0) -> Item:
    item: Item = Item.objects.create(
        org_id=world.parking.id,
        project=world.project,
        dataset=world.dataset,
        name=name,
        media_type="image/jpeg",
        sha256=f"{number:064x}",
        bytes=1000,
        width=6000,
        height=4000,
    )
    return item


def test_an_engineer_makes_a_project_and_lands_on_its_set_up(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.noor)
    answer = browser.post(f"{browser.org}/projects/new", {"name": "Shelf gaps", "description": "For the winter."})
    with tenant_tx(world.noor.context):
        project = Project.objects.get(name="Shelf gaps")
    assert answer.headers["Location"] == f"{browser.org}/projects/{project.pk}/set-up/"
    assert "What comes next" in browser.get(f"{browser.org}/projects/{project.pk}/").content.decode()


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_project_without_a_name_is_refused_beside_the_field(world: World, signed_in: Browse, name: str) -> None:
    browser = signed_in(world.noor)
    answer = browser.post(f"{browser.org}/projects/new", {"name": name})
    assert answer.status_code == 422
    assert 'aria-describedby="name-hint name-error"' in answer.content.decode()


def test_a_vendor_may_not_make_projects_and_is_shown_no_button(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.ada)
    assert browser.get(f"{browser.org}/projects/new").status_code == 403
    assert "New project" not in browser.get(f"{browser.org}/projects/").content.decode()


def test_a_vendor_reads_for_whom_a_shared_project_is(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.max)
    text = browser.get(f"{browser.org}/projects/").content.decode()
    assert "Car models" in text
    assert "Parking" in text


def test_a_stranger_sees_no_project_of_others(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.eve)
    text = browser.get(f"{browser.org}/projects/").content.decode()
    assert "Car models" not in text
    assert "No projects yet" in text


def test_the_dataset_link_leads_to_the_first_dataset(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.ada)
    prefix = f"{browser.org}/projects/{world.project.pk}/dataset/"
    assert browser.get(prefix).headers["Location"] == f"{prefix}{world.dataset.pk}/"


def test_a_dataset_of_another_project_is_not_found_under_this_one(world: World, signed_in: Browse) -> None:
    with tenant_tx(world.noor.context):
        other = Project.objects.create(org_id=world.parking.id, name="Other")
        dataset = Dataset.objects.create(org_id=world.parking.id, project=other, name="Theirs")
    browser = signed_in(world.noor)
    assert browser.get(f"{browser.org}/projects/{world.project.pk}/dataset/{dataset.pk}/").status_code == 404


def make_upload(world: World) -> Upload:
    job = request(kind="upload.ingest", input={})
    upload: Upload = Upload.objects.create(
        org_id=world.parking.id, project=world.project, dataset=world.dataset, job=job
    )
    return upload
