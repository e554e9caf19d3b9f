"""Every page of the product answers each of the cast, empty, and shows only what the gate opens."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from apps.accounts.models import Engagement
from apps.accounts.selectors import Member
from apps.core.roles import Role
from apps.core.tenancy import tenant_tx
from tests.look.filled import fill
from tests.people import World, make_member

Browse = Callable[[Member], Any]
PROJECT_PAGES = ("", "dataset/", "recipe/", "pipeline/", "models/", "review/", "questions/", "exports/")
CLOSED = {
    ("review/", "noor"),
    ("review/", "olga"),
    ("review/", "ada"),
    ("questions/", "olga"),
    ("exports/", "max"),
    ("exports/", "rita"),
    ("exports/", "ada"),
}


@pytest.mark.parametrize("name", ["noor", "olga", "max", "rita", "ada"])
@pytest.mark.parametrize("path", PROJECT_PAGES)
def test_a_page_of_an_empty_project_opens_for_whom_it_should(
    world: World, signed_in: Browse, path: str, name: str
) -> None:
    browser = signed_in(getattr(world, name))
    answer = browser.get(f"{browser.org}/projects/{world.project.pk}/{path}", follow=True)
    assert answer.status_code == (403 if (path, name) in CLOSED else 200)


@pytest.mark.parametrize("path", PROJECT_PAGES)
def test_a_stranger_finds_nothing_under_any_page_of_a_project(world: World, signed_in: Browse, path: str) -> None:
    browser = signed_in(world.eve)
    assert browser.get(f"{browser.org}/projects/{world.project.pk}/{path}").status_code == 404


@pytest.mark.parametrize("name", ["noor", "olga", "max", "rita", "ada", "eve"])
@pytest.mark.parametrize("path", ["", "projects/"])
def test_the_pages_of_an_organization_open_for_all_its_people(
    world: World, signed_in: Browse, path: str, name: str
) -> None:
    browser = signed_in(getattr(world, name))
    assert browser.get(f"{browser.org}/{path}").status_code == 200


def test_no_page_asks_for_inline_styles_or_scripts(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.noor)
    for path in PROJECT_PAGES:
        text = browser.get(f"{browser.org}/projects/{world.project.pk}/{path}", follow=True).content.decode()
        assert " style=" not in text
        assert "<style" not in text
        assert " onclick=" not in text


def test_a_form_that_is_too_old_is_no_matter_of_roles(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.noor)
    browser.handler.enforce_csrf_checks = True
    answer = browser.post(f"{browser.org}/projects/new", {"name": "Lots"})
    assert answer.status_code == 403
    assert "too old to be trusted" in answer.content.decode()
    assert "role" not in answer.content.decode().partition("<main")[2].partition("</main>")[0]


def test_an_engaged_auditor_is_shown_no_pipeline_that_is_closed_to_them(world: World, signed_in: Browse) -> None:
    fill(world)
    with tenant_tx(world.noor.context):
        Engagement.objects.update(roles=[Role.AUDITOR])
    otto = make_member(world.meadow, "otto", Role.AUDITOR)
    browser = signed_in(otto)
    project = f"{browser.org}/projects/{world.project.pk}/"
    assert browser.get(f"{project}pipeline/").status_code == 403
    text = browser.get(project).content.decode()
    assert "Done" in text
    assert f'"{project}pipeline/"' not in text
    assert f'"{project}line"' not in text


def test_a_page_that_fails_names_the_request(world: World, signed_in: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(import_module("apps.performance.views.team"), "board_of", fail)
    browser = signed_in(world.max)
    browser.raise_request_exception = False
    answer = browser.get(f"{browser.org}/team/", headers={"X-Request-Id": "asked-for-7"})
    assert answer.status_code == 500
    assert "asked-for-7" in answer.content.decode()
