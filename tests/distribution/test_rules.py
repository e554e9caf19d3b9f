"""Rules of a route: each condition by itself, the first rule that holds, shares that never change; and rules tried."""

import re
from typing import Any
from uuid import UUID

import msgspec
import pytest

from apps.core.ids import new_id
from apps.core.tenancy import owner_context
from apps.distribution import trying
from apps.distribution.models import Task, Unit
from apps.distribution.rule_words import in_words
from apps.distribution.rules import Seen, drawn, holds, outcome_of
from apps.distribution.services import trials
from apps.distribution.views import rules as rules_page
from apps.jobs.models import Job
from apps.pipelines.settings import Condition, RouteSettings, Rule
from apps.pipelines.templates import graph_of
from apps.predictions.merge import Found
from apps.predictions.services import keep_delivered
from apps.projects.models import Item
from apps.recipes.models import Label
from tests.factories import make_annotation, make_deployment
from tests.people import World

from .graphs import Works
from .line import as_owner, identity, make_item, make_recipe

CARS = (("car", 0.9), ("car", 0.7), ("tree", 0.3))


def condition(**stated: Any) -> Condition:
    found: Condition = msgspec.convert(stated, Condition)
    return found


def seen(scores: Any = CARS, objects: Any = None, metadata: dict[str, Any] | None = None) -> Seen:
    objects = [(label, {}) for label, _ in scores] if objects is None else objects
    return Seen(scores, objects, metadata or {}, new_id())


@pytest.mark.parametrize(
    ("stated", "held"),
    [
        ({"of": "lowest", "at_least": 0.3}, True),
        ({"of": "lowest", "at_least": 0.31}, False),
        ({"of": "lowest", "at_least": 0.7, "label": "car"}, True),
        ({"of": "highest", "at_least": 0.9}, True),
        ({"of": "highest", "below": 0.9}, False),
        ({"of": "mean", "at_least": 0.6, "below": 0.7}, True),
        ({"of": "mean", "at_least": 0.8, "label": "car"}, True),
        ({"of": "lowest", "label": "van"}, False),
        ({"of": "lowest"}, True),
    ],
)
def test_confidence_is_a_band_of_the_lowest_mean_or_highest_score(stated: dict[str, Any], held: bool) -> None:
    assert holds(condition(test="confidence", **stated), seen(), "") is held


def test_where_nothing_was_predicted_no_confidence_holds() -> None:
    for of in ("lowest", "mean", "highest"):
        assert not holds(condition(test="confidence", of=of), seen(scores=()), "")


@pytest.mark.parametrize(
    ("label", "present", "held"),
    [("car", True, True), ("van", True, False), ("car", False, False), ("van", False, True)],
)
def test_a_class_is_there_or_not(label: str, present: bool, held: bool) -> None:
    assert holds(condition(test="class", label=label, present=present), seen(), "") is held


@pytest.mark.parametrize(
    ("stated", "held"),
    [
        ({"at_least": 3}, True),
        ({"at_least": 4}, False),
        ({"at_most": 2}, False),
        ({"label": "car", "at_least": 2, "at_most": 2}, True),
        ({"label": "van", "at_most": 0}, True),
    ],
)
def test_objects_are_counted_of_one_label_or_all(stated: dict[str, Any], held: bool) -> None:
    assert holds(condition(test="count", **stated), seen(), "") is held


@pytest.mark.parametrize(
    ("stated", "held"),
    [
        ({"name": "model", "value": "van"}, True),
        ({"name": "model", "value": "van", "label": "car"}, True),
        ({"name": "model", "value": "van", "label": "tree"}, False),
        ({"name": "model", "value": "sedan"}, False),
        ({"name": "parked", "value": True}, True),
        ({"name": "doors", "value": None}, True),
    ],
)
def test_an_attribute_has_its_value_on_some_object(stated: dict[str, Any], held: bool) -> None:
    objects = [("car", {"model": "van", "parked": True}), ("tree", {})]
    assert holds(condition(test="attribute", **stated), seen(objects=objects), "") is held


@pytest.mark.parametrize(
    ("stated", "held"),
    [
        ({"field": "site", "value": "north"}, True),
        ({"field": "site", "op": "is_not", "value": "north"}, False),
        ({"field": "gone", "op": "is_not", "value": "north"}, True),
        ({"field": "gone", "value": None}, False),
        ({"field": "height", "op": "at_least", "value": 80}, True),
        ({"field": "height", "op": "at_most", "value": 79.5}, False),
        ({"field": "site", "op": "at_least", "value": 1}, False),
        ({"field": "wet", "op": "at_least", "value": 0}, False),
        ({"field": "site", "op": "exists"}, True),
        ({"field": "gone", "op": "exists"}, False),
    ],
)
def test_metadata_is_compared_by_kind(stated: dict[str, Any], held: bool) -> None:
    metadata = {"site": "north", "height": 80, "wet": True}
    assert holds(condition(test="metadata", **stated), seen(metadata=metadata), "") is held


