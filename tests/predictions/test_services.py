import uuid
from datetime import timedelta

import pytest

from apps.activity.models import Feed
from apps.core.errors import TransitionRefused
from apps.core.tenancy import tenant_tx
from apps.jobs.models import Outbox
from apps.predictions import services
from apps.predictions.models import DeploymentState, Inference, InferenceState, InferenceTile, Lane, Prediction
from apps.predictions.selectors import feed_seq_of, place_in_queue, predictions_of, running_on
from apps.predictions.tiling import Area
from tests.conftest import as_worker

from .conftest import results_of, state_of


def ask(served, **options):
    with tenant_tx(served.owner):
        return services.request_inference(item=served.item, deployment=served.deployment, **options)


def claim(inference):
    with as_worker():
        run = services.claim_inference(inference.id)
    assert run is not None
    return run


def ran(served, **options):
    """An inference that was run to its end; gives the run."""
    run = claim(ask(served, **options))
    results = results_of(run)
    with as_worker():
        services.write_tiles(run=run, results=results)
        services.finish_inference(run=run, found=[found for result in results for found in result.found])
    return run


def frames(served):
    with tenant_tx(served.owner):
        return [row.frame for row in Feed.objects.filter(topic=f"item:{served.item.id}").order_by("seq")]


def test_a_request_leaves_one_row_and_one_message(served):
    inference = ask(served, centre=(600, 400))

    with tenant_tx(served.owner):
        message = Outbox.objects.get()
    assert (message.actor, message.row_id, message.payload) == ("run_inference", inference.id, {"queue": "gpu.assist"})
    assert [frame["type"] for frame in frames(served)] == ["inference.queued"]


def test_the_same_request_joins_the_one_that_is_unfinished(served):
    first = ask(served, centre=(0, 0))
    second = ask(served, centre=(900, 100))

    assert second.id == first.id
    with tenant_tx(served.owner):
        assert Inference.objects.count() == Outbox.objects.count() == 1


def test_the_wait_is_told_by_what_the_last_runs_took(served):
    first = ran(served)
    with tenant_tx(served.owner):
        finished = Inference.objects.get(pk=first.inference_id).finished_at
        Inference.objects.filter(pk=first.inference_id).update(started_at=finished - timedelta(seconds=3))
    ask(served, region=Area(0, 0, 100, 100))
    second = ask(served, region=Area(100, 100, 100, 100))

    with tenant_tx(served.owner):
        assert place_in_queue(second) == {"position": 1, "eta_s": 6.0}


def test_another_region_is_another_request(served):
    assert ask(served).id != ask(served, region=Area(0, 0, 100, 100)).id


def test_a_person_who_waits_moves_a_bulk_request_to_the_assist_lane(served):
    bulk = ask(served, lane=Lane.BULK)
    assist = ask(served)

    assert assist.id == bulk.id
    assert state_of(served, bulk).lane == Lane.ASSIST
    with tenant_tx(served.owner):
        assert [row.payload["queue"] for row in Outbox.objects.order_by("id")] == ["gpu.bulk", "gpu.assist"]


def test_a_vendor_may_ask_for_the_customer_s_model(served):
    with tenant_tx(served.world.ada.context):
        inference = services.request_inference(item=served.item, deployment=served.deployment)

    assert inference.org_id == served.world.parking.id
    assert claim(inference).weights.architecture == "nanodet"


def test_a_stopped_model_is_refused(served):
    with tenant_tx(served.owner):
        services.stop_deployment(deployment=served.deployment)

    with pytest.raises(services.DeploymentStopped):
        ask(served)


def test_only_one_of_two_claims_gets_the_run(served):
    inference = ask(served)
    run = claim(inference)

    with as_worker():
        assert services.claim_inference(inference.id) is None
    assert (run.attempt, run.tiles[1].is_whole, run.classes) == (1, True, {"cup": "cup", "cat": "cat"})
    assert state_of(served, inference).state == InferenceState.RUNNING


def test_an_unknown_inference_cannot_be_claimed(served):
    with as_worker():
        assert services.claim_inference(uuid.uuid4()) is None


