"""What runs in a request's transaction, and what must not: the database ends one in which nothing happens."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from apps.accounts.selectors import Member
from apps.core.tenancy import owner_context, tenant_tx
from apps.projects.models import Upload
from tests.people import World, make_world

SignIn = Callable[[Member], Any]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


class SlowBody(io.BytesIO):
    """A body that notes whether a transaction was open while it came in."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.waited_inside: set[bool] = set()

    def read(self, size: int | None = -1) -> bytes:
        self.waited_inside.add(connection.in_atomic_block)
        return super().read(size)


def send(client: Any, path: str, content: bytes, content_type: str, **headers: str) -> tuple[Any, SlowBody]:
    body = SlowBody(content)
    received = {"wsgi.input": body, "CONTENT_LENGTH": str(len(content)), "CONTENT_TYPE": content_type}
    answer = client.generic("POST", f"{client.api}/{path}", headers=headers, **received)
    return answer, body


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k1"}])
def test_a_body_comes_in_before_the_transaction(signed_in: SignIn, headers: dict[str, str]) -> None:
    noor = signed_in(make_world().noor)
    answer, body = send(noor, "projects", b'{"name": "Vans"}', "application/json", **headers)
    assert (answer.status_code, body.waited_inside) == (201, {False})


def upload(client: Any, world: World) -> tuple[Any, SlowBody]:
    file = SimpleUploadedFile("a.png", b"not a picture")
    content = encode_multipart(BOUNDARY, {"files": [file]})
    return send(client, f"datasets/{world.dataset.id}/uploads", content, MULTIPART_CONTENT)


def test_files_come_in_and_are_kept_before_the_transaction(signed_in: SignIn, monkeypatch: Any) -> None:
    world = make_world()
    kept_inside: list[bool] = []
    save = default_storage.save

    def spy(name: str, content: Any) -> str:
        kept_inside.append(connection.in_atomic_block)
        return save(name, content)

    monkeypatch.setattr(default_storage, "save", spy)
    answer, body = upload(signed_in(world.noor), world)
    assert (answer.status_code, body.waited_inside, kept_inside) == (202, {False}, [False])


def test_files_of_an_upload_that_fails_are_not_left_behind(signed_in: SignIn, monkeypatch: Any) -> None:
    world = make_world()
    paths: list[str] = []
    save = default_storage.save

    def spy(name: str, content: Any) -> str:
        paths.append(name)
        return save(name, content)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no rows today")

    monkeypatch.setattr(default_storage, "save", spy)
    monkeypatch.setattr("apps.projects.services.uploads.record_audit", broken)
    noor = signed_in(world.noor)
    noor.raise_request_exception = False
    answer, _ = upload(noor, world)
    assert answer.status_code == 500
    assert [default_storage.exists(path) for path in paths] == [False]
    with tenant_tx(owner_context(world.parking.id)):
        assert not Upload.objects.exists()


def test_a_body_that_was_cut_off_leaves_its_key_to_the_whole_one(signed_in: SignIn) -> None:
    noor = signed_in(make_world().noor)
    whole = b'{"name": "Vans"}'
    received = {"wsgi.input": io.BytesIO(whole[:9]), "CONTENT_LENGTH": str(len(whole))}
    headers = {"Idempotency-Key": "k1"}
    cut = noor.generic("POST", f"{noor.api}/projects", content_type="application/json", headers=headers, **received)
    assert (cut.status_code, cut.json()["error"]["code"]) == (400, "body_cut_off")
    answer, _ = send(noor, "projects", whole, "application/json", **headers)
    assert answer.status_code == 201
