"""A project's set-up in four steps, and the sample project: what each step makes, whom it is for, what it refuses."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.accounts.selectors import Member
from apps.core.roles import Role
from apps.core.tenancy import Context, tenant_tx
from apps.distribution.models import PipelineRun, RunState, Task, Unit
from apps.distribution.services.runs import fill_run
from apps.distribution.services.samples import make_sample
from apps.distribution.set_up import crew_of
from apps.jobs.models import Job
from apps.jobs.services import request
from apps.pipelines.models import PipelineVersion, Stage
from apps.projects import services as projects
from apps.projects.models import EntryState, Item, Project, Upload, UploadEntry
from apps.recipes.models import RecipeVersion
from tests import factories
from tests.look.filled import fill
from tests.people import World, make_member

Browse = Callable[..., Any]
LABELS = json.dumps([{"name": "car", "title": "Car", "key": "1"}, {"name": "van", "title": "Van", "key": "2"}])


def at(world: World, step: str = "") -> str:
    """A step's address, for Parking's engineer."""
    return f"/o/parking/projects/{world.project.pk}/set-up/{step}"


def in_parking(world: World) -> Any:
    """On behalf of the customer."""
    return tenant_tx(world.noor.context)


def test_the_set_up_leads_to_the_step_that_is_next(world: World, signed_in: Browse) -> None:
    noor = signed_in(world.noor)

    def following() -> str:
        return str(noor.get(at(world)).headers["Location"]).rpartition("/")[2]

    assert following() == "pictures"
    factories.make_item(world)
    assert following() == "labels"
    noor.post(at(world, "labels"), {"on": "0", "labels": LABELS})
    assert following() == "line"
    noor.post(at(world, "line"), {"template": "label_only"})
    assert following() == "start"
    noor.post(at(world, "start"))
    assert following() == "start"


@pytest.mark.parametrize("step", ["pictures", "labels", "line", "start"])
def test_each_step_opens_at_any_time(world: World, signed_in: Browse, step: str) -> None:
    noor = signed_in(world.noor)
    assert noor.get(at(world, step)).status_code == 200

    factories.make_item(world)
    factories.make_recipe_version(world)
    assert noor.get(at(world, step)).status_code == 200


@pytest.mark.parametrize("step", ["", "pictures", "labels", "line", "start"])
@pytest.mark.parametrize(("name", "status"), [("max", 403), ("ada", 403), ("olga", 403), ("eve", 404)])
def test_only_those_who_build_set_up(world: World, signed_in: Browse, step: str, name: str, status: int) -> None:
    client = signed_in(getattr(world, name))
    address = f"{client.org}/projects/{world.project.pk}/set-up/{step}"

    assert client.get(address).status_code == status
    if step:
        assert client.post(address, {}).status_code == status


@pytest.mark.parametrize(("name", "links"), [("noor", True), ("olga", False)])
def test_the_overview_leads_to_the_set_up_only_those_who_build(
    world: World, signed_in: Browse, name: str, links: bool
) -> None:
    page = signed_in(getattr(world, name)).get(f"/o/parking/projects/{world.project.pk}/").content.decode()

    assert "What comes next" in page
    assert ("/set-up/" in page) is links


def test_what_of_an_upload_was_refused_is_said_beside_what_arrived(world: World, signed_in: Browse) -> None:
    row = {"org_id": world.parking.id, "project": world.project}
    with in_parking(world):
        upload = Upload.objects.create(**row, dataset=world.dataset, job=request(kind="upload.ingest", input={}))
        entry = {"number": 1, "name": "notes.txt", "state": EntryState.REFUSED, "error_message": "Not a picture."}
        UploadEntry.objects.create(**row, upload=upload, **entry)
    page = signed_in(world.noor).get(at(world, "pictures")).content.decode()

    assert "1 file was refused" in page
    assert "Not a picture." in page


def test_the_samples_arrive_as_an_upload(world: World, signed_in: Browse) -> None:
    assert signed_in(world.noor).post(at(world, "pictures")).status_code == 302

    with in_parking(world):
        upload = Upload.objects.get()
        assert (upload.dataset_id, upload.job.kind) == (world.dataset.pk, "upload.ingest")
    page = signed_in(world.noor).get(at(world, "pictures")).content.decode()
    assert f"/jobs/{upload.job_id}" in page


def test_what_is_wrong_with_the_labels_is_said_and_what_was_typed_stays(world: World, signed_in: Browse) -> None:
    twice = json.dumps([{"name": "car", "title": "Car"}, {"name": "car", "title": "Car too"}])
    answer = signed_in(world.noor).post(at(world, "labels"), {"on": "0", "labels": twice, "instructions": "Mind."})

    assert answer.status_code == 422
    text = answer.content.decode()
    assert "same name" in text
    assert "Car too" in text
    assert "Mind." in text


def test_labels_that_somebody_published_meanwhile_are_not_overwritten(world: World, signed_in: Browse) -> None:
    factories.make_recipe_version(world, "tree")

    answer = signed_in(world.noor).post(at(world, "labels"), {"on": "0", "labels": LABELS})

    assert (answer.status_code, "published meanwhile" in answer.content.decode()) == (422, True)


def test_a_recipe_is_copied_from_another_project_with_its_attributes(world: World, signed_in: Browse) -> None:
    noor = signed_in(world.noor)
    source = factories.make_recipe_version(world, "car", "van")
    with in_parking(world):
        other = projects.create_project(name="Other")
        RecipeVersion.objects.filter(pk=source.pk).update(instructions="Tight boxes.")
    address = f"/o/parking/projects/{other.pk}/set-up/labels"
    assert "Car models" in noor.get(address).content.decode()

    assert noor.post(address, {"on": "0", "copy_from": str(world.project.pk)}).status_code == 302

    with in_parking(world):
        copied = RecipeVersion.objects.get(project=other)
    assert [label["name"] for label in copied.labels] == ["car", "van"]
    assert copied.instructions == "Tight boxes."
    assert {label["id"] for label in copied.labels}.isdisjoint(label["id"] for label in source.labels)


def test_a_recipe_of_somebody_else_is_not_there_to_copy(world: World, signed_in: Browse) -> None:
    with tenant_tx(world.eve.context):
        hers = projects.create_project(name="Hers")
    answers = [
        signed_in(world.noor).post(at(world, "labels"), {"on": "0", "copy_from": str(key)})
        for key in (hers.pk, uuid4())
    ]
    assert [answer.status_code for answer in answers] == [404, 404]


@pytest.mark.parametrize(
    ("template", "stages"),
    [("label_only", ["dataset", "label", "done"]), ("label_and_review", ["dataset", "label", "review", "done"])],
)
def test_a_line_without_a_model_runs(world: World, signed_in: Browse, template: str, stages: list[str]) -> None:
    noor = signed_in(world.noor)
    factories.make_item(world)
    factories.make_recipe_version(world)

    chosen = noor.post(at(world, "line"), {"template": template, "reviewers": ["reviewer", "owner"]})
    assert chosen.headers["Location"].endswith("/set-up/start")
    assert noor.post(at(world, "start")).status_code == 302

    with in_parking(world):
        run = PipelineRun.objects.get()
        fill_run(context=Context(org_id=world.parking.id), run_id=run.pk, progress=lambda done: None)
        found = list(Stage.objects.filter(pipeline_version=run.pipeline_version_id).order_by("position"))
        assert [stage.kind for stage in found] == stages
        assert all(stage.roles == ["reviewer", "owner"] for stage in found if stage.kind == "review")
        assert (Unit.objects.count(), Task.objects.get().state) == (1, "ready")
    page = noor.get(at(world, "start")).content.decode()
    assert "1 task waits to be taken" in page


def test_a_model_that_is_chosen_is_deployed_and_reads_first(world: World, signed_in: Browse) -> None:
    noor = signed_in(world.noor)
    factories.make_item(world)
    factories.make_recipe_version(world)
    model = factories.make_deployment(world).model_version_id
    form = {"template": "pre_label_and_review", "reviewers": ["reviewer"], "model_version": str(model)}

    assert noor.post(at(world, "line"), form).status_code == 302

    with in_parking(world):
        assert Stage.objects.filter(kind="predict").exists()


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Choose a line"),
        ({"template": "magic"}, "Choose a line"),
        ({"template": "label_and_review"}, "at least one role that reviews"),
        ({"template": "pre_label_and_review", "reviewers": ["owner"]}, "model that reads first"),
    ],
)
def test_a_line_that_is_not_whole_is_refused(
    world: World, signed_in: Browse, form: dict[str, Any], sentence: str
) -> None:
    factories.make_recipe_version(world)
    answer = signed_in(world.noor).post(at(world, "line"), form or {"nothing": ""})

    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)


def test_choosing_back_and_forth_starts_what_was_chosen_last(world: World, signed_in: Browse) -> None:
    noor = signed_in(world.noor)
    factories.make_item(world)
    factories.make_recipe_version(world)
    for template in ("label_only", "label_and_review", "label_only", "label_only"):
        noor.post(at(world, "line"), {"template": template, "reviewers": ["owner"]})
    noor.post(at(world, "start"))

    with in_parking(world):
        assert PipelineRun.objects.get().pipeline_version.pipeline.name == "Label only"
        assert PipelineVersion.objects.count() == 3


def test_a_start_takes_labels_that_were_added_after_the_line(world: World, signed_in: Browse) -> None:
    noor = signed_in(world.noor)
    factories.make_item(world)
    factories.make_recipe_version(world)
    noor.post(at(world, "line"), {"template": "label_only"})
    newer = factories.make_recipe_version(world, "car", "tree")
    noor.post(at(world, "start"))

    with in_parking(world):
        assert PipelineRun.objects.get().recipe_version_id == newer.pk


def test_a_start_that_was_pressed_twice_is_one_run(world: World, signed_in: Browse) -> None:
    noor = signed_in(world.noor)
    factories.make_item(world)
    factories.make_recipe_version(world)
    noor.post(at(world, "line"), {"template": "label_only"})
    for _ in range(2):
        noor.post(at(world, "start"))

    with in_parking(world):
        assert PipelineRun.objects.filter(state=RunState.FILLING).count() == 1


def test_a_start_with_something_missing_says_what(world: World, signed_in: Browse) -> None:
    page = signed_in(world.noor).post(at(world, "start"), follow=True).content.decode()

    assert "There are no pictures yet" in page


def test_only_a_role_that_works_is_offered_the_first_task(world: World, signed_in: Browse) -> None:
    fill(world, 10)
    olli = make_member(world.parking, "olli", Role.OWNER)
    assert "tasks wait to be taken" in signed_in(world.noor).get(at(world, "start")).content.decode()
    assert 'id="first-task"' not in signed_in(world.noor).get(at(world, "start")).content.decode()
    assert 'id="first-task"' in signed_in(olli).get(at(world, "start")).content.decode()


def test_who_is_alone_is_told_that_nobody_reviews_their_own_work(world: World, signed_in: Browse) -> None:
    with tenant_tx(world.eve.context):
        hers = projects.create_project(name="Hers")
        assert not crew_of(hers).can_review
    address = f"/o/elsewhere/projects/{hers.pk}/set-up/line"
    eve = signed_in(world.eve)
    assert "Nobody reviews their own work" in eve.get(address).content.decode()

    make_member(world.elsewhere, "ivy", Role.ANNOTATOR)
    assert "invite a second person" not in eve.get(address).content.decode()


def test_a_vendor_on_the_project_can_review(world: World) -> None:
    with in_parking(world):
        assert crew_of(world.project).can_review


def ask_for_sample(client: Any) -> Job:
    """By the button of the empty list."""
    assert client.post(f"{client.org}/projects/sample").status_code == 302
    job: Job = Job.across_tenants.get(kind="project.sample")
    return job


def run_sample(world: World, member: Member, job: Job) -> Project:
    """What the worker does."""
    context = Context(org_id=member.context.org_id, user_id=member.id)
    return make_sample(job_id=job.pk, context=context, progress=lambda done, total: None)


def test_a_sample_project_is_made_by_a_job_and_can_be_deleted(world: World, signed_in: Browse) -> None:
    eve = signed_in(world.eve)
    assert "Make the sample project" in eve.get("/o/elsewhere/projects/").content.decode()
    with tenant_tx(world.eve.context):
        job = ask_for_sample(eve)
    assert f"/jobs/{job.pk}" in eve.get("/o/elsewhere/projects/").content.decode()

    project = run_sample(world, world.eve, job)

    assert project.pk == job.pk
    with tenant_tx(world.eve.context):
        items = Item.objects.filter(project=project).count()
        assert 3 <= items <= 5
        assert PipelineRun.objects.get(project=project).pipeline_version.pipeline.name == "Label only"
    assert eve.post(f"/o/elsewhere/projects/{project.pk}/deletion").status_code == 302
    assert eve.get(f"/o/elsewhere/projects/{project.pk}/").status_code == 404


def test_a_sample_that_broke_off_goes_on_where_it_stopped(
    world: World, signed_in: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tenant_tx(world.eve.context):
        job = ask_for_sample(signed_in(world.eve))

    def break_off(**_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patched, pytest.raises(MemoryError):
        patched.setattr("apps.distribution.services.samples.start_line", break_off)
        run_sample(world, world.eve, job)
    project = run_sample(world, world.eve, job)

    with tenant_tx(world.eve.context):
        assert Upload.objects.filter(project=project).count() == 1
        assert Item.objects.filter(project=project).count() <= 5
        assert PipelineRun.objects.filter(project=project).count() == 1


def test_two_presses_make_one_sample(world: World, signed_in: Browse) -> None:
    eve = signed_in(world.eve)
    answers = [eve.post(f"{eve.api}/sample_projects") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["id"] == answers[1].json()["id"]


@pytest.mark.parametrize("name", ["ada", "olga"])
def test_who_may_make_no_project_makes_no_sample(world: World, signed_in: Browse, name: str) -> None:
    client = signed_in(getattr(world, name))

    assert client.post(f"{client.org}/projects/sample").status_code == 403
    assert client.post(f"{client.api}/sample_projects").status_code == 403


def test_an_engineer_deletes_no_project(world: World, signed_in: Browse) -> None:
    address = f"projects/{world.project.pk}/deletion"

    assert signed_in(world.noor).post(f"/o/parking/{address}").status_code == 403
    assert signed_in(world.max).post(f"/o/meadow/{address}").status_code == 403
    assert signed_in(world.eve).post(f"/o/elsewhere/{address}").status_code == 404
