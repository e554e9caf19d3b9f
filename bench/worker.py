"""Pictures a second through the worker against the bare loop, and assist under bulk load: `python -m bench worker`.

The bare loop fetches, decodes, prepares and runs one picture after the other with the same number of torch threads.
The worker does the same and also claims, merges, writes results and tells viewers, with PostgreSQL on this machine.
"""

import hashlib
import io
import statistics
import threading
import time
from collections.abc import Callable
from uuid import UUID

import torch
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connections
from PIL import Image

from apps.core.tenancy import owner_context, tenant_tx
from apps.predictions import services
from apps.predictions.models import Inference, InferenceState, InferenceTile, Lane
from apps.projects.models import Item
from bench.world import World, make_world
from config.demo import mosaic
from gpu_worker.pictures import Pictures
from gpu_worker.runners.nanodet import NanoDetRunner
from gpu_worker.weights import nanodet_weights
from gpu_worker.worker import Worker

PICTURES = 120
SIZE = (640, 480)
ROUNDS = 3
THREADS = 4  # of the bulk pool on a CPU


def main() -> None:
    """Needs the servers of `bench.world`."""
    world, worker = make_world(), Worker()
    items = _items(world)
    worker.start()
    print(f"{len(items)} pictures of {SIZE[0]} x {SIZE[1]}, torch threads: {worker.threads}")
    _bulk(world, worker, items[:10])  # warm
    rounds = [(_bare(items), _bulk(world, worker, items)) for _ in range(ROUNDS)]
    bare, through = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"bare loop       {bare:7.1f} pictures/s")
    print(f"worker          {through:7.1f} pictures/s = {through / bare:.0%} of the bare loop")
    large = _large_item(world)
    _say_assist("idle", [_assist(world, worker, large) for _ in range(3)])
    busy = threading.Thread(target=lambda: _bulk(world, worker, items))
    busy.start()
    _say_assist("under bulk load", [_assist(world, worker, large) for _ in range(2)])
    busy.join()
    worker.stop()


def _say_assist(when: str, figures: list[tuple[float, float]]) -> None:
    first, whole = (statistics.median(column) for column in zip(*figures, strict=True))
    print(f"assist, {mosaic.WIDTH} x {mosaic.HEIGHT}, {when}: first tile {first:.2f} s, final {whole:.2f} s")


def _bare(items: list[Item]) -> float:
    runner = NanoDetRunner(nanodet_weights(), torch.device("cpu"))
    pictures = Pictures(budget=0)
    runner.forward(torch.zeros(1, 3, 416, 416))
    started = time.perf_counter()
    for item in items:
        runner.forward(runner.preprocess(pictures.of(item.org_id, item.sha256))[None])
    return len(items) / (time.perf_counter() - started)


def _bulk(world: World, worker: Worker, items: list[Item]) -> float:
    """All of them through claim, worker and finish, on as many threads as the pool has."""
    with tenant_tx(owner_context(world.org_id)):
        for item in items:
            services.request_inference(item=item, deployment=world.deployment, lane=Lane.BULK)
    waiting = iter(_queued(world))
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                inference = next(waiting, None)
            if inference is None:
                break
            _run_one(worker, inference)

    started = time.perf_counter()
    _at_once(work, THREADS)
    return len(items) / (time.perf_counter() - started)


def _queued(world: World) -> list[UUID]:
    with tenant_tx(owner_context(world.org_id)):
        queued = Inference.objects.filter(state=InferenceState.QUEUED, lane=Lane.BULK)
        return list(queued.order_by("queued_at").values_list("id", flat=True))


def _assist(world: World, worker: Worker, item: Item) -> tuple[float, float]:
    """Seconds from the request to the first tile in the database, and to the end."""
    started = time.perf_counter()
    with tenant_tx(owner_context(world.org_id)):
        inference = services.request_inference(item=item, deployment=world.deployment, centre=(3000, 2000))
    thread = threading.Thread(target=_run_one, args=(worker, inference.id))
    thread.start()
    first = 0.0
    while thread.is_alive():
        if not first:
            with tenant_tx(owner_context(world.org_id)):
                seen = InferenceTile.objects.filter(inference=inference).exists()
            first = time.perf_counter() - started if seen else 0.0
        time.sleep(0.01)
    return first, time.perf_counter() - started


def _run_one(worker: Worker, inference_id: UUID) -> None:
    run = services.claim_inference(inference_id)
    if run is not None:
        worker.run(run)
    connections.close_all()


def _items(world: World) -> list[Item]:
    ground = mosaic.draw()
    columns = mosaic.WIDTH // SIZE[0]
    places = [((n % columns) * SIZE[0], (n // columns * 97) % (mosaic.HEIGHT - SIZE[1])) for n in range(PICTURES)]
    return [_item(world, ground.crop((x, y, x + SIZE[0], y + SIZE[1])), f"{n}.jpg") for n, (x, y) in enumerate(places)]


def _large_item(world: World) -> Item:
    return _item(world, mosaic.draw(), "mosaic.jpg")


def _item(world: World, picture: Image.Image, name: str) -> Item:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=88)
    content = written.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    with tenant_tx(owner_context(world.org_id)):
        default_storage.save(f"org/{world.org_id}/blob/{digest[:2]}/{digest}", ContentFile(content))
        item: Item = Item.objects.create(
            org_id=world.org_id,
            project=world.dataset.project,
            dataset=world.dataset,
            name=name,
            media_type="image/jpeg",
            sha256=digest,
            bytes=len(content),
            width=picture.width,
            height=picture.height,
        )
    return item


def _at_once(work: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
