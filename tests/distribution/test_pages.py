from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.selectors import Member
from apps.core.tenancy import tenant_tx
from apps.distribution.models import PipelineRun, RunState, Task, TaskState
from apps.distribution.services.runs import FILL
from apps.jobs.services import request
from apps.pipelines.models import PipelineVersion, Stage, StageKind
from apps.predictions.models import DeploymentState
from apps.projects.models import Dataset, Item
from tests import factories
from tests.look.filled import fill
from tests.people import World

Browse = Callable[[Member], Any]


def start(browser: Any, world: World, deployment: Any, held_out: str = "5") -> Any:
    template = "pre_label_and_review"
    form = {"dataset": world.dataset.pk, "template": template, "deployment": deployment.pk, "held_out": held_out}
    return browser.post(f"{browser.org}/projects/{world.project.pk}/pipeline/", form)


def test_an_engineer_starts_the_template_with_a_held_out_share(world: World, signed_in: Browse) -> None:
    factories.make_item(world)
    factories.make_recipe_version(world)
    browser = signed_in(world.noor)
    answer = start(browser, world, factories.make_deployment(world))
    assert answer.status_code == 302
    assert "The run is started" in browser.get(answer.headers["Location"]).content.decode()
    with tenant_tx(world.noor.context):
        assert Stage.objects.get(kind=StageKind.LABEL).held_out == 0.05
        assert PipelineRun.objects.get().dataset_id == world.dataset.pk


def test_the_same_settings_start_a_run_on_the_same_version(world: World, signed_in: Browse) -> None:
    factories.make_recipe_version(world)
    deployment = factories.make_deployment(world)
    browser = signed_in(world.noor)
    for held_out in ("5", "5", "0"):
        start(browser, world, deployment, held_out)
    with tenant_tx(world.noor.context):
        assert PipelineRun.objects.count() == 3
        assert PipelineVersion.objects.count() == 2


def test_without_a_recipe_the_page_says_what_is_missing_and_refuses_to_start(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.noor)
    deployment = factories.make_deployment(world)
    page = browser.get(f"{browser.org}/projects/{world.project.pk}/pipeline/").content.decode()
    assert "No recipe is published yet." in page
    assert "There are no pictures yet." in page
    assert start(browser, world, deployment).status_code == 422


def move(browser: Any, world: World, run: PipelineRun, state: str) -> str:
    address = f"{browser.org}/projects/{world.project.pk}/pipeline/runs/{run.pk}"
    return str(browser.post(address, {"state": state}, follow=True).content.decode())


def test_a_run_is_paused_resumed_and_cancelled_from_its_page(world: World, signed_in: Browse) -> None:
    run = factories.make_run(world)
    browser = signed_in(world.noor)
    paused = move(browser, world, run, "paused")
    assert "Nobody gets new tasks" in paused
    assert "Resume" in paused
    assert "Paused</span>" in paused
    assert "Pause</button>" in move(browser, world, run, "running")
    cancelled = move(browser, world, run, "cancelled")
    assert "What was submitted stays" in cancelled
    assert "Cancel run</button>" not in cancelled
    assert "cannot become running" in move(browser, world, run, "running")


def test_a_run_that_is_being_made_begins_by_itself(world: World, signed_in: Browse) -> None:
    run = factories.make_run(world)
    with tenant_tx(world.noor.context):
        PipelineRun.objects.update(state=RunState.FILLING)
        request(kind=FILL, input={"pipeline_run": str(run.pk)}, project_id=world.project.pk, org_id=run.org_id)
    assert "it begins by itself" in move(signed_in(world.noor), world, run, "running")
    with tenant_tx(world.noor.context):
        assert PipelineRun.objects.get().state == RunState.FILLING


def test_the_buttons_of_a_run_follow_its_state_alone(world: World, signed_in: Browse) -> None:
    run = factories.make_run(world)
    browser = signed_in(world.noor)
    address = f"{browser.org}/projects/{world.project.pk}/pipeline/runs/{run.pk}"
    assert "Pause</button>" in browser.get(address).content.decode()
    move(browser, world, run, "cancelled")
    assert "<button" not in browser.get(address).content.decode()


