"""Nobody is told of anything that is not theirs: every route, every kind of stranger, real ids of somebody else's.

The answer to a foreign id is the answer to one that does not exist, letter for letter but for the request's own id.
Walls are tried together and one at a time; and mutants show that the matrix would have seen what it looks for.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from django.db import connection, transaction

from apps.accounts import middleware
from apps.accounts.selectors import member_by_session, person_by_token
from apps.core.errors import NotFound
from apps.core.tenancy import tenant_tx
from apps.projects import selectors as projects
from apps.projects.models import Project
from apps.recipes import selectors as recipes
from apps.recipes.models import Recipe
from tests.test_tenancy import tenant_models

from .asking import Found, ask_all, cells_of, said_to
from .calls import calls, places_in, with_ids_elsewhere
from .strangers import KINDS, Town, make_town
from .walls import policies_off, scoping_off, silent_policy

NAMES = [make.__name__ for make in KINDS]
# Whom the gate admits, so that only scoping and policies stand between them and what is not theirs.
ADMITTED = ["owner_elsewhere", "vendor_ended", "vendor_elsewhere"]
# They differ from a vendor not engaged in how they came to be one: what they see of pages is the same.
ALIKE = {"vendor_only_offered", "vendor_lapsed", "vendor_to_come", "vendor_in_another_role", "vendor_not_engaged"}
# Enough for each change; the others are asked before an issue is resolved.
EACH_TIME = {"nobody", "owner_elsewhere", "deactivated", "token_for_another"}
API = "/api/"
UNREAD = ("invalid_json", "invalid_value", "unknown_field", "invalid_email")
NESTED = "/recipes/{recipe}/versions"


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    """Made once: each cell is undone after it was asked."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_town()
        transaction.set_rollback(True)


def kinds(names: list[str], each_time: set[str]) -> list[Any]:
    """Parameters of a test, the rarer ones marked."""
    return [pytest.param(name, marks=[] if name in each_time else pytest.mark.prove) for name in names]


def told(found: Found) -> list[str]:
    """What was wrong; what was asked is printed for whoever reads the run."""
    print(f"\n{found}")  # noqa: T201 - the count is the evidence
    assert found.cells.total() > 0
    return found.complaints


def test_every_id_that_can_be_named_is_there_to_be_asked_for(town: Town) -> None:
    named = {place for call in (*calls(), *with_ids_elsewhere()) for place in (*call.places, *places_in(call.body))}
    named |= {place for call in with_ids_elsewhere() for place in places_in(call.query)}

    assert named - {"org"} <= set(town.foreign), "say in tests/access/calls.py in which table these are looked up"


def test_there_is_something_to_be_seen_in_every_table(town: Town) -> None:
    with policies_off():
        empty = [model._meta.db_table for model in tenant_models() if not _rows(model, town, town.foreign["project"])]

    assert not empty


@pytest.mark.parametrize("kind", kinds(NAMES, EACH_TIME))
def test_a_stranger_cannot_tell_what_exists(town: Town, kind: str) -> None:
    found = ask_all(town, town.strangers[kind], API if kind in ALIKE else "")

    assert told(found) == []


@pytest.mark.parametrize("kind", kinds(ADMITTED, {"owner_elsewhere"}))
def test_with_scoping_off_the_policies_alone_show_nothing_foreign(town: Town, kind: str) -> None:
    with scoping_off():
        assert told(ask_all(town, town.strangers[kind], API)) == []


@pytest.mark.parametrize("kind", kinds(ADMITTED, {"owner_elsewhere"}))
def test_with_policies_off_the_scoping_alone_shows_nothing_foreign(town: Town, kind: str) -> None:
    with policies_off():
        assert told(ask_all(town, town.strangers[kind], API)) == []


