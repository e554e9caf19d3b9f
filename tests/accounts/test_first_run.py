"""The first organization: by the page and its one-time code, or by the operator's command."""

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.accounts import first_run, selectors, services
from apps.accounts.models import Membership, Organization, User
from apps.accounts.selectors import places_of
from apps.activity.models import AuditEvent
from apps.core.errors import NotFound
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from apps.core.throttle import forget_tries
from tests.people import World

PASSWORD = "a long enough password"  # noqa: S105 - made up


@pytest.fixture
def code(db: None, settings: Any, tmp_path: Path) -> Iterator[str]:
    """The code of an empty installation."""
    settings.VAR = tmp_path
    forget_tries("first-run")
    yield first_run.make_code(tmp_path)
    forget_tries("first-run")


def form(given: str, **changes: str) -> dict[str, str]:
    """The first-run form, filled in."""
    return {
        "code": given,
        "organization": "Möbius & Søn",
        "name": "Ona Berg",
        "email": " Ona@First.example ",
        "password": PASSWORD,
        **changes,
    }


def test_the_code_founds_the_organization_and_signs_its_owner_in(
    code: str, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    client = Client()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/first-run", form(code.lower().replace("-", " ")))

    assert answer.headers["Location"] == "/o/mobius-sn/projects/"
    owner = User.objects.get()
    assert (owner.email, owner.name) == ("ona@first.example", "Ona Berg")
    assert [(place.name, place.role) for place in places_of(owner.pk)] == [("Möbius & Søn", Role.OWNER)]
    assert client.get("/o/mobius-sn/projects/").status_code == 200
    assert not first_run.is_open(tmp_path)
    (place,) = places_of(owner.pk)
    with tenant_tx(owner_context(place.id)):
        assert AuditEvent.objects.filter(verb="organization.found", actor_id=owner.pk).exists()


def test_a_second_use_of_the_code_meets_nothing(code: str) -> None:
    Client().post("/first-run", form(code))

    again = Client().post("/first-run", form(code, organization="Another", email="eve@first.example"))

    assert again.status_code == 404
    assert Client().get("/first-run").status_code == 404
    assert User.objects.count() == 1


def test_of_two_who_found_at_once_the_second_is_refused(code: str) -> None:
    asked = {"name": "One", "owner_email": "a@first.example", "owner_name": "A", "password": PASSWORD}
    services.found_first_organization(**asked)

    with pytest.raises(NotFound):
        services.found_first_organization(**asked | {"owner_email": "b@first.example"})


def test_an_empty_installation_leads_to_the_first_run_page(code: str) -> None:
    assert Client().get("/sign-in").headers["Location"] == "/first-run"


def test_without_a_code_there_is_no_first_run_page(db: None, settings: Any, tmp_path: Path) -> None:
    settings.VAR = tmp_path

    assert Client().get("/first-run").status_code == 404
    assert Client().get("/sign-in").status_code == 200


def test_with_an_organization_a_code_opens_nothing(world: World, settings: Any, tmp_path: Path) -> None:
    settings.VAR = tmp_path
    code = first_run.make_code(tmp_path)

    assert Client().post("/first-run", form(code)).status_code == 404
    assert Client().get("/sign-in").status_code == 200


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": "AAAA-BBBB-CCCC"}, "This is not the code"),
        ({"code": ""}, "Enter the one-time code"),
        ({"password": "short"}, "too short"),
        ({"password": "password1234"}, "too common"),
        ({"email": "ona"}, "valid email"),
        ({"organization": "\u202e"}, "visible characters"),
        ({"name": ""}, "Give your name"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_founds_nothing(
    code: str, changes: dict[str, str], sentence: str
) -> None:
    answer = Client().post("/first-run", form(code, **changes))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not selectors.is_founded()
    assert not User.objects.exists()


def test_a_code_cannot_be_guessed_by_trying(code: str) -> None:
    wrong = [Client().post("/first-run", form("0" * 12)).status_code for _ in range(10)]
    right = Client().post("/first-run", form(code))

    assert wrong == [422] * 10
    assert right.status_code == 429
    assert "tried too often" in right.content.decode()
    assert not selectors.is_founded()


def test_the_code_is_kept_hashed_and_for_its_user_alone(code: str, tmp_path: Path) -> None:
    path = tmp_path / first_run.FILE

    assert code.replace("-", "") not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    assert first_run.is_right(code.replace("1", "l").replace("0", "o"), tmp_path)
    assert not first_run.is_right("", tmp_path)
    first_run.make_code(tmp_path)
    assert not first_run.is_right(code, tmp_path)


def test_the_command_prints_a_link_by_which_the_owner_comes_in(db: None) -> None:
    said = StringIO()
    call_command(
        "found_organization", "--link", name="Meadow", owner_email="max@m.example", owner_name="Max", stdout=said,
        address="https://labels.example/",
    )  # fmt: skip
    link = re.search(r"https://labels.example(/join/\S+)", said.getvalue())
    assert link, said.getvalue()

    client = Client()
    assert 'value="Max"' in client.get(link[1]).content.decode()
    assert client.post(link[1], {"name": "Max Fischer", "password": PASSWORD}).status_code == 302
    assert [place.role for place in places_of(User.objects.get().pk)] == [Role.OWNER]


def test_two_organizations_of_one_name_get_addresses_of_their_own(world: World) -> None:
    asked = {"name": "Meadow", "owner_email": "max@meadow.example", "owner_name": "Max"}
    founded = services.found_organization(**asked)

    assert founded.organization.slug == "meadow-2"
    assert founded.owner is not None
    assert founded.owner.pk == world.max.id
    with tenant_tx(owner_context(founded.organization.pk)):
        assert Organization.objects.filter(slug="meadow-2").exists()
        assert Membership.objects.get(user_id=world.max.id).role == Role.OWNER


def test_the_command_says_what_is_wrong(db: None) -> None:
    with pytest.raises(CommandError, match="not an e-mail"):
        call_command("found_organization", name="Meadow", owner_email="max", owner_name="Max")