def test_each_tile_is_kept_and_told_with_its_number(served):
    run = claim(ask(served))
    results = results_of(run)
    with as_worker():
        for result in results:
            services.write_tiles(run=run, results=[result])

    partial = [frame for frame in frames(served) if frame["type"] == "overlay.partial"]
    assert [frame["done"] for frame in partial] == list(range(1, len(run.tiles) + 1))
    assert [frame["tile"]["index"] for frame in partial] == [tile.index for tile in run.tiles]
    assert partial[0]["shapes"][0]["source"] == {"kind": "model", "model_version": str(run.weights.version_id)}


def test_a_tile_written_twice_stays_one_row(served):
    inference = ask(served)
    run = claim(inference)
    results = results_of(run)[:3]
    with as_worker():
        services.write_tiles(run=run, results=results)
        services.write_tiles(run=run, results=results)

    assert state_of(served, inference).tiles_done == 3
    with tenant_tx(served.owner):
        assert InferenceTile.objects.count() == 3


def test_what_a_reload_shows_is_what_was_streamed(served):
    run = claim(ask(served))
    with as_worker():
        services.write_tiles(run=run, results=results_of(run)[:4])

    streamed = {shape["id"]: shape for frame in frames(served) for shape in frame.get("shapes", [])}
    with tenant_tx(served.owner):
        running = running_on(served.item)[0]
        assert feed_seq_of(served.item) == 5
    assert {shape["id"]: shape for shape in running["shapes"]} == streamed
    assert (running["done"], running["total"]) == (4, len(run.tiles))
    assert [tile["done"] for tile in running["tiles"]] == [True] * 4 + [False] * (len(run.tiles) - 4)


def test_the_end_writes_predictions_frame_and_topic_row(served):
    inference = ask(served)
    run = claim(inference)
    results = results_of(run)
    found = [found for result in results for found in result.found]
    with as_worker():
        services.write_tiles(run=run, results=results)
        assert services.finish_inference(run=run, found=found) == len(run.tiles)

    assert state_of(served, inference).state == InferenceState.DONE
    final = frames(served)[-1]
    assert final["type"] == "overlay.final"
    with tenant_tx(served.owner):
        assert {shape["id"] for shape in predictions_of(served.item)} == {shape["id"] for shape in final["shapes"]}
        told = Outbox.objects.filter(topic="inference.finished").get()
    assert (told.payload["inference"], told.payload["state"]) == (str(inference.id), "done")


def test_labels_that_the_project_does_not_have_are_left_out(served):
    run = claim(ask(served))
    with as_worker():
        assert services.finish_inference(run=run, found=results_of(run, label="zebra")[0].found) == 0


def test_a_newer_run_supersedes_the_older_and_keeps_its_rows(served):
    old, new = ran(served), ran(served)

    with tenant_tx(served.owner):
        current = {shape["id"] for shape in predictions_of(served.item)}
        assert current == {str(row.id) for row in Prediction.objects.filter(inference=new.inference_id)}
        assert Prediction.objects.filter(inference=old.inference_id, superseded=True).count() == len(old.tiles)
    assert state_of(served, Inference(pk=old.inference_id)).superseded_at is not None


def test_a_run_over_a_region_supersedes_only_what_lies_there(served):
    ran(served)
    with tenant_tx(served.owner):
        before = {shape["id"]: shape for shape in predictions_of(served.item)}
    ran(served, region=Area(0, 0, 390, 390))

    with tenant_tx(served.owner):
        after = {shape["id"] for shape in predictions_of(served.item)}
    gone = [before[identity] for identity in before if identity not in after]
    assert gone
    assert all(shape["x"] + 10 < 390 and shape["y"] + 10 < 390 for shape in gone)


def test_a_repeated_attempt_starts_after_the_tiles_that_are_in_and_gives_the_same_ids(served):
    inference = ask(served)
    first = claim(inference)
    with as_worker():
        services.write_tiles(run=first, results=results_of(first)[:2])
        services.requeue_inference(run=first)
    second = claim(inference)

    assert second.attempt == 2
    assert set(second.done) == {tile.index for tile in first.tiles[:2]}
    ids = [[found.id for result in results_of(run) for found in result.found] for run in (first, second)]
    assert ids[0] == ids[1]