@pytest.mark.parametrize("kind", [name for name in NAMES if name.startswith(("owner_e", "vendor"))])
def test_no_table_shows_a_stranger_a_row_without_any_scoping(town: Town, kind: str) -> None:
    stranger = town.strangers[kind]
    assert stranger.member
    member = member_by_session(stranger.member.id, stranger.slug)
    assert member
    with tenant_tx(member.context):
        seen = {model._meta.db_table for model in tenant_models() if _rows(model, town, town.foreign["project"])}

    offered = {"engagement"} if kind.startswith("vendor") and kind != "vendor_not_engaged" else set()
    assert seen <= offered, "a vendor may see the offer that was made to it, and nothing else"


def _rows(model: Any, town: Town, project: Any) -> int:
    """How many of the customer's are seen; where a table knows projects, of the one that is not shared."""
    columns = {field.column for field in model._meta.local_concrete_fields}
    where, value = ("project_id", project) if "project_id" in columns else ("org_id", town.world.parking.id)
    if model is Project:
        where, value = "id", project
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {model._meta.db_table} WHERE {where} = %s", [value])
        return int(cursor.fetchone()[0])


# Mutants: the same cells must complain of each of these.


def test_a_token_that_is_good_everywhere_would_be_seen(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(digest: bytes, slug: str) -> Any:
        person = person_by_token(digest)
        return member_by_session(person.pk, slug) if person else None

    monkeypatch.setattr(middleware, "member_by_token", careless)

    assert told(ask_all(town, town.strangers["token_for_another"], "/items"))


@pytest.mark.parametrize("table", ["project", "task"])
def test_a_silent_policy_would_be_seen_and_scoping_still_holds(town: Town, table: str) -> None:
    eve, path = town.strangers["owner_elsewhere"], f"/api/v1/orgs/{{org}}/{table}s"
    with silent_policy(table):
        with scoping_off():
            assert told(ask_all(town, eve, path))
        assert told(ask_all(town, eve, path)) == []


@pytest.mark.parametrize(
    ("walls", "is_seen"), [(policies_off, True), (nullcontext, False)], ids=["alone", "caught by the policies"]
)
def test_a_nested_view_without_scope_would_be_seen(
    town: Town, monkeypatch: pytest.MonkeyPatch, walls: Any, is_seen: bool
) -> None:
    def unscoped(context: Any, action: str, recipe_id: Any) -> Recipe:
        recipe: Recipe | None = Recipe._base_manager.filter(pk=recipe_id).first()
        if recipe is None:
            raise NotFound
        return recipe

    monkeypatch.setattr(recipes, "recipe_for", unscoped)

    assert bool(_asked_within(walls(), town, NESTED)) is is_seen


@pytest.mark.parametrize(
    ("walls", "is_seen"), [(policies_off, True), (nullcontext, False)], ids=["alone", "caught by the policies"]
)
def test_a_list_without_its_filter_would_be_seen(
    town: Town, monkeypatch: pytest.MonkeyPatch, walls: Any, is_seen: bool
) -> None:
    monkeypatch.setattr(projects, "projects_seen", Project._base_manager.all)

    assert bool(_asked_within(walls(), town, "/api/v1/orgs/{org}/projects")) is is_seen


def _asked_within(walls: AbstractContextManager[None], town: Town, path: str) -> list[str]:
    with walls:
        return told(ask_all(town, town.strangers["owner_elsewhere"], path))


def test_bodies_are_read_as_far_as_to_their_ids(town: Town) -> None:
    """A body that is refused for its form is refused alike whatever ids it names: nothing was asked then."""
    stranger, unread = town.strangers["owner_elsewhere"], []
    for call, foreign in cells_of(stranger):
        if call.what == "body" and call.is_api:
            said = said_to(town, stranger, call, foreign, town.foreign)[2]
            unread += [f"{call.name}: {said[:200]}" for code in UNREAD if f'"code":"{code}"' in said]

    assert unread == [], "say in tests/access/calls.py what these need"


def test_nested_paths_are_asked_with_each_id_alone_and_together(town: Town) -> None:
    asked = {(call.path, foreign) for call, foreign in cells_of(town.strangers["owner_elsewhere"])}
    page = "/o/{org}/projects/{project}/items/{item}/"

    for foreign in ({"project"}, {"item"}, {"project", "item"}):
        assert (page, frozenset(foreign)) in asked
