from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.tenancy import tenant_tx
from apps.jobs.models import Outbox
from apps.predictions import services
from apps.predictions.models import Inference, InferenceState, Lane
from apps.predictions.services.dispatching import IN_FLIGHT
from apps.projects.models import Item
from tests.conftest import as_worker

from .conftest import state_of


def ask(served):
    with tenant_tx(served.owner):
        return services.request_inference(item=served.item, deployment=served.deployment)


def change(served, inference, **fields):
    with tenant_tx(served.owner):
        Inference.objects.filter(pk=inference.pk).update(**fields)


def messages(served, *, sent=False):
    """Messages that wait to be sent; `sent=True` marks them sent first, as the relay does."""
    with tenant_tx(served.owner):
        if sent:
            Outbox.objects.update(sent_at=timezone.now())
        return list(Outbox.objects.filter(actor="run_inference", sent_at=None).order_by("id"))


def ago(seconds):
    return timezone.now() - timedelta(seconds=seconds)


def reap():
    with as_worker():
        return services.reap_inferences()


def claim(inference):
    with as_worker():
        return services.claim_inference(inference.id)


def test_a_run_whose_worker_died_is_queued_again(served):
    inference = ask(served)
    claim(inference)
    messages(served, sent=True)
    change(served, inference, heartbeat_at=ago(11))

    assert reap() == 1
    assert state_of(served, inference).state == InferenceState.QUEUED
    assert [(row.row_id, row.payload) for row in messages(served)] == [(inference.id, {"queue": "gpu.assist"})]
    assert claim(inference).attempt == 2


def test_a_model_that_does_not_become_warm_is_asked_for_again_after_some_minutes(served):
    def asked():
        with tenant_tx(served.owner):
            return Outbox.objects.filter(actor="warm_deployment").count()

    with tenant_tx(served.owner):
        version = served.deployment.model_version
        services.stop_deployment(deployment=served.deployment)
        services.deploy(project=served.world.project, version=version, classes={}, tile_size=512)
    messages(served, sent=True)
    reap()
    assert asked() == 1

    with tenant_tx(served.owner):
        Outbox.objects.update(created_at=ago(301))
    reap()
    reap()
    assert asked() == 2


def test_a_run_that_beats_is_left_alone(served):
    inference = ask(served)
    claim(inference)
    change(served, inference, heartbeat_at=ago(5))

    assert reap() == 0


def test_an_inference_that_kills_its_worker_is_given_up_after_three_attempts(served):
    inference = ask(served)
    for _ in range(3):
        claim(inference)
        change(served, inference, heartbeat_at=ago(11))
        reap()

    ended = state_of(served, inference)
    assert (ended.state, ended.error_code, ended.attempt) == (InferenceState.FAILED, "crashed", 3)


def test_a_lost_message_is_sent_again_after_30_seconds_and_then_less_often(served):
    inference = ask(served)
    messages(served, sent=True)
    change(served, inference, queued_at=ago(20))
    assert reap() == 0

    change(served, inference, queued_at=ago(31))
    assert reap() == 1
    messages(served, sent=True)
    assert reap() == 0

    change(served, inference, queued_at=ago(61))
    assert reap() == 1


def test_a_message_that_waits_in_the_outbox_is_not_doubled(served):
    inference = ask(served)
    change(served, inference, queued_at=ago(600))

    assert reap() == 0


def test_after_a_wipe_all_that_is_queued_is_sent_at_once(served):
    inference = ask(served)
    messages(served, sent=True)
    with as_worker():
        services.resend_inferences()

    assert [row.row_id for row in messages(served)] == [inference.id]


def test_after_a_wipe_a_model_that_waits_to_be_warm_is_asked_for_again(served):
    with tenant_tx(served.owner):
        type(served.deployment).objects.update(state="warming")
    with as_worker():
        services.resend_inferences()
        services.resend_inferences()

    with tenant_tx(served.owner):
        assert list(Outbox.objects.values_list("actor", "row_id")) == [("warm_deployment", served.deployment.id)]


@pytest.fixture
def many_items(served):
    with tenant_tx(served.owner):
        template = {
            "org_id": served.item.org_id,
            "project": served.world.project,
            "dataset": served.world.dataset,
            "media_type": "image/png",
            "bytes": 1,
            "width": 300,
            "height": 200,
        }
        return [Item.objects.create(name=f"{n}.png", sha256=f"{n:064}", **template) for n in range(IN_FLIGHT + 10)]


def start(served, items):
    with tenant_tx(served.owner):
        return services.request_inferences(
            deployment=served.deployment, wanted=[services.Wanted(item) for item in items]
        )


def count(served, state):
    with tenant_tx(served.owner):
        return Inference.objects.filter(state=state, lane=Lane.BULK).count()


def test_only_a_few_of_many_are_sent_at_first(served, many_items):
    assert len(start(served, many_items)) == len(many_items)

    assert len(messages(served)) == count(served, InferenceState.QUEUED) == IN_FLIGHT
    assert count(served, InferenceState.WAITING) == 10


def test_each_that_ends_lets_the_next_one_in(served, many_items):
    start(served, many_items)
    first = messages(served)[0]
    with as_worker():
        run = services.claim_inference(first.row_id)
        services.finish_inference(run=run, found=[])

    assert count(served, InferenceState.WAITING) == 9
    assert count(served, InferenceState.QUEUED) == IN_FLIGHT


def test_asking_twice_for_many_asks_once(served, many_items):
    first = start(served, many_items)
    second = start(served, many_items)

    assert {one.id for one in first} == {one.id for one in second}


def test_the_dispatcher_fills_up_where_a_top_up_was_lost(served, many_items):
    start(served, many_items)
    with tenant_tx(served.owner):
        Inference.objects.filter(state=InferenceState.QUEUED).update(state=InferenceState.CANCELLED)
    with as_worker():
        assert services.dispatch() == 10
