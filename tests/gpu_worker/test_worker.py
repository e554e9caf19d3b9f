"""Inferences through the whole worker: real weights, a real picture, PostgreSQL, the device thread."""

import hashlib
import io
import threading
from dataclasses import replace

import pytest
import torch
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, connections
from django.db.backends.signals import connection_created

from apps.activity.models import Feed
from apps.core.tenancy import tenant_tx
from apps.predictions import services
from apps.predictions.models import InferenceState, Prediction
from apps.predictions.selectors import live_workers, predictions_of
from apps.predictions.services.runs import served_weights
from config.demo import mosaic
from gpu_worker.artefacts import ARCHITECTURES
from gpu_worker.batcher import DeadlinePassed
from gpu_worker.beats import Beats
from gpu_worker.weights import nanodet_weights
from gpu_worker.worker import Worker
from tests.people import make_world
from tests.predictions.conftest import Served, make_served, state_of

# Threads of the worker see only what was committed; the owner empties the tables again.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

SIZE = (1500, 1000)
LABELS = ("cup", "cat", "horse", "person")


def as_worker_role(connection, **_):
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE app_worker")


@pytest.fixture(scope="module")
def picture() -> bytes:
    stored = io.BytesIO()
    mosaic.draw().crop((0, 0, *SIZE)).save(stored, "JPEG", quality=92)
    return stored.getvalue()


@pytest.fixture
def served(db, picture) -> Served:
    """As in tests/predictions, with a picture in storage and weights that work."""
    served = make_served(make_world(), labels=LABELS)
    digest = hashlib.sha256(picture).hexdigest()
    with tenant_tx(served.owner):
        path = f"org/{served.item.org_id}/blob/{digest[:2]}/{digest}"
        default_storage.save(path, ContentFile(picture))
        served.item.sha256, (served.item.width, served.item.height) = digest, SIZE
        served.item.save()
        version = services.register_version(
            name="NanoDet",
            architecture="nanodet",
            weights=nanodet_weights().read_bytes(),
            classes=list(LABELS),
            input_size=416,
            licence="Apache-2.0",
        )
        classes = {name: name for name in LABELS}
        services.stop_deployment(deployment=served.deployment)
        served.deployment = services.deploy(
            project=served.world.project, version=version, classes=classes, tile_size=512
        )
    return served


@pytest.fixture
def worker():
    """Started, with every connection of this process in the worker's role."""
    connection_created.connect(as_worker_role)
    connections.close_all()
    worker = Worker()
    worker.start()
    yield worker
    worker.stop()
    connection_created.disconnect(as_worker_role)
    connections.close_all()


def ask(served):
    with tenant_tx(served.owner):
        return services.request_inference(item=served.item, deployment=served.deployment, centre=(1400, 900))


def predictions(served):
    with tenant_tx(served.owner):
        return {shape["id"]: shape for shape in predictions_of(served.item)}


def frames(served):
    with tenant_tx(served.owner):
        return [row.frame for row in Feed.objects.filter(topic=f"item:{served.item.id}").order_by("seq")]


def test_an_inference_finds_the_small_objects_and_streams_them(served, worker):
    inference = ask(served)
    worker.run(services.claim_inference(inference.id))

    assert state_of(served, inference).state == InferenceState.DONE
    found = predictions(served)
    truth = [box for box in mosaic.truth() if box.x + box.width < SIZE[0] and box.y + box.height < SIZE[1]]
    hit = [box for box in truth if any(is_hit(shape, box) for shape in found.values())]
    assert len(hit) >= 0.85 * len(truth)
    told = frames(served)
    partial = [frame for frame in told if frame["type"] == "overlay.partial"]
    assert partial[0]["tile"]["x"] + partial[0]["tile"]["width"] == SIZE[0]  # where the viewer looks
    assert [frame["done"] for frame in partial] == list(range(1, len(partial) + 1))
    assert partial[-1]["total"] - len(partial) in range(1, 17)  # the last ones come with the end
    assert {shape["id"] for shape in told[-1]["shapes"]} == set(found)


def is_hit(shape, box):
    across = min(shape["x"] + shape["width"], box.x + box.width) - max(shape["x"], box.x)
    down = min(shape["y"] + shape["height"], box.y + box.height) - max(shape["y"], box.y)
    shared = max(across, 0) * max(down, 0)
    union = shape["width"] * shape["height"] + box.width * box.height - shared
    return shape["label"] == box.label and shared >= 0.5 * union