def test_who_may_not_run_sees_no_buttons_and_moves_nothing(world: World, signed_in: Browse) -> None:
    run = factories.make_run(world)
    address = f"projects/{world.project.pk}/pipeline/"
    ada, eve = signed_in(world.ada), signed_in(world.eve)
    assert "Cancel run" not in ada.get(f"{ada.org}/{address}").content.decode()
    assert ada.get(f"{ada.org}/{address}runs/{run.pk}").status_code == 403
    assert ada.post(f"{ada.org}/{address}runs/{run.pk}", {"state": "cancelled"}).status_code == 403
    assert eve.post(f"{eve.org}/{address}runs/{run.pk}", {"state": "cancelled"}).status_code == 404
    assert signed_in(world.noor).post(f"/o/parking/{address}runs/{run.pk}", {"state": "done"}).status_code == 404


@pytest.mark.parametrize("held_out", ["", "-1", "51", "many"])
def test_a_share_that_makes_no_sense_is_refused(world: World, signed_in: Browse, held_out: str) -> None:
    factories.make_recipe_version(world)
    answer = start(signed_in(world.noor), world, factories.make_deployment(world), held_out)
    assert answer.status_code == 422
    assert 'id="held-error"' in answer.content.decode()


def test_a_stopped_model_is_not_offered(world: World, signed_in: Browse) -> None:
    factories.make_recipe_version(world)
    deployment = factories.make_deployment(world)
    with tenant_tx(world.noor.context):
        deployment.move_to(DeploymentState.STOPPED)
    assert start(signed_in(world.noor), world, deployment).status_code == 422


def test_an_annotator_sees_the_line_and_may_not_start(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.ada)
    assert "Start a run" not in browser.get(f"{browser.org}/projects/{world.project.pk}/pipeline/").content.decode()
    assert start(browser, world, factories.make_deployment(world)).status_code == 403


def test_my_work_offers_returned_work_to_the_one_it_came_back_to_alone(world: World, signed_in: Browse) -> None:
    fill(world)
    own = signed_in(world.ada).get("/o/meadow/").content.decode()
    other = signed_in(world.bob).get("/o/meadow/").content.decode()
    assert "Missing object: the trailer" in own
    assert "Missing object: the trailer" not in other
    assert "18 pictures are ready for you." in own
    assert "12 pictures are ready for you." in other


def test_a_press_on_next_takes_a_task_and_opens_it(world: World, signed_in: Browse) -> None:
    fill(world)
    browser = signed_in(world.bob)
    with tenant_tx(world.bob.context):
        stage = Stage.objects.get(kind=StageKind.LABEL)
    answer = browser.post("/o/meadow/work/", {"project": world.project.pk, "stage": stage.pk})
    with tenant_tx(world.bob.context):
        task = Task.objects.get(holder=world.bob.id, state=TaskState.LEASED)
    assert answer.headers["Location"] == f"/o/meadow/work/{task.pk}"
    assert str(task.pk) in browser.get(answer.headers["Location"]).content.decode()
    assert "Yours now" in browser.get("/o/meadow/").content.decode()


def test_a_press_on_next_opens_what_one_holds_before_it_takes_more(world: World, signed_in: Browse) -> None:
    fill(world)
    browser = signed_in(world.bob)
    with tenant_tx(world.bob.context):
        label, review = (Stage.objects.get(kind=kind) for kind in (StageKind.LABEL, StageKind.REVIEW))
    opened = {
        browser.post("/o/meadow/work/", {"project": world.project.pk, "stage": label.pk}).headers["Location"]
        for _ in range(3)
    }
    with tenant_tx(world.bob.context):
        task = Task.objects.get(holder=world.bob.id, state=TaskState.LEASED)
    assert opened == {f"/o/meadow/work/{task.pk}"}
    other = browser.post("/o/meadow/work/", {"project": world.project.pk, "stage": review.pk})
    assert other.headers["Location"] != f"/o/meadow/work/{task.pk}"


def test_with_nothing_left_my_work_says_so(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.ada)
    answer = browser.post("/o/meadow/work/", {"project": world.project.pk}, follow=True)
    assert "others were quicker" in answer.content.decode()


