"""One picture through one model, tile by tile: prepare ahead, collect in order, hand on each tile as it comes."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import torch

from apps.predictions.merge import Found, Merger
from apps.predictions.services import Run, TileResult
from apps.predictions.shapes import found_in_tile, from_stored
from apps.predictions.tiling import Tile
from gpu_worker.artefacts import key_of
from gpu_worker.batcher import Batcher, Lane, Request
from gpu_worker.runners.base import Picture, Runner

AHEAD = 2  # batches prepared while one is computed
TOGETHER = 16  # tiles at most in one transaction
TILE_SECONDS = 120.0

LANES = {"assist": Lane.ASSIST, "bulk": Lane.BULK}


def detect(
    run: Run,
    picture: Picture,
    runner: Runner,
    batcher: Batcher,
    *,
    write: Callable[[Sequence[TileResult]], None],
    lost: threading.Event,
) -> tuple[list[Found], list[TileResult]]:
    """Run the tiles that are not done yet; gives the merged detections of all, and the last tiles.

    `write` gets the tiles before these as they come. Raises RequestCancelled once `lost` is set, and what `write` does.
    """
    merger = Merger(run.tiles, width=run.source.width, height=run.source.height)
    for tile in run.tiles:
        if tile.index in run.done:
            merger.add(tile.index, [from_stored(stored) for stored in run.done[tile.index]])
    waiting = deque(tile for tile in run.tiles if tile.index not in run.done)
    flying: deque[tuple[Tile, Future[torch.Tensor]]] = deque()
    results: list[TileResult] = []
    while waiting or flying:
        while waiting and len(flying) < (1 + AHEAD) * batcher.max_batch:
            tile = waiting.popleft()
            flying.append((tile, batcher.submit(_request(run, picture, runner, tile, lost))))
        if results:  # after the device has been given more to do
            write(results)
        results = []
        for tile, row in _landed(flying):
            found = _found(run, runner, tile, row)
            results.append(TileResult(tile, found, merger.add(tile.index, found)))
    return merger.merged(), results


def _request(run: Run, picture: Picture, runner: Runner, tile: Tile, lost: threading.Event) -> Request:
    return Request(
        model=key_of(run.weights),
        tensor=runner.preprocess(picture[tile.y : tile.bottom, tile.x : tile.right]),
        lane=LANES[run.lane],
        tenant=str(run.org_id),
        deadline=time.monotonic() + TILE_SECONDS,
        cancelled=lost.is_set,
    )


def _landed(flying: "deque[tuple[Tile, Future[torch.Tensor]]]") -> list[tuple[Tile, torch.Tensor]]:
    """The next tile, and those after it that are ready too: on a fast device one transaction then holds several."""
    tile, answer = flying.popleft()
    landed = [(tile, answer.result(TILE_SECONDS))]
    while flying and flying[0][1].done() and len(landed) < TOGETHER:
        tile, answer = flying.popleft()
        landed.append((tile, answer.result()))
    return landed


def _found(run: Run, runner: Runner, tile: Tile, row: torch.Tensor) -> list[Found]:
    detections = runner.postprocess(row, width=tile.width, height=tile.height, floor=run.floor, wanted=run.classes)
    return [
        found_in_tile(
            run.inference_id,
            tile,
            rank,
            label=run.classes[one.label],
            score=one.score,
            box=(one.x, one.y, one.width, one.height),
        )
        for rank, one in enumerate(detections)
    ]
