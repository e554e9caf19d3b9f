from uuid import uuid4

import pytest
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import TimeLimit

from apps.predictions import services
from gpu_worker import actors
from gpu_worker.actors import declare_actors
from tests.conftest import as_worker


class Noting:
    """In the worker's place: remembers what it was told to run."""

    def __init__(self):
        self.ran = []

    def run(self, run):
        self.ran.append(run)


@pytest.fixture
def worker():
    return Noting()


@pytest.fixture
def broker(worker):
    broker = StubBroker(middleware=[TimeLimit()])
    declare_actors(broker, "gpu.assist", worker)
    return broker


def test_every_actor_has_a_time_limit(broker):
    assert set(broker.actors) == {"run_inference", "warm_deployment"}
    assert all(actor.options["time_limit"] > 0 for actor in broker.actors.values())


def test_a_message_for_nothing_is_dropped(broker, worker, db, monkeypatch):
    monkeypatch.setattr(actors, "_close", lambda: None)
    with as_worker():
        broker.get_actor("run_inference").fn(str(uuid4()))
        broker.get_actor("warm_deployment").fn(str(uuid4()))

    assert worker.ran == []


def test_a_message_claims_and_runs(broker, worker, monkeypatch):
    monkeypatch.setattr(actors, "_close", lambda: None)
    monkeypatch.setattr(services, "claim_inference", lambda key: f"run of {key}")
    key = uuid4()

    broker.get_actor("run_inference").fn(str(key))

    assert worker.ran == [f"run of {key}"]
