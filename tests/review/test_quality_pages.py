"""The quality pages and their API: who may, what they say, that nobody is named."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.selectors import Member
from apps.performance.services.folding import fold
from apps.review.models import SuggestionDay
from tests.distribution.conftest import Desk
from tests.distribution.line import Line, as_owner, box, identity, make_tasks
from tests.people import World

Browse = Callable[[Member], Any]
MOST_QUERIES = 12
# What the middleware asks on any page, and what a transaction within the test's own takes.
OF_ALL_PAGES = ("SAVEPOINT", "RELEASE", "SELECT current_setting", "SELECT set_config", "SELECT * FROM app.whoami")


@pytest.fixture
def walk(world: World, line: Line, at: Callable[[Member], Desk]) -> None:
    """Ada hands in two cars; Rita returns them, then fixes the second round."""
    make_tasks(world, line, 1)
    ada, rita = at(world.ada), at(world.rita)
    one, two = box(), box(100)
    ada.submit(ada.take(stage=str(line.label.pk)), one, two)
    rita.judge(rita.take(stage=str(line.review.pk)), "reject", comment="Ada, one is missing.", reason="missed")
    assert ada.submit(ada.take(stage=str(line.label.pk)), one, two, box(200)).status_code == 201
    review = rita.take(stage=str(line.review.pk))
    assert rita.judge(review, "fix", annotations=[one, two | {"x": 140}], reason="shape").status_code == 201
    with as_owner(world.project):
        fold()


@pytest.fixture
def assisted(world: World, line: Line, walk: None) -> None:
    """Bob took one car over from a model at the same stage."""
    with as_owner(world.project):
        SuggestionDay.objects.create(
            org_id=world.parking.id, project=world.project, stage_id=line.label.pk, worker_org_id=world.meadow.id,
            day=timezone.now().date(), person=world.bob.id, label_id=line.recipe.labels[0]["id"],
            model_version_id=identity(), band=9, held_out=False, accepted=1, edited=0, rejected=0, missed=0,
        )  # fmt: skip


def pages_of(world: World) -> list[str]:
    project = f"projects/{world.project.pk}/quality/"
    return [project, f"{project}evidence", f"{project}tables/classes", "quality/"]


@pytest.mark.parametrize("name", ["noor", "olga", "max", "rita"])
@pytest.mark.usefixtures("walk")
def test_those_who_answer_for_quality_see_it(world: World, signed_in: Browse, name: str) -> None:
    browser = signed_in(getattr(world, name))
    for path in pages_of(world):
        assert browser.get(f"{browser.org}/{path}").status_code == 200, path
    for path in ("quality", "quality/evidence"):
        assert browser.get(f"{browser.api}/projects/{world.project.pk}/{path}").status_code == 200, path


def test_annotators_may_not_and_strangers_find_nothing(world: World, signed_in: Browse) -> None:
    ada, eve = signed_in(world.ada), signed_in(world.eve)
    made_up = f"projects/{identity()}/quality/"
    for path in pages_of(world)[:3]:
        assert ada.get(f"{ada.org}/{path}").status_code == 403
        answer = eve.get(f"{eve.org}/{path}")
        unknown = eve.get(f"{eve.org}/{path.replace(pages_of(world)[0], made_up)}")
        assert answer.status_code == unknown.status_code == 404
    for path in ("quality", "quality/evidence"):
        assert ada.get(f"{ada.api}/projects/{world.project.pk}/{path}").status_code == 403
        assert eve.get(f"{eve.api}/projects/{world.project.pk}/{path}").status_code == 404
    assert signed_in(world.ada).get("/o/meadow/quality/").status_code == 403


@pytest.mark.usefixtures("walk")
def test_the_api_tells_rates_with_what_they_stand_on(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.noor)
    told = browser.get(f"{browser.api}/projects/{world.project.pk}/quality?goal=95").json()
    figures = {one["name"]: (one["k"], one["n"]) for one in told["figures"]}
    # Handed in first: two, returned. Then three: one stood, one was changed, one removed.
    assert figures["objects_accepted"] == (1, 5)
    assert figures["first_pass"] == (0, 1)
    assert figures["suggestions_missed"] == (0, 0)
    tables = {table["key"]: table["lines"] for table in told["tables"]}
    (car,) = tables["classes"]
    assert {one["name"]: one["k"] for one in car["rates"]} == {"kept": 1, "changed": 1, "removed": 1, "returned": 2}
    assert car["rates"][0] | {"k": 1, "n": 5, "value": None, "low": None, "against_goal": "wait"} == car["rates"][0]
    reasons = {line["key"]: line["rates"][0]["k"] for line in tables["reasons"]}
    assert reasons == {"missed": 1, "shape": 1, "extra": 0, "label": 0, "attribute": 0, "other": 0, "none": 0}


@pytest.mark.usefixtures("assisted")
def test_objects_are_missed_only_where_a_model_spoke(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.noor)
    told = browser.get(f"{browser.api}/projects/{world.project.pk}/quality").json()
    figures = {one["name"]: (one["k"], one["n"]) for one in told["figures"]}
    assert figures["suggestions_missed"] == (3, 4)


@pytest.mark.parametrize(
    ("query", "number", "roles"),
    [
        ("of=objects&outcome=kept", 1, {"handed_in", "decided"}),
        ("of=objects&outcome=changed", 1, {"handed_in", "decided"}),
        ("of=objects&outcome=removed", 1, {"handed_in"}),
        ("of=objects&outcome=returned", 2, {"handed_in"}),
        ("of=suggestions&outcome=missed", 3, {"handed_in"}),
        ("of=suggestions&outcome=rejected", 0, set()),
        ("of=verdicts&outcome=first_reject", 1, {"handed_in"}),
        ("of=verdicts&outcome=wanting&reason=shape", 1, {"handed_in", "decided"}),
        ("of=verdicts&outcome=wanting&reason=none", 0, set()),
    ],
)
@pytest.mark.usefixtures("assisted")
def test_evidence_shows_cases_of_the_outcome(
    world: World, signed_in: Browse, query: str, number: int, roles: set[str]
) -> None:
    for name in ("noor", "rita"):
        browser = signed_in(getattr(world, name))
        told = browser.get(f"{browser.api}/projects/{world.project.pk}/quality/evidence?{query}").json()
        assert len(told["samples"]) == number, told
        assert {shape["role"] for one in told["samples"] for shape in one["shapes"]} == roles
        page = browser.get(f"{browser.org}/projects/{world.project.pk}/quality/evidence?{query}")
        assert page.status_code == 200
        text = page.content.decode()
        assert text.count("<figure") == number
        assert ("then the object." in text) is ("of=verdicts" not in query)


def keys_in(told: Any) -> Iterator[str]:
    if isinstance(told, dict):
        for key, value in told.items():
            yield key
            yield from keys_in(value)
    elif isinstance(told, list):
        for one in told:
            yield from keys_in(one)


FIGURE_KEYS = {
    "project", "since", "until", "needed", "goal", "figures", "tables", "name", "k", "n", "value", "low", "high",
    "against_goal", "key", "evidence_of", "lines", "rates",
}  # fmt: skip
EVIDENCE_KEYS = {
    "of", "outcome", "seed", "cases", "samples", "item", "item_name", "width", "height", "at", "label", "verdict",
    "reason", "comment", "shapes", "role", "type", "x", "y", "parts", "rotation",
}  # fmt: skip


@pytest.mark.parametrize("name", ["noor", "olga", "max", "rita"])
@pytest.mark.usefixtures("assisted")
def test_no_key_of_the_api_tells_a_person(world: World, signed_in: Browse, name: str) -> None:
    browser = signed_in(getattr(world, name))
    project = f"{browser.api}/projects/{world.project.pk}/quality"
    assert set(keys_in(browser.get(project).json())) <= FIGURE_KEYS
    for query in ("of=objects&outcome=returned", "of=suggestions&outcome=missed", "of=verdicts&outcome=first_reject"):
        assert set(keys_in(browser.get(f"{project}/evidence?{query}").json())) <= EVIDENCE_KEYS


@pytest.mark.usefixtures("assisted")
def test_an_auditor_learns_nobody_from_anything(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.olga)
    project = f"{browser.org}/projects/{world.project.pk}/quality"
    evidence = [f"?of=objects&outcome={one}" for one in ("kept", "changed", "removed", "returned")]
    evidence += ["?of=verdicts&outcome=first_reject", "?of=suggestions&outcome=missed"]
    addresses = [f"{project}/", f"{browser.org}/quality/", *(f"{project}/evidence{query}" for query in evidence)]
    addresses += [
        f"{project}/tables/{one}" for one in ("classes", "suggestions", "models", "bands", "reasons", "weeks")
    ]
    api = f"{browser.api}/projects/{world.project.pk}/quality"
    addresses += [api, *(f"{api}/evidence{query}" for query in evidence)]
    people: list[UUID] = [world.ada.id, world.bob.id, world.rita.id, world.max.id]
    for address in addresses:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        text = answer.content.decode()
        for word in ("Ada", "Rita", "Person ", "Meadow", *map(str, people), str(world.meadow.id)):
            assert word not in text, f"{word} in {address}"


@pytest.mark.usefixtures("walk")
def test_a_comment_is_read_by_reviewers_alone(world: World, signed_in: Browse) -> None:
    path = f"projects/{world.project.pk}/quality/evidence?of=verdicts&outcome=first_reject"
    assert "one is missing" in signed_in(world.rita).get(f"/o/meadow/{path}").content.decode()
    assert "one is missing" not in signed_in(world.olga).get(f"/o/parking/{path}").content.decode()


@pytest.mark.parametrize("path", range(4))
@pytest.mark.usefixtures("walk")
def test_a_page_asks_few_questions(world: World, signed_in: Browse, path: int) -> None:
    browser = signed_in(world.olga)
    with CaptureQueriesContext(connection) as asked:
        browser.get(f"{browser.org}/{pages_of(world)[path]}")
    own = [one["sql"] for one in asked if not one["sql"].startswith(OF_ALL_PAGES)]
    assert len(own) <= MOST_QUERIES, "\n".join(sql[:150] for sql in own)


@pytest.mark.parametrize(
    "query",
    [
        "since=2026-03-02&until=2026-03-01",
        "since=2020-01-01&until=2026-01-01",
        "until=0001-01-01",
        "since=0001-01-10&until=0001-02-01",
        "goal=0",
        "goal=many",
        "label=car",
    ],
)
def test_what_cannot_be_asked_is_said_and_the_usual_range_shown(world: World, signed_in: Browse, query: str) -> None:
    browser = signed_in(world.noor)
    answer = browser.get(f"{browser.org}/projects/{world.project.pk}/quality/?{query}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert browser.get(f"{browser.api}/projects/{world.project.pk}/quality?{query}").status_code == 422


def test_an_empty_project_says_what_makes_figures_appear(world: World, signed_in: Browse) -> None:
    text = signed_in(world.noor).get(f"/o/parking/projects/{world.project.pk}/quality/").content.decode()
    assert "No figures yet" in text
    assert "No figures yet" in signed_in(world.olga).get("/o/parking/quality/").content.decode()
