"""The dataset page: what a filter finds, its tags, its sentences, its views, and how little it asks the database."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.selectors import Member
from apps.catalog import services
from apps.catalog.models import SavedView, Subset
from apps.catalog.services import saved_views
from apps.core.errors import NotFound
from apps.core.tenancy import owner_context, tenant_tx
from apps.jobs.services import request
from apps.projects.models import EntryState, Upload, UploadEntry
from tests import factories
from tests.catalog.test_refreshing import refresh
from tests.people import World, make_world

Browse = Callable[[Member], Any]


def page_of(world: World, browser: Any, query: str = "", **headers: str) -> Any:
    address = f"{browser.org}/projects/{world.project.pk}/dataset/{world.dataset.pk}/{query}"
    return browser.get(address, headers=headers)


def test_the_gallery_goes_on_where_a_page_ended(world: World, signed_in: Browse) -> None:
    for number in range(50):
        factories.make_item(world, f"lot-{number:02d}.jpg")
    browser = signed_in(world.noor)
    first = page_of(world, browser).content.decode()
    assert "lot-47.jpg" in first
    assert "lot-48.jpg" not in first
    following = first.partition('class="more" hx-get="')[2].partition('"')[0].replace("&amp;", "&")
    rest = browser.get(following, headers={"HX-Request": "true"}).content.decode()
    assert "lot-48.jpg" in rest
    assert "lot-47.jpg" not in rest
    assert "<html" not in rest
    assert "hx-get" not in rest


def test_a_filter_stands_in_the_address_and_as_a_tag_that_takes_it_away(world: World, signed_in: Browse) -> None:
    factories.make_item(world, "a.jpg", metadata={"camera": "north"})
    factories.make_item(world, "b.jpg", metadata={"camera": "south"})
    refresh(world)
    text = page_of(world, signed_in(world.noor), "?metadata=camera%3Dnorth&name=a").content.decode()
    assert "a.jpg" in text
    assert "b.jpg" not in text
    assert "camera = north" in text
    assert '?name=a" aria-label="Remove the filter Metadata"' in text
    assert "1 picture matches" in text


AFTER_NUL = "?name=lot&after=00000000-0000-7000-8000-000000000000&term=%00"


@pytest.mark.parametrize(
    "query", ["?state=asleep", "?label=unicorn", "?confidence=9", "?after=nonsense", "?name=%00", AFTER_NUL]
)
def test_an_address_that_means_nothing_is_answered_by_a_sentence(world: World, signed_in: Browse, query: str) -> None:
    answer = page_of(world, signed_in(world.noor), query)
    assert answer.status_code == 400
    assert "Show all pictures" in answer.content.decode() or "Start from the first" in answer.content.decode()


def test_what_is_no_filter_is_left_alone(world: World, signed_in: Browse) -> None:
    assert page_of(world, signed_in(world.noor), "?utm_source=mail&after=").status_code == 200


def test_a_filter_that_finds_nothing_says_what_to_do(world: World, signed_in: Browse) -> None:
    factories.make_item(world)
    assert "No picture matches" in page_of(world, signed_in(world.noor), "?name=zzz").content.decode()
    assert "No pictures yet" not in page_of(world, signed_in(world.noor)).content.decode()


def test_files_that_were_refused_are_named_with_their_reason(world: World, signed_in: Browse) -> None:
    with tenant_tx(world.noor.context):
        row = {"org_id": world.parking.id, "project": world.project}
        upload = Upload.objects.create(**row, dataset=world.dataset, job=request(kind="upload.ingest", input={}))
        UploadEntry.objects.create(
            **row, upload=upload, number=1, name="notes.txt", state=EntryState.REFUSED, error_message="Not a picture."
        )
    text = page_of(world, signed_in(world.noor), "tools").content.decode()
    assert "1 file was refused" in text
    assert "Not a picture." in text
    assert "Not a picture." not in page_of(world, signed_in(world.ada), "tools").content.decode()


def test_tools_offer_what_there_is_to_choose(world: World, signed_in: Browse) -> None:
    factories.make_recipe_version(world, "car", "van")
    factories.make_deployment(world, title="nanodet-m")
    with tenant_tx(owner_context(world.parking.id)):
        Subset.objects.create(org_id=world.parking.id, project=world.project, name="Night")
    text = page_of(world, signed_in(world.noor), "tools?label=van&confidence=0.30-0.60").content.decode()
    assert '<option value="van" selected>van</option>' in text
    assert "nanodet-m 1" in text
    assert "Night" in text
    assert "<option selected>0.30</option>" in text
    assert "Returned" in text


def test_who_may_not_edit_gets_no_such_tools(world: World, signed_in: Browse) -> None:
    ada, olga = (page_of(world, signed_in(one), "tools").content.decode() for one in (world.ada, world.olga))
    assert "to-subset" not in ada + olga
    assert "run-model" not in ada + olga
    assert "run-model" in page_of(world, signed_in(world.max), "tools").content.decode()


def test_a_view_is_saved_found_shared_renamed_and_deleted(world: World, signed_in: Browse) -> None:
    noor, olga = signed_in(world.noor), signed_in(world.olga)
    address = f"/o/parking/projects/{world.project.pk}/dataset/{world.dataset.pk}/views"
    answer = noor.post(address, {"name": "North", "query": "metadata=camera%3Dnorth&page=7"})
    assert answer.headers["Location"].endswith("/?metadata=camera%3Dnorth")
    text = page_of(world, noor, "?metadata=camera%3Dnorth").content.decode()
    assert 'aria-current="page">North</a>' in text
    assert "North" not in page_of(world, olga).content.decode()
    assert "No saved views yet" in page_of(world, olga, "?name=x").content.decode()
    with tenant_tx(world.noor.context):
        view = SavedView.objects.get()
    noor.post(f"{address}/{view.pk}", {"name": "The north", "shared": "on"})
    assert "The north" in page_of(world, olga).content.decode()
    assert "The north" not in page_of(world, signed_in(world.max)).content.decode()
    noor.post(f"{address}/{view.pk}", {"do": "delete"})
    with tenant_tx(world.noor.context):
        assert not SavedView.objects.exists()


def test_a_view_that_cannot_be_saved_says_why(world: World, signed_in: Browse) -> None:
    noor = signed_in(world.noor)
    address = f"/o/parking/projects/{world.project.pk}/dataset/{world.dataset.pk}/views"
    noor.post(address, {"name": "North", "query": "name=north"})
    text = noor.post(address, {"name": "North", "query": "name=n"}, follow=True).content.decode()
    assert "Another view of yours has this name" in text
    assert "Give a name of 1 to 200" in noor.post(address, {"name": " "}, follow=True).content.decode()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_two_who_save_a_view_of_one_name_at_once_the_second_is_told() -> None:
    world = make_world()
    start = threading.Barrier(2)

    def save(_: int) -> str:
        try:
            with tenant_tx(world.noor.context):
                start.wait()
                services.save_view(project=world.project, name="North", values={})
                time.sleep(0.2)  # the other one has asked meanwhile
        except saved_views.ViewNameTaken:
            return "told"
        finally:
            connection.close()
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save, range(2))) == ["saved", "told"]


def test_a_view_that_is_deleted_meanwhile_is_not_there(world: World) -> None:
    with tenant_tx(world.noor.context):
        view = services.save_view(project=world.project, name="North", values={})
        services.delete_view(view=SavedView.objects.get())
        with pytest.raises(NotFound):
            services.edit_view(view=view, name="South")


def test_somebody_elses_view_is_not_changed(world: World, signed_in: Browse) -> None:
    noor = signed_in(world.noor)
    address = f"/o/parking/projects/{world.project.pk}/dataset/{world.dataset.pk}/views"
    noor.post(address, {"name": "North", "query": "name=n", "shared": "on"})
    with tenant_tx(world.noor.context):
        view = SavedView.objects.get()
    assert (
        "Only who saved this view"
        in signed_in(world.olga).post(f"{address}/{view.pk}", {"do": "delete"}, follow=True).content.decode()
    )
    eve = f"/o/elsewhere/projects/{world.project.pk}/dataset/{world.dataset.pk}/views/{view.pk}"
    assert signed_in(world.eve).post(eve, {"do": "delete"}).status_code == 404


def test_a_stranger_finds_no_dataset(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.eve)
    for path in ("", "tools"):
        assert page_of(world, browser, path).status_code == 404


@pytest.mark.parametrize("query", ["", "?name=lot", "?metadata=camera", "?metadata=camera&label=car&name=lot"])
def test_a_page_asks_few_questions_however_many_pictures_there_are(world: World, signed_in: Browse, query: str) -> None:
    factories.make_recipe_version(world, "car", "van")
    for number in range(60):
        factories.make_item(world, f"lot-{number}.jpg", metadata={"camera": "north"})
    refresh(world)
    browser = signed_in(world.noor)
    with CaptureQueriesContext(connection) as queries:
        assert page_of(world, browser, query).status_code == 200
    assert asked_of(queries) <= (13 if "label" in query else 12)
    with CaptureQueriesContext(connection) as queries:
        assert page_of(world, browser, "tools").status_code == 200
    assert asked_of(queries) <= 14


def asked_of(queries: Any) -> int:
    """As many as outside a test, where no transaction surrounds the request's and no former tenant is put back."""
    test_only = ("SAVEPOINT", "current_setting('app.org'", "set_config('app.org', ''")
    return sum(not any(words in one["sql"] for words in test_only) for one in queries)