def test_a_run_given_back_by_a_stopping_worker_keeps_its_tiles(served):
    inference = ask(served)
    first = claim(inference)
    with as_worker():
        services.write_tiles(run=first, results=results_of(first)[:2])
        services.requeue_inference(run=first, counted=False)
    second = claim(inference)

    assert second.attempt == 1
    assert set(second.done) == {tile.index for tile in first.tiles[:2]}


def test_a_run_over_a_region_says_nothing_of_what_lies_outside(served):
    ran(served)
    region = Area(0, 0, 390, 390)
    ran(served, region=region)

    with tenant_tx(served.owner):
        centres = [(row.x1 + row.x2, row.y1 + row.y2) for row in Prediction.objects.filter(superseded=False)]
    assert len(set(centres)) == len(centres)


@pytest.mark.parametrize("late", ["write", "finish", "fail", "requeue"])
def test_a_run_that_lost_its_token_writes_nothing(served, late):
    run = claim(ask(served))
    with as_worker():
        services.requeue_inference(run=run)
        claim(Inference(pk=run.inference_id))
        before = frames(served)
        with pytest.raises(services.RunLost):
            match late:
                case "write":
                    services.write_tiles(run=run, results=results_of(run)[:1])
                case "finish":
                    services.finish_inference(run=run, found=[])
                case "fail":
                    services.fail_inference(run=run, code="x", message="x")
                case "requeue":
                    services.requeue_inference(run=run)

    assert frames(served) == before


def test_a_cancelled_run_is_noticed_at_the_next_tile_and_by_the_beat(served):
    inference = ask(served)
    run = claim(inference)
    with as_worker():
        assert services.beat({run.inference_id: run.token}) == set()
    with tenant_tx(served.owner):
        services.cancel_inference(inference=Inference.objects.get(pk=inference.pk))

    with as_worker():
        assert services.beat({run.inference_id: run.token}) == {run.inference_id}
        with pytest.raises(services.RunLost):
            services.write_tiles(run=run, results=results_of(run)[:1])
    assert frames(served)[-1]["code"] == "cancelled"


def test_what_has_ended_cannot_be_cancelled(served):
    run = ran(served)

    with tenant_tx(served.owner), pytest.raises(TransitionRefused):
        services.cancel_inference(inference=Inference.objects.get(pk=run.inference_id))


def test_a_failure_tells_viewers_and_pipeline_in_a_sentence(served):
    inference = ask(served)
    with as_worker():
        services.fail_inference(run=claim(inference), code="bad_picture", message="The picture cannot be decoded.")

    assert frames(served)[-1] | {"type": "inference.failed", "code": "bad_picture"} == frames(served)[-1]
    with tenant_tx(served.owner):
        assert Outbox.objects.get(topic="inference.finished").payload["state"] == "failed"


def test_a_deployment_is_started_once_and_becomes_ready(served):
    with tenant_tx(served.owner):
        services.stop_deployment(deployment=served.deployment)
        version = served.deployment.model_version
        deployment = services.deploy(project=served.world.project, version=version, classes={}, tile_size=512)
        again = services.deploy(project=served.world.project, version=version, classes={}, tile_size=512)
        assert (deployment.id, again.state) == (served.deployment.id, DeploymentState.WARMING)
        assert [row.actor for row in Outbox.objects.all()] == ["warm_deployment"]
    with as_worker():
        services.mark_ready(org_id=deployment.org_id, deployment_id=deployment.id)
    with tenant_tx(served.owner):
        deployment.refresh_from_db()
    assert deployment.state == DeploymentState.READY


def test_the_same_weights_are_registered_once(served):
    with tenant_tx(served.owner):
        options = {"architecture": "nanodet", "classes": ["cup"], "input_size": 416, "licence": "Apache-2.0"}
        first = services.register_version(name="New", weights=b"abc", **options)
        again = services.register_version(name="New", weights=b"abc", **options)
        other = services.register_version(name="New", weights=b"abcd", **options)

    assert (first.id, first.number, other.number) == (again.id, 1, 2)


def test_a_tile_costs_few_statements(served, django_assert_max_num_queries):
    run = claim(ask(served))
    result = results_of(run)[0]
    with as_worker(), django_assert_max_num_queries(12):
        services.write_tiles(run=run, results=[result])