def test_an_attempt_that_was_broken_off_ends_in_the_same_rows(served, worker, monkeypatch):
    inference = ask(served)
    run = services.claim_inference(inference.id)
    written = []

    def die_after_three(**arguments):
        services.results.write_tiles(**arguments)
        written.append(arguments)
        if len(written) == 3:
            raise KeyboardInterrupt  # as sudden as a kill for all that follows

    monkeypatch.setattr(services, "write_tiles", die_after_three)
    with pytest.raises(KeyboardInterrupt):
        worker.run(run)
    monkeypatch.undo()
    services.requeue_inference(run=run)  # what the reaper does once the heart-beat has stopped
    second = services.claim_inference(inference.id)
    assert len(second.done) >= 3
    worker.run(second)
    resumed = predictions(served)

    with tenant_tx(served.owner):
        Prediction.objects.all().delete()
    worker.run(fresh_attempt(served, inference))

    assert predictions(served) == resumed


def fresh_attempt(served, inference):
    """The same inference, run again from nothing."""
    with tenant_tx(served.owner), connection.cursor() as cursor:
        cursor.execute("DELETE FROM inference_tile")
        cursor.execute("UPDATE inference SET state = 'queued' WHERE id = %s", [inference.id])
    return services.claim_inference(inference.id)


def test_a_cancelled_inference_stops_and_writes_nothing_more(served, worker):
    inference = ask(served)
    run = services.claim_inference(inference.id)
    with tenant_tx(served.owner):
        services.cancel_inference(inference=state_of(served, inference))
    worker.run(run)

    assert state_of(served, inference).state == InferenceState.CANCELLED
    assert predictions(served) == {}