@pytest.mark.parametrize("form", [{}, {"project": "x"}, {"project": "01a1fd8f-7116-72cf-aca0-cd7d4beabf03"}])
def test_a_claim_for_nothing_known_breaks_nothing(world: World, signed_in: Browse, form: dict[str, str]) -> None:
    assert signed_in(world.ada).post("/o/meadow/work/", form).status_code in {302, 404}


def test_a_task_that_one_may_not_see_is_not_opened(world: World, signed_in: Browse) -> None:
    fill(world)
    with tenant_tx(world.ada.context):
        task = Task.objects.filter(holder=world.ada.id)[0]
    assert signed_in(world.eve).get(f"/o/elsewhere/work/{task.pk}").status_code == 404


def test_a_picture_of_the_gallery_opens_and_leads_to_its_neighbours(world: World, signed_in: Browse) -> None:
    first, second, third = (
        factories.make_item(world, f"lot-{number}.jpg", metadata={"camera": "north"}) for number in range(3)
    )
    browser = signed_in(world.noor)
    items = f"{browser.org}/projects/{world.project.pk}/items/"
    gallery = f"{browser.org}/projects/{world.project.pk}/dataset/{world.dataset.pk}/"
    assert f'href="{items}{second.pk}/?"' in browser.get(gallery).content.decode()
    text = browser.get(f"{items}{second.pk}/").content.decode()
    assert "camera" in text
    assert f'rel="prev" href="{items}{first.pk}/?"' in text
    assert f'rel="next" href="{items}{third.pk}/?"' in text
    assert 'rel="prev"' not in browser.get(f"{items}{first.pk}/").content.decode()
    assert 'rel="next"' not in browser.get(f"{items}{third.pk}/").content.decode()


def test_a_picture_tells_its_steps_to_those_who_may_see_them(world: World, signed_in: Browse) -> None:
    fill(world)
    with tenant_tx(world.ada.context):
        task = Task.objects.filter(holder=world.ada.id, state=TaskState.LEASED).select_related("unit")[0]
    page = f"projects/{world.project.pk}/items/{task.unit.item_id}/"
    assert f"/o/parking/work/{task.pk}" in signed_in(world.noor).get(f"/o/parking/{page}").content.decode()
    assert "Person " in signed_in(world.noor).get(f"/o/parking/{page}").content.decode()
    assert f"/o/meadow/work/{task.pk}" in signed_in(world.ada).get(f"/o/meadow/{page}").content.decode()
    assert str(task.pk) not in signed_in(world.bob).get(f"/o/meadow/{page}").content.decode()
    assert signed_in(world.eve).get(f"/o/elsewhere/{page}").status_code == 404


def test_whose_role_takes_no_tasks_is_led_to_the_projects(world: World, signed_in: Browse) -> None:
    assert "Your role takes no tasks" in signed_in(world.olga).get("/o/parking/").content.decode()


def test_pages_speak_of_the_dataset_that_holds_pictures(world: World, signed_in: Browse) -> None:
    with tenant_tx(world.noor.context):
        full = Dataset.objects.create(org_id=world.parking.id, project=world.project, name="Photographs")
        Item.objects.create(
            org_id=world.parking.id,
            project=world.project,
            dataset=full,
            name="lot.jpg",
            media_type="image/jpeg",
            sha256="0" * 64,
            bytes=1,
            width=100,
            height=80,
        )
    browser = signed_in(world.noor)
    project = f"{browser.org}/projects/{world.project.pk}/"
    assert browser.get(f"{project}dataset/").headers["Location"] == f"{project}dataset/{full.pk}/"
    text = browser.get(f"{project}pipeline/").content.decode()
    assert "There are no pictures yet." not in text
    assert text.index("Photographs, 1 picture") < text.index("Autumn lots, 0 pictures")


def test_both_sides_of_a_shared_project_read_who_works_on_it(world: World, signed_in: Browse) -> None:
    for member in (world.noor, world.max):
        browser = signed_in(member)
        page = browser.get(f"{browser.org}/projects/{world.project.pk}/").content.decode()
        assert "customer · owns pictures, recipe and results" in page
        assert f"<h3>{world.meadow.name}</h3>" in page
