"""The pages of pipelines: the list, a new one, the graph editor, and who may do what there."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.accounts.selectors import Member
from apps.core.tenancy import owner_context, tenant_tx
from apps.pipelines import selectors, services
from apps.pipelines.choices import KINDS, OUTCOMES, kinds, templates
from apps.pipelines.models import RESERVED_KINDS, Pipeline, PipelineVersion, StageKind
from apps.pipelines.templates import TEMPLATES
from tests.factories import make_deployment, make_recipe_version
from tests.people import World

SignIn = Callable[[Member], Client]
EMBEDDED = re.compile(r'<script id="pipeline-drawing" type="application/json">(.*?)</script>', re.DOTALL)


@pytest.fixture
def line(world: World) -> PipelineVersion:
    """A line with a review, published."""
    make_recipe_version(world, "car", "van")
    with tenant_tx(world.noor.context):
        return services.create_pipeline(project=world.project, name="Line", template="label_and_review", settings={})


def page(client: Any, world: World, path: str) -> Any:
    """A page of the shared project."""
    return client.get(f"{client.org}/projects/{world.project.pk}/{path}")


def drawing_of(answer: Any) -> dict[str, Any]:
    """What the editor's scripts begin with."""
    found = EMBEDDED.search(answer.content.decode())
    assert found
    drawn: dict[str, Any] = json.loads(found[1])
    return drawn


def test_the_list_shows_each_pipeline_with_its_stages(world: World, signed_in: SignIn, line: Any) -> None:
    text = page(signed_in(world.noor), world, "pipelines/").content.decode()

    assert "Dataset → Label → Review → Done" in text
    assert f"/pipeline/{line.pipeline_id}/edit" in text
    assert "New pipeline" in text


def test_an_empty_list_says_what_to_do(world: World, signed_in: SignIn) -> None:
    engineer = page(signed_in(world.noor), world, "pipelines/").content.decode()
    vendor = page(signed_in(world.max), world, "pipelines/").content.decode()

    assert "No pipelines yet" in engineer
    assert "pipelines/new" in engineer
    assert "appear here once one is published" in vendor
    assert "pipelines/new" not in vendor


def make(client: Any, world: World, **sent: str) -> Any:
    """Send the form of a new pipeline."""
    return client.post(f"{client.org}/projects/{world.project.pk}/pipelines/new", sent)


def test_a_template_becomes_a_pipeline_whose_graph_opens(world: World, signed_in: SignIn) -> None:
    make_recipe_version(world)
    deployment = make_deployment(world)
    noor = signed_in(world.noor)
    answer = make(noor, world, name="Fleet", template="pre_label_and_review", deployment=str(deployment.pk))

    with tenant_tx(owner_context(world.parking.id)):
        pipeline = Pipeline.objects.get(name="Fleet")
        version = selectors.newest_version(pipeline)
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/pipeline/{pipeline.pk}/edit")
    assert version is not None
    assert [stage["key"] for stage in version.graph["stages"]] == ["dataset", "predict", "label", "review", "done"]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"name": "", "template": "label_only"}, "Give the pipeline a name"),
        ({"name": "Line", "template": "label_only"}, "Another pipeline of this project has this name"),
        ({"name": "Fleet", "template": "pre_label_and_review"}, "Choose the model that reads first"),
        ({"name": "Fleet", "template": "pre_label_and_review", "deployment": str(uuid4())}, "no longer serves"),
        ({"name": "Fleet", "template": "magic"}, "magic is not one of the available choices"),
    ],
)
def test_what_is_wrong_with_a_new_pipeline_stands_in_the_form(
    world: World, signed_in: SignIn, line: Any, sent: dict[str, str], sentence: str
) -> None:
    answer = make(signed_in(world.noor), world, **sent)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_without_a_recipe_the_form_says_where_to_publish_one(world: World, signed_in: SignIn) -> None:
    noor = signed_in(world.noor)

    assert "No recipe is published yet" in page(noor, world, "pipelines/new").content.decode()
    assert make(noor, world, name="Fleet", template="label_only").status_code == 422


def test_the_editor_begins_with_the_newest_version_and_where_its_stages_stand(
    world: World, signed_in: SignIn, line: Any
) -> None:
    make_deployment(world, title="nanodet")
    drawn = drawing_of(page(signed_in(world.noor), world, f"pipeline/{line.pipeline_id}/edit"))

    assert drawn["graph"] == line.graph
    assert drawn["version"] == 1
    assert drawn["check"]["faults"] == []
    assert drawn["check"]["units"] == ["item"] * 4
    assert [one["x"] for one in drawn["check"]["layout"]["spots"]] == sorted(
        one["x"] for one in drawn["check"]["layout"]["spots"]
    )
    assert [one["value"] for one in drawn["labels"]] == ["car", "van"]
    assert [one["title"] for one in drawn["deployments"]] == ["nanodet 1"]


def test_only_publishers_are_shown_what_changes_a_graph(world: World, signed_in: SignIn, line: Any) -> None:
    path = f"pipeline/{line.pipeline_id}/edit"
    engineer, vendor = (page(signed_in(one), world, path).content.decode() for one in (world.noor, world.ada))

    assert 'data-act="publish"' in engineer
    assert 'data-act="publish"' not in vendor
    assert "data-adds=" not in vendor
    assert "data-readonly" in vendor
    assert "data-readonly" not in engineer


def test_reserved_kinds_are_shown_with_why(world: World, signed_in: SignIn, line: Any) -> None:
    text = page(signed_in(world.noor), world, f"pipeline/{line.pipeline_id}/edit").content.decode()

    for kind, work in RESERVED_KINDS.items():
        assert re.search(rf'data-adds="{kind}" title="Comes with {work}." aria-disabled="true"', text), kind


def test_the_vendor_makes_none_and_a_stranger_finds_none(world: World, signed_in: SignIn, line: Any) -> None:
    edit = f"pipeline/{line.pipeline_id}/edit"

    assert page(signed_in(world.max), world, "pipelines/new").status_code == 403
    assert make(signed_in(world.max), world, name="Fleet", template="label_only").status_code == 403
    for path in ("pipelines/", "pipelines/new", edit, f"pipeline/{uuid4()}/edit"):
        assert page(signed_in(world.eve), world, path).status_code == 404


def test_a_pipeline_is_found_under_its_own_project_alone(world: World, signed_in: SignIn, line: Any) -> None:
    noor: Any = signed_in(world.noor)

    assert noor.get(f"{noor.org}/projects/{uuid4()}/pipeline/{line.pipeline_id}/edit").status_code == 404


def test_every_kind_has_its_place_in_the_palette_and_its_form() -> None:
    assert set(KINDS) == {*StageKind.values, *RESERVED_KINDS}
    assert {"done", "rework", "failed", "agree", "disagree", "dropped", "default"} == set(OUTCOMES)
    assert [one["kind"] for one in kinds() if one["reserved"]] == [one for one in KINDS if one in RESERVED_KINDS]


def test_every_kind_that_can_be_added_has_a_form(world: World, signed_in: SignIn, line: Any) -> None:
    text = page(signed_in(world.noor), world, f"pipeline/{line.pipeline_id}/edit").content.decode()

    assert {name for name in StageKind.values if f'data-name="settings-{name}"' not in text} == set()


def test_every_template_is_offered_with_a_title_and_a_sentence() -> None:
    assert [one.name for one in templates()] == list(TEMPLATES)
    assert all(one.title and one.sentence for one in templates())