def test_a_damaged_picture_fails_with_a_sentence(served, worker, picture):
    with tenant_tx(served.owner):
        path = f"org/{served.item.org_id}/blob/{served.item.sha256[:2]}/{served.item.sha256}"
    default_storage.delete(path)
    default_storage.save(path, ContentFile(picture[: len(picture) // 2]))
    inference = ask(served)
    worker.run(services.claim_inference(inference.id))

    ended = state_of(served, inference)
    assert (ended.state, ended.error_code) == (InferenceState.FAILED, "bad_picture")
    assert ended.error_message.endswith(".")


def test_storage_that_does_not_answer_is_tried_again_and_then_given_up(served, worker):
    with tenant_tx(served.owner):
        default_storage.delete(f"org/{served.item.org_id}/blob/{served.item.sha256[:2]}/{served.item.sha256}")
    inference = ask(served)
    states = []
    for _ in range(3):
        worker.run(services.claim_inference(inference.id))
        states.append(state_of(served, inference).state)

    assert states == ["queued", "queued", "failed"]
    assert state_of(served, inference).error_code == "out_of_attempts"


class BucketSilent(Exception):
    """As the errors of a bucket's client, which are no OSErrors."""


@pytest.mark.parametrize(
    "module", ["gpu_worker.artefacts.default_storage.open", "gpu_worker.pictures.files.local_copy"]
)
def test_a_bucket_that_does_not_answer_is_tried_again(served, worker, monkeypatch, tmp_path, module):
    def silent(*given):
        raise BucketSilent

    monkeypatch.setenv("TESSERA_VAR", str(tmp_path))  # no weights are on this machine yet
    inference = ask(served)
    run = services.claim_inference(inference.id)
    monkeypatch.setattr(module, silent)
    worker.run(run)

    assert state_of(served, inference).state == InferenceState.QUEUED


def test_weights_that_fit_no_architecture_fail_with_a_sentence(served, worker):
    inference = ask(served)
    run = services.claim_inference(inference.id)
    worker.run(replace(run, weights=replace(run.weights, architecture="unheard_of")))

    assert state_of(served, inference).error_code == "bad_weights"


def test_a_draining_worker_gives_runs_back_without_counting_the_attempt(served, worker):
    inference = ask(served)
    run = services.claim_inference(inference.id)
    worker.drain()
    worker.run(run)

    given_back = state_of(served, inference)
    assert (given_back.state, given_back.attempt) == (InferenceState.QUEUED, 0)


def test_waiting_too_long_for_the_device_costs_no_attempt(served, worker, monkeypatch):
    def starved(*given, **named):
        raise DeadlinePassed

    inference = ask(served)
    run = services.claim_inference(inference.id)
    monkeypatch.setattr("gpu_worker.worker.detect", starved)
    worker.run(run)

    given_back = state_of(served, inference)
    assert (given_back.state, given_back.attempt) == (InferenceState.QUEUED, 0)


def test_a_model_that_cannot_be_loaded_keeps_no_worker_from_starting(served, worker, monkeypatch):
    def misfit(runner):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(worker.residency, "_warm", misfit)
    worker.warm_up_what_serves()

    assert set(worker.residency.warmth().values()) == {"cold"}


def test_a_device_without_memory_for_the_model_is_tried_again(served, worker, monkeypatch):
    def full(path, weights, device):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setitem(ARCHITECTURES, "nanodet", full)
    inference = ask(served)
    worker.run(services.claim_inference(inference.id))

    assert state_of(served, inference).state == InferenceState.QUEUED


def test_weights_that_are_no_weights_fail_with_a_sentence(served, worker):
    inference = ask(served)
    run = services.claim_inference(inference.id)
    content = b"not safetensors"
    digest = hashlib.sha256(content).hexdigest()
    path = default_storage.save(f"test/{digest}", ContentFile(content))
    worker.run(replace(run, weights=replace(run.weights, path=path, sha256=digest)))

    assert state_of(served, inference).error_code == "bad_weights"


def test_the_models_page_sees_the_worker_and_how_warm_its_models_are(served, worker):
    worker.warm_up(next(one for one in served_weights() if one.version_id == served.deployment.model_version_id))
    worker.beats._publish()

    with tenant_tx(served.owner):
        alive = live_workers({served.deployment.model_version_id})
    assert [one["models"] for one in alive if one["name"] == worker.beats.name] == [
        {str(served.deployment.model_version_id): "ready"}
    ]
    cache.clear()


def test_organizations_with_the_same_weights_share_what_is_loaded(served, worker):
    weights = next(one for one in served_weights() if one.version_id == served.deployment.model_version_id)
    worker.warm_up(weights)
    worker.warm_up(replace(weights, version_id=served.item.id))

    assert len(worker.residency.warmth()) == 1
    assert len(worker.describe()["models"]) == 2


def test_runs_that_were_taken_away_are_told_by_the_next_beat(served, worker):
    inference = ask(served)
    run = services.claim_inference(inference.id)
    beats = Beats(dict)
    with beats.of(run) as lost:
        beats._beat()
        assert not lost.is_set()
        services.requeue_inference(run=run)
        beats._beat()
        assert lost.is_set()


def test_a_run_that_takes_long_to_write_its_end_holds_no_other_run_s_heart_beat_up(served, worker):
    with tenant_tx(served.owner):
        asked = [
            services.request_inference(item=served.item, deployment=served.deployment, region=region)
            for region in (None, services.requests.Area(0, 0, 90, 90))
        ]
    ending, other = (services.claim_inference(one.id) for one in asked)
    before = state_of(served, asked[1]).heartbeat_at
    lost = []

    def beat():
        lost.append(services.beat({run.inference_id: run.token for run in (ending, other)}))
        connections.close_all()

    thread = threading.Thread(target=beat)
    with tenant_tx(served.owner):
        services.results._hold(ending, tiles_done=1)
        thread.start()
        thread.join(3)
        beaten = not thread.is_alive()
    thread.join()

    assert beaten
    assert lost == [set()]
    assert state_of(served, asked[1]).heartbeat_at > before


def test_heart_beats_go_on_after_any_error(monkeypatch):
    beaten = threading.Semaphore(0)

    def fail(held):
        beaten.release()
        raise RuntimeError("unheard of")

    monkeypatch.setattr(services, "beat", fail)
    monkeypatch.setattr("gpu_worker.beats.EVERY", 0.01)
    beats = Beats(dict)
    beats.start()

    assert beaten.acquire(timeout=5)
    assert beaten.acquire(timeout=5)
    beats.stop()
    cache.clear()


def test_many_inferences_at_once_all_end(served, worker):
    def run_one():
        inference = ask_region(served)
        claimed = services.claim_inference(inference.id)
        if claimed:
            worker.run(claimed)
        connections.close_all()

    numbers = iter(range(100))

    def ask_region(served):
        with tenant_tx(served.owner):
            start = next(numbers) * 100
            region = services.requests.Area(start, 0, 90, 90)
            return services.request_inference(item=served.item, deployment=served.deployment, region=region)

    threads = [threading.Thread(target=run_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    with tenant_tx(served.owner), connection.cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM inference GROUP BY 1")
        assert cursor.fetchall() == [("done", 6)]
