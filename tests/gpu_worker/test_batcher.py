import threading
import time

import pytest
import torch

from gpu_worker.batcher import Batch, Batcher, DeadlinePassed, Errand, Lane, Request, RequestCancelled, padded

NAMES: dict[Request, str] = {}


def ask(batcher, name, *, model="m", lane=Lane.BULK, tenant="parking", **rest):
    request = Request(model, torch.zeros(1), lane, tenant, **rest)
    NAMES[request] = name
    request.at = time.monotonic() - 1  # it has waited long enough for company
    batcher.submit(request)
    return request


def names(batch):
    assert isinstance(batch, Batch)
    return [NAMES[request] for request in batch.requests]


def test_assist_goes_before_bulk_that_came_first():
    batcher = Batcher(max_batch=2)
    for number in range(3):
        ask(batcher, f"bulk {number}")
    ask(batcher, "assist", lane=Lane.ASSIST)

    assert names(batcher.take()) == ["assist", "bulk 0"]
    assert names(batcher.take()) == ["bulk 1", "bulk 2"]


def test_a_batch_is_shared_fairly_between_tenants():
    batcher = Batcher(max_batch=4)
    for number in range(6):
        ask(batcher, f"a{number}", tenant="parking")
    ask(batcher, "b0", tenant="meadow")
    ask(batcher, "c0", tenant="elsewhere")

    assert names(batcher.take()) == ["a0", "b0", "c0", "a1"]


def test_the_model_that_ran_last_goes_before_another_with_more_waiting():
    batcher = Batcher(max_batch=1)
    ask(batcher, "resident", model="one")
    for number in range(5):
        ask(batcher, f"cold {number}", model="two")

    assert names(batcher.take(resident="one")) == ["resident"]
    assert names(batcher.take(resident="one")) == ["cold 0"]


def test_assist_for_a_cold_model_goes_before_bulk_of_the_resident_one():
    batcher = Batcher(max_batch=1)
    ask(batcher, "bulk", model="resident")
    ask(batcher, "assist", model="cold", lane=Lane.ASSIST)

    assert names(batcher.take(resident="resident")) == ["assist"]


def test_a_cancelled_request_never_reaches_the_device():
    batcher = Batcher(max_batch=4)
    gone = ask(batcher, "gone", cancelled=lambda: True)
    ask(batcher, "kept")

    assert names(batcher.take()) == ["kept"]
    with pytest.raises(RequestCancelled):
        gone.answer.result(0)


def test_a_request_past_its_deadline_is_answered_so():
    batcher = Batcher(max_batch=4)
    late = ask(batcher, "late", deadline=time.monotonic() - 0.1)
    ask(batcher, "kept")

    assert names(batcher.take()) == ["kept"]
    with pytest.raises(DeadlinePassed):
        late.answer.result(0)


def test_a_lone_bulk_request_waits_a_moment_for_company():
    batcher = Batcher(max_batch=4)
    batcher.submit(Request("m", torch.zeros(1), Lane.BULK, "parking"))
    late = threading.Timer(0.005, lambda: batcher.submit(Request("m", torch.zeros(1), Lane.BULK, "parking")))
    late.start()

    batch = batcher.take()

    assert isinstance(batch, Batch)
    assert len(batch.requests) == 2


def test_errands_go_before_batches():
    batcher = Batcher(max_batch=4)
    ask(batcher, "bulk")
    batcher.send(lambda: None)

    assert isinstance(batcher.take(), Errand)


def test_a_closed_batcher_gives_what_waits_and_then_nothing():
    batcher = Batcher(max_batch=4)
    ask(batcher, "last")
    batcher.close()

    assert names(batcher.take()) == ["last"]
    assert batcher.take() is None


@pytest.mark.parametrize(("count", "size"), [(1, 1), (2, 2), (3, 4), (5, 8), (9, 12)])
def test_batch_sizes_are_padded_to_few(count, size):
    assert padded(count, 12) == size
