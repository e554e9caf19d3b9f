"""Pictures as they are served: who may, in which pieces, kept how long, and made again when they are gone."""

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from apps.accounts.selectors import Member
from apps.core.errors import Refusal
from apps.core.tenancy import Context, owner_context, tenant_tx
from apps.jobs.models import Job
from apps.projects import files, services
from apps.projects.models import Item
from apps.projects.pictures.derived import levels_of, tile_grid
from tests.people import World
from tests.projects.pictures import picture

SignIn = Callable[[Member], Client]
Send = Callable[..., dict[str, Any]]


@pytest.fixture
def item(world: World, upload: Send) -> Item:
    """A picture of 1300 × 700: three levels."""
    upload(**{"lot.png": picture(1300, 700)})
    with tenant_tx(owner_context(world.parking.id)):
        found: Item = Item.objects.get()
    return found


def derive(item: Item, owner: Context, *, full: bool) -> None:
    """What the job does."""
    services.derive_item(item_id=item.pk, full=full, context=owner)


def test_the_pyramid_is_whole_and_fits_together(world: World, item: Item, signed_in: SignIn) -> None:
    client: Any = signed_in(world.ada)
    assert levels_of(item.width, item.height) == 3
    for z in range(3):
        scale = 2 ** (2 - z)
        width, height = -(-item.width // scale), -(-item.height // scale)
        columns, rows = tile_grid(item.width, item.height, z)
        for x in range(columns):
            for y in range(rows):
                answer = client.get(f"{client.api}/items/{item.id}/tiles/{z}/{x}/{y}")
                tile = Image.open(io.BytesIO(answer.content))
                assert tile.size == (min(512, width - 512 * x), min(512, height - 512 * y))


@pytest.mark.parametrize("tile", ["3/0/0", "2/3/0", "2/0/2", "0/1/0", "0/0/99999999999999999999"])
def test_tiles_outside_the_picture_are_not_found(world: World, item: Item, signed_in: SignIn, tile: str) -> None:
    client: Any = signed_in(world.ada)
    answer = client.get(f"{client.api}/items/{item.id}/tiles/{tile}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(("width", "height", "levels"), [(1, 1, 1), (512, 512, 1), (513, 1, 2), (6000, 4000, 5)])
def test_the_coarsest_level_is_one_tile(width: int, height: int, levels: int) -> None:
    assert levels_of(width, height) == levels
    assert tile_grid(width, height, 0) == (1, 1)


def test_pictures_are_kept_privately_and_asked_for_anew(world: World, item: Item, signed_in: SignIn) -> None:
    client: Any = signed_in(world.ada)
    path = f"{client.api}/items/{item.id}/image?size=thumb"
    first = client.get(path)

    assert first["Cache-Control"] == "private, max-age=60"
    assert first["X-Content-Type-Options"] == "nosniff"
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    eve: Any = signed_in(world.eve)
    assert eve.get(f"{eve.api}/items/{item.id}/image", headers={"If-None-Match": first["ETag"]}).status_code == 404


def test_the_full_picture_is_made_when_first_asked_for(
    world: World, item: Item, signed_in: SignIn, owner: Context
) -> None:
    client: Any = signed_in(world.ada)
    path = f"{client.api}/items/{item.id}/image?size=full"
    waiting = client.get(path)

    assert (waiting.status_code, waiting.json()["error"]["code"], waiting["Retry-After"]) == (404, "not_ready", "2")
    assert waiting["Cache-Control"] == "no-store"
    client.get(path)
    with tenant_tx(owner):
        job = Job.objects.get(kind="item.derive")
    assert job.input == {"item": str(item.id), "full": True}
    derive(item, owner, full=True)
    assert Image.open(io.BytesIO(b"".join(client.get(path)))).size == (1300, 700)


def test_lost_tiles_are_made_again(world: World, item: Item, signed_in: SignIn, owner: Context) -> None:
    client: Any = signed_in(world.ada)
    path = f"{client.api}/items/{item.id}/tiles/2/1/1"
    before = client.get(path).content
    default_storage.delete(files.derived(item.org_id, item.id, "tiles/2/1_1.jpg"))

    assert client.get(path).json()["error"]["code"] == "not_ready"
    derive(item, owner, full=False)
    assert client.get(path).content == before


def test_an_original_that_came_to_harm_is_said_to_be(item: Item, owner: Context) -> None:
    default_storage.delete(files.original(item))

    with pytest.raises(Refusal, match="Restore the file storage"):
        derive(item, owner, full=False)


@pytest.mark.parametrize("query", ["size=huge", "size=../../etc/passwd", "width=10"])
def test_a_size_that_there_is_not_is_refused(world: World, item: Item, signed_in: SignIn, query: str) -> None:
    client: Any = signed_in(world.ada)

    assert client.get(f"{client.api}/items/{item.id}/image?{query}").status_code in {400, 422}


def test_a_deleted_items_picture_is_gone(world: World, item: Item, signed_in: SignIn) -> None:
    with tenant_tx(owner_context(world.parking.id)):
        services.delete_item(item=item)
    client: Any = signed_in(world.ada)

    assert client.get(f"{client.api}/items/{item.id}/image").status_code == 404


def test_an_item_is_of_the_entry_that_it_came_from(world: World, upload: Send) -> None:
    (entry,) = upload(**{"a.png": picture()})["results"]

    assert UUID(entry["id"]) == UUID(entry["item"])