def test_a_share_takes_the_same_units_always_and_about_as_many_as_it_says() -> None:
    units = [seen() for _ in range(4000)]
    fifth, half = condition(test="share", percent=20), condition(test="share", percent=50)
    drawn_once = [holds(fifth, unit, "route:sample") for unit in units]

    assert drawn_once == [holds(fifth, unit, "route:sample") for unit in units]
    assert 0.17 < sum(drawn_once) / len(units) < 0.23
    assert all(holds(half, unit, "route:sample") for unit, was in zip(units, drawn_once, strict=True) if was)
    assert drawn_once != [holds(fifth, unit, "other:sample") for unit in units]
    assert not any(holds(condition(test="share", percent=0), unit, "") for unit in units)
    assert all(holds(condition(test="share", percent=100), unit, "") for unit in units)
    # Written down, so that a run that goes on after an update goes on as it began.
    assert round(drawn("route:sample", UUID("01a2003d-9eba-7180-8e52-857bcf7bcff6")), 9) == 0.048402943


def test_all_conditions_of_a_rule_hold_and_the_first_such_rule_wins() -> None:
    rules = settings(
        ("sure", {"test": "confidence", "of": "lowest", "at_least": 0.9}, {"test": "class", "label": "car"}),
        ("cars", {"test": "class", "label": "car"}),
        ("trees", {"test": "class", "label": "tree"}),
    )
    assert outcome_of(rules, seen(scores=(("car", 0.95),)), "route") == "sure"
    assert outcome_of(rules, seen(), "route") == "cars"
    assert outcome_of(rules, seen(scores=(("tree", 0.95),)), "route") == "trees"
    assert outcome_of(rules, seen(scores=(("van", 0.95),)), "route") == "default"


def settings(*rules: Any) -> RouteSettings:
    """(key, condition, …) for each."""
    return msgspec.convert({"rules": [{"key": key, "when": list(when)} for key, *when in rules]}, RouteSettings)


CONFIDENT = {"key": "sure", "title": "Sure", "when": [{"test": "confidence", "of": "lowest", "at_least": 0.9}]}


@pytest.fixture
def scored(world: World) -> list[Item]:
    """40 pictures, of which every fourth has a confident car, the others one that is not."""
    make_recipe(world.project)
    deployment = make_deployment(world)
    items = [make_item(world, name=f"lot {number}.jpg") for number in range(40)]
    with as_owner(world.project):
        for number, item in enumerate(items):
            score = 0.5 if number % 4 else 0.95
            car = Found(str(new_id()), "car", score, 10, 10, 40, 30)
            keep_delivered(item=item, deployment=deployment, found=[car])
    return items


@pytest.fixture
def attempt(world: World, at: Any, scored: list[Item]) -> Any:
    """Noor tries rules on the pipeline's dataset."""
    works = Works(world, msgspec.to_builtins(graph_of("production_intake", {})))

    def send(*rules: Any, person: Any = None, **body: Any) -> Any:
        stated = {"dataset": str(world.dataset.pk), "rules": list(rules), **body}
        path = f"pipelines/{works.run.pipeline_version.pipeline_id}/try_rules"
        return at(person or world.noor).send("POST", path, stated)

    return send


def test_rules_are_tried_on_all_there_is_and_nothing_moves(world: World, attempt: Any, scored: list[Item]) -> None:
    with as_owner(world.project):
        before = set(Task.objects.values_list("pk", "state")), Unit.objects.count()

    answer = attempt(CONFIDENT)

    assert answer.status_code == 200, answer.content
    trial = answer.json()
    sure, default = trial["ways"]
    assert (trial["total"], trial["looked_at"]) == (40, 40)
    assert (sure["key"], sure["title"], sure["looked_at"], sure["items"], sure["low"]) == ("sure", "Sure", 10, 10, None)
    assert (default["key"], default["looked_at"], default["share"]) == ("default", 30, 0.75)
    assert len(sure["examples"]) == trying.EXAMPLES
    assert {one["id"] for one in sure["examples"]} <= {str(item.pk) for item in scored[::4]}
    with as_owner(world.project):
        assert (set(Task.objects.values_list("pk", "state")), Unit.objects.count()) == before


def test_of_a_sample_all_is_told_with_an_interval_and_the_same_items_again(attempt: Any) -> None:
    first, again = (attempt(CONFIDENT, sample=30).json() for _ in range(2))
    assert first == again
    sure = first["ways"][0]
    assert (first["total"], first["looked_at"]) == (40, 30)
    assert 0 < sure["low"] < sure["share"] < sure["high"] < 1
    assert sure["items_low"] <= sure["items"] <= sure["items_high"] <= 40
    few = attempt(CONFIDENT, sample=10).json()["ways"][0]
    assert (few["share"], few["items"]) == (None, None), "ten say too little"


