"""What models said about items, what they are saying now, and what serves a project."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import F, QuerySet

from apps.activity.models import FeedHead
from apps.predictions.merge import Merger
from apps.predictions.models import (
    UNFINISHED,
    Deployment,
    DeploymentState,
    Inference,
    InferenceState,
    InferenceTile,
    Lane,
    Prediction,
)
from apps.predictions.shapes import as_shape, from_stored
from apps.predictions.tiling import Area, Tile, plan_area, plan_tiles
from apps.projects.models import Item, Project

WORKERS = "gpu_workers"  # cache key of the set of live workers
ASSUMED_SECONDS = 2.0  # for one inference, before any was measured
RECENT = 20


def predictions_of(
    item: Item, *, model_version: UUID | None = None, min_confidence: float = 0.0
) -> list[dict[str, Any]]:
    """The item's current predictions in the shape form, best first."""
    rows = Prediction.objects.filter(item=item, superseded=False, score__gte=min_confidence)
    if model_version:
        rows = rows.filter(model_version_id=model_version)
    rows = rows.order_by("-score", "id").values_list(
        "id", "label__name", "type", "geometry", "score", "model_version_id", "inference__deployment_id"
    )
    return [
        {
            "id": str(identity),
            "label": label,
            "type": kind,
            **geometry,
            "attributes": {},
            "score": score,
            "source": {"kind": "model", "model_version": str(version)},
            "deployment": str(deployment),
        }
        for identity, label, kind, geometry, score, version, deployment in rows
    ]


def running_on(item: Item) -> list[dict[str, Any]]:
    """The item's unfinished inferences with the tiles that are in and the shapes that they give so far."""
    inferences = list(Inference.objects.filter(item=item, state__in=UNFINISHED).order_by("queued_at"))
    tiles = tiles_of(inferences)
    return [_running(inference, item, tiles[inference.id]) for inference in inferences]


def readers_of(item: Item) -> list[str]:
    """The deployments that have read the whole item, whether they found anything or not."""
    finished = Inference.objects.filter(item=item, state=InferenceState.DONE).exclude(parameters__has_key="region")
    return [str(one) for one in finished.order_by("deployment_id").values_list("deployment_id", flat=True).distinct()]


def feed_seq_of(item: Item) -> int:
    """The number of the last frame on the item's topic: what to subscribe after."""
    head = FeedHead.objects.filter(topic=f"item:{item.id}").values_list("seq", flat=True).first()
    return head or 0


def tiles_of(inferences: Iterable[Inference]) -> dict[UUID, list[InferenceTile]]:
    """The tiles that are in, by inference."""
    found: defaultdict[UUID, list[InferenceTile]] = defaultdict(list)
    for tile in InferenceTile.objects.filter(inference__in=list(inferences)).order_by("number"):
        found[tile.inference_id].append(tile)
    return found


def plan_of(parameters: dict[str, Any], *, width: int, height: int) -> list[Tile]:
    """The tiles of an inference with these parameters, in the order in which to run them."""
    region = Area(*parameters["region"]) if parameters.get("region") else None
    if region and "margin" in parameters:
        area = region.grown(parameters["margin"], width, height)
        return plan_area(area, size=parameters["tile_size"], overlap=parameters["overlap"])
    return plan_tiles(
        width,
        height,
        size=parameters["tile_size"],
        overlap=parameters["overlap"],
        centre=tuple(parameters["centre"]) if parameters.get("centre") else None,
        region=region,
    )


def deployments_of(project: Project) -> list[dict[str, Any]]:
    """What serves the project, for the editor's model settings; the first that is ready is the default."""
    rows = list(Deployment.objects.filter(project=project).order_by("created_at"))
    default = next((row.id for row in rows if row.state == DeploymentState.READY), rows[0].id if rows else None)
    return [
        {
            "id": str(row.id),
            "model": row.title,
            "version": row.version,
            "model_version": str(row.model_version_id),
            "state": row.state,
            "default": row.id == default,
        }
        for row in rows
    ]


def place_in_queue(inference: Inference) -> dict[str, Any]:
    """How many go before it and the seconds until it ends, from what inferences of its version took lately."""
    # An assist never waits for the dispatcher; without its state named, all waiting bulk work would be read through.
    states = UNFINISHED if inference.lane == Lane.BULK else (InferenceState.QUEUED, InferenceState.RUNNING)
    ahead = Inference.objects.filter(lane=inference.lane, state__in=states, queued_at__lt=inference.queued_at).count()
    seconds = _usual_seconds(inference.model_version_id)
    return {"position": ahead, "eta_s": round((ahead + 1) * seconds, 1)}


def live_workers(versions: Collection[UUID]) -> list[dict[str, Any]]:
    """The worker processes that are alive, each with its device and how warm these models' versions are there."""
    names = cache.get(WORKERS) or []
    workers = cache.get_many([f"gpu_worker:{name}" for name in names]).values()
    return [
        {**worker, "models": {key: value for key, value in worker["models"].items() if UUID(key) in versions}}
        for worker in workers
    ]


def lanes_of(project: Project) -> dict[str, int]:
    """Unfinished inferences of the project in each lane."""
    rows = Inference.objects.filter(project=project, state__in=UNFINISHED).values_list("lane", flat=True)
    counts = {"assist": 0, "bulk": 0}
    for lane in rows:
        counts[lane] += 1
    return counts


def failed_inferences(project: Project) -> "QuerySet[Inference]":
    """Inferences that ended without a result, latest first."""
    failed: QuerySet[Inference] = Inference.objects.filter(project=project, state=InferenceState.FAILED)
    return failed.order_by("-finished_at")


def _running(inference: Inference, item: Item, rows: list[InferenceTile]) -> dict[str, Any]:
    tiles = plan_of(inference.parameters, width=item.width, height=item.height)
    merger = Merger(tiles, width=item.width, height=item.height)
    shown = {}
    for row in rows:
        step = merger.add(row.number, [from_stored(stored) for stored in row.shapes])
        shown.update({found.id: found for found in step.shown})
        for identity in step.gone:
            shown.pop(identity, None)
    done = {row.number for row in rows}
    return {
        "inference": str(inference.id),
        "model_version": str(inference.model_version_id),
        "done": len(done),
        "total": len(tiles),
        "state": inference.state,
        "tiles": [{**as_tile(tile), "done": tile.index in done} for tile in tiles],
        "shapes": [as_shape(found, model_version=inference.model_version_id) for found in shown.values()],
    }


def as_tile(tile: Tile) -> dict[str, int]:
    """A tile as frames and answers show it."""
    return {"index": tile.index, "x": tile.x, "y": tile.y, "width": tile.width, "height": tile.height}


def _usual_seconds(model_version: UUID) -> float:
    recent = Inference.objects.filter(model_version_id=model_version, state=InferenceState.DONE).order_by(
        "-finished_at"
    )
    # Added up here: as a subquery of an aggregate the planner looks for the last ones once for each there ever was.
    took = list(recent.values_list(F("finished_at") - F("started_at"), flat=True)[:RECENT])
    seconds = [one.total_seconds() for one in took if one is not None]
    return sum(seconds) / len(seconds) if seconds else ASSUMED_SECONDS
