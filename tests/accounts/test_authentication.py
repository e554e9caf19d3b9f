"""A session is its person's for as long as their password and their account stand."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.accounts.selectors import Member
from tests.people import PASSWORD, World

SignIn = Callable[[Member], Any]


def test_a_session_ends_with_the_password_it_was_opened_by(world: World, signed_in: SignIn) -> None:
    ada = signed_in(world.ada)
    assert ada.get(f"{ada.api}/members").status_code == 403
    user = User.objects.get(pk=world.ada.id)
    user.set_password("quite another password")
    user.save()
    assert ada.get(f"{ada.api}/members").status_code == 401
    assert "_auth_user_id" not in ada.session


def test_a_session_ends_with_the_account(world: World, signed_in: SignIn) -> None:
    ada = signed_in(world.ada)
    User.objects.filter(pk=world.ada.id).update(is_active=False)
    answer = ada.get(f"{ada.org}/projects/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in?")


@pytest.mark.parametrize("value", [PASSWORD, "", None])
def test_a_session_without_its_proof_is_nobodys(world: World, signed_in: SignIn, value: str | None) -> None:
    ada = signed_in(world.ada)
    session = ada.session
    session["_auth_user_hash"] = value
    session.save()
    assert ada.get(f"{ada.api}/projects").status_code == 401


def test_a_session_of_a_key_that_was_rotated_stays(world: World, signed_in: SignIn, settings: Any) -> None:
    ada = signed_in(world.ada)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 60
    assert ada.get(f"{ada.api}/projects").status_code == 200


def test_a_session_by_a_way_in_that_was_closed_is_nobodys(world: World, signed_in: SignIn) -> None:
    ada = signed_in(world.ada)
    session = ada.session
    session["_auth_user_backend"] = "apps.accounts.closed.Backend"
    session.save()
    assert ada.get(f"{ada.api}/projects").status_code == 401


def test_who_comes_by_a_session_is_read_in_one_round_trip(world: World, signed_in: SignIn) -> None:
    ada: Client = signed_in(world.ada)
    with CaptureQueriesContext(connection) as queries:
        ada.get(f"{ada.api}/members")  # type: ignore[attr-defined]
    assert len([one for one in queries if "person" in one["sql"]]) == 1