def test_what_people_drew_counts_before_what_models_said(world: World, attempt: Any, scored: list[Item]) -> None:
    with as_owner(world.project):
        tree = Label.objects.filter(name="tree").order_by("-pk")[0]
    make_annotation(world, scored[0], tree)
    trees = {"key": "trees", "when": [{"test": "class", "label": "tree"}]}
    assert attempt(trees).json()["ways"][0]["looked_at"] == 1


def test_many_items_are_tried_by_a_job_with_the_trial_as_its_result(world: World, attempt: Any) -> None:
    answer = attempt(CONFIDENT, sample=5000)
    assert answer.status_code == 202
    with as_owner(world.project):
        job = Job.objects.get(pk=answer.json()["job"])
    said: list[tuple[int, int]] = []
    result = trials.run_trial(
        context=owner_context(world.parking.id), stated=job.input, progress=lambda *done: said.append(done)
    )
    assert [way["looked_at"] for way in result["ways"]] == [10, 30]
    assert said == [(40, 40)]


def test_rules_that_could_not_be_published_are_refused_with_a_sentence(world: World, attempt: Any) -> None:
    def code(*rules: Any, **body: Any) -> tuple[int, str]:
        answer = attempt(*rules, **body)
        return answer.status_code, answer.json()["error"]["code"]

    boat = {"key": "boats", "when": [{"test": "class", "label": "boat"}]}
    assert code() == (422, "invalid_rules")
    assert code({"key": "empty", "when": []}) == (422, "invalid_rules")
    assert code(CONFIDENT, CONFIDENT) == (422, "invalid_rules")
    assert code(boat) == (422, "invalid_rules")
    assert code({"key": "odd", "when": [{"test": "weather"}]}) == (422, "invalid_value")
    assert code(CONFIDENT, sample=0) == (422, "invalid_value")
    assert code(CONFIDENT, dataset=str(identity())) == (404, "not_found")
    for person, status in ((world.eve, 404), (world.ada, 403), (world.olga, 403)):
        assert attempt(CONFIDENT, person=person).status_code == status


def test_the_page_shows_where_pictures_would_go(world: World, attempt: Any, scored: list[Item], signed_in: Any) -> None:
    browser = signed_in(world.noor)
    page = f"{browser.org}/projects/{world.project.pk}/pipeline/rules/"

    text = browser.get(page).content.decode()

    assert "lowest confidence at least 0.9" in text
    assert "<strong>10 pictures</strong>, 25&nbsp;%" in text
    assert "<strong>30 pictures</strong>, 75&nbsp;%" in text
    assert text.count('<img class="thumb"') == 2 * trying.EXAMPLES
    assert " style=" not in text
    assert browser.get(f"{page}?dataset={identity()}&stage=x").content.decode().count("25&nbsp;%") == 1
    for person, status in ((world.olga, 403), (world.max, 403), (world.eve, 404)):
        other = signed_in(person)
        assert other.get(f"{other.org}/projects/{world.project.pk}/pipeline/rules/").status_code == status


def test_the_page_says_of_a_sample_how_far_it_may_be_off(
    world: World, attempt: Any, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules_page, "LOOKED_AT", 35)
    browser = signed_in(world.noor)
    text = browser.get(f"{browser.org}/projects/{world.project.pk}/pipeline/rules/").content.decode()
    assert "35 of 40 pictures looked at" in text
    assert re.search(r'<span class="meta">\d+ to \d+</span>', text)


def test_without_a_route_the_page_says_how_to_get_one(world: World, signed_in: Any) -> None:
    browser = signed_in(world.noor)
    text = browser.get(f"{browser.org}/projects/{world.project.pk}/pipeline/rules/").content.decode()
    assert "No pipeline has a route yet" in text


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"test": "confidence", "of": "mean", "below": 0.5, "label": "car"}, "mean confidence below 0.5 among Car"),
        ({"test": "class", "label": "car", "present": False}, "Car is not there"),
        ({"test": "count", "at_least": 2, "at_most": 4}, "number of objects at least 2 at most 4"),
        ({"test": "attribute", "name": "model", "value": "van", "label": "car"}, "Car has model van"),
        ({"test": "attribute", "name": "parked", "value": True}, "an object has parked yes"),
        ({"test": "metadata", "field": "site", "op": "exists"}, "site is stated"),
        ({"test": "metadata", "field": "height", "op": "at_least", "value": 80}, "height is at least 80"),
        ({"test": "share", "percent": 12.5}, "12.5 % of all"),
    ],
)
def test_every_condition_can_be_said(stated: dict[str, Any], words: str) -> None:
    rule = msgspec.convert({"key": "one", "when": [stated]}, Rule)
    assert in_words(rule, {"car": "Car"}) == words
