import threading

import pytest
import torch

from gpu_worker.batcher import Batcher, Lane, Request
from gpu_worker.device import Device, DeviceFull


class Doubling:
    """A runner that doubles its input and remembers where and with how many it ran."""

    classes = ("thing",)
    input_size = 1

    def __init__(self, room=99):
        self.room = room
        self.sizes = []
        self.threads = set()

    def forward(self, batch):
        self.threads.add(threading.current_thread().name)
        if len(batch) > self.room:
            raise torch.OutOfMemoryError("no room")
        self.sizes.append(len(batch))
        return batch * 2


@pytest.fixture
def started():
    devices = []

    def start(runner, *, max_batch=4, **options):
        batcher = Batcher(max_batch=max_batch)
        device = Device(torch.device("cpu"), batcher, runner_of=lambda model: runner, **options)
        devices.append(device)
        return batcher, device

    yield start
    for device in devices:
        device.stop()


def requests(batcher, count):
    return [batcher.submit(Request("m", torch.tensor([float(n)]), Lane.BULK, "parking")) for n in range(count)]


def test_everyone_gets_their_own_answer_from_one_thread(started):
    runner = Doubling()
    batcher, device = started(runner)
    answers = requests(batcher, 9)
    device.start()

    assert [answer.result(5).item() for answer in answers] == [0, 2, 4, 6, 8, 10, 12, 14, 16]
    assert runner.threads == {"device"}
    assert max(runner.sizes) == 4


def test_a_full_device_halves_the_batch(started):
    runner = Doubling(room=1)
    batcher, device = started(runner)
    answers = requests(batcher, 4)
    device.start()

    assert [answer.result(5).item() for answer in answers] == [0, 2, 4, 6]


def test_then_it_drops_another_model_and_then_says_so(started):
    runner = Doubling(room=0)
    asked = []
    batcher, device = started(runner, make_room=lambda: asked.append(1) or True)
    answers = requests(batcher, 1)
    device.start()

    with pytest.raises(DeviceFull):
        answers[0].result(5)
    assert asked == [1]


def test_an_error_of_one_batch_leaves_the_thread_running(started):
    class Failing(Doubling):
        def forward(self, batch):
            if batch[0] == 0:
                raise ValueError("bad input")
            return super().forward(batch)

    batcher, device = started(Failing(), max_batch=1)
    first, second = requests(batcher, 2)
    device.start()

    with pytest.raises(ValueError, match="bad input"):
        first.result(5)
    assert second.result(5).item() == 2


def test_a_device_that_is_broken_ends_its_thread_and_with_it_the_worker(started):
    class Broken(Doubling):
        def forward(self, batch):
            raise torch.AcceleratorError("CUDA error: unspecified launch failure")

    batcher, device = started(Broken(), max_batch=1)
    first, _ = requests(batcher, 2)
    device.start()

    with pytest.raises(torch.AcceleratorError):
        first.result(5)
    device._thread.join(5)
    assert not device.is_alive()


def test_an_errand_runs_on_the_device_thread(started):
    batcher, device = started(Doubling())
    device.start()

    assert batcher.send(lambda: threading.current_thread().name).result(5) == "device"
