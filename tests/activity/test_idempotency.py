"""The same request twice is done once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.selectors import Member
from apps.activity import idempotency
from apps.activity.models import IdempotencyKey
from apps.core.tenancy import owner_context, tenant_tx
from apps.jobs.direct import connect
from apps.projects.models import Project
from tests.people import World, make_world

SignIn = Callable[[Member], Any]
SCOPE = {"method": "POST", "path": "/api/v1/orgs/parking/projects", "key": "k1"}


def make_project(client: Any, name: str, key: str) -> Any:
    """A mutating request with a key."""
    return client.post(
        f"{client.api}/projects", {"name": name}, content_type="application/json", headers={"Idempotency-Key": key}
    )


def projects_of(world: World) -> int:
    """How many there are beside the shared one."""
    with tenant_tx(owner_context(world.parking.id)):
        return Project.objects.exclude(pk=world.project.id).count()


def test_the_same_key_and_body_give_the_first_answer(world: World, signed_in: SignIn) -> None:
    noor = signed_in(world.noor)
    first, again = make_project(noor, "Vans", "k1"), make_project(noor, "Vans", "k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert projects_of(world) == 1


def test_another_body_under_the_same_key_is_refused(world: World, signed_in: SignIn) -> None:
    noor = signed_in(world.noor)
    make_project(noor, "Vans", "k1")
    answer = make_project(noor, "Lorries", "k1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "idempotency_mismatch")
    assert projects_of(world) == 1


def test_a_refusal_is_repeated_too(world: World, signed_in: SignIn) -> None:
    noor = signed_in(world.noor)
    first, again = make_project(noor, " ", "k1"), make_project(noor, " ", "k1")
    assert (first.status_code, again.status_code) == (422, 422)
    assert again["Idempotency-Replayed"] == "true"


def test_keys_of_different_people_do_not_meet(world: World, signed_in: SignIn) -> None:
    make_project(signed_in(world.noor), "Vans", "k1")
    answer = make_project(signed_in(world.eve), "Vans", "k1")
    assert (answer.status_code, answer.has_header("Idempotency-Replayed")) == (201, False)


def test_a_key_has_a_length(world: World, signed_in: SignIn) -> None:
    answer = make_project(signed_in(world.noor), "Vans", "k" * 201)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_idempotency_key")


def test_a_ticket_is_never_given_twice(world: World, signed_in: SignIn) -> None:
    ada = signed_in(world.ada)
    asked = [
        ada.post(
            f"{ada.api}/socket_tickets", content_type="application/json", headers={"Idempotency-Key": "k1"}
        ).json()["ticket"]
        for _ in range(2)
    ]
    assert asked[0] != asked[1]


def between(monkeypatch: Any, happens: Callable[[], object]) -> None:
    """Something happens after a refused request's work was undone and before its answer is kept."""
    opened: list[Any] = []
    real = tenant_tx

    def spy(context: Any) -> Any:
        opened.append(context)
        if len(opened) == 2:
            happens()
        return real(context)

    monkeypatch.setattr(idempotency, "tenant_tx", spy)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_refusal_leaves_the_key_to_the_same_request_that_ended_meanwhile(signed_in: SignIn, monkeypatch: Any) -> None:
    world = make_world()

    def ended() -> None:
        row = {"org_id": world.parking.id, "body_digest": b"", "answer": b"{}", "media_type": "x", "status": 201}
        with tenant_tx(world.noor.context):
            IdempotencyKey.objects.create(**SCOPE, **row, user_id=world.noor.id, at=timezone.now())

    between(monkeypatch, ended)
    assert make_project(signed_in(world.noor), " ", "k1").status_code == 422
    with tenant_tx(world.noor.context):
        assert IdempotencyKey.objects.get().status == 201


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_refusal_leaves_the_key_to_the_same_request_that_is_being_served(signed_in: SignIn, monkeypatch: Any) -> None:
    world = make_world()
    name = "\n".join([str(world.parking.id), str(world.noor.id), *SCOPE.values()])
    with connect() as other:
        between(monkeypatch, lambda: other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name]))
        assert make_project(signed_in(world.noor), " ", "k1").status_code == 422
    with tenant_tx(world.noor.context):
        assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_twenty_at_once_make_one(signed_in: SignIn) -> None:
    world = make_world()
    clients = [signed_in(world.noor) for _ in range(20)]
    answers: list[Any] = []

    def ask(client: Any) -> None:
        try:
            answers.append(make_project(client, "Vans", "k1"))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert projects_of(world) == 1
