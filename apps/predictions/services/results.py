"""Keep what a run finds: tiles as they come, predictions at the end. Every write is fenced by the run's token."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from apps.activity import services as activity
from apps.core.tenancy import owner_context, tenant_tx
from apps.predictions.merge import Found, Step
from apps.predictions.models import Inference, InferenceState, InferenceTile, Prediction
from apps.predictions.selectors import as_tile
from apps.predictions.services.dispatching import top_up
from apps.predictions.services.requests import tell_pipeline
from apps.predictions.services.runs import Run, RunLost
from apps.predictions.shapes import as_shape, as_stored
from apps.predictions.tiling import Area, Tile
from apps.recipes.models import Label


@dataclass(frozen=True, slots=True)
class TileResult:
    """What one tile gave, and what that changes in the picture shown so far."""

    tile: Tile
    found: Sequence[Found]
    step: Step


def write_tiles(*, run: Run, results: Sequence[TileResult]) -> None:
    """Keep tiles and tell the item's viewers, in one transaction. A tile that is there already is left as it is.

    Raises RunLost when the run was cancelled or given to another worker.
    """
    with tenant_tx(owner_context(run.org_id)):
        _hold(run, heartbeat_at=timezone.now(), tiles_total=len(run.tiles))
        _keep(run, results)
        done = InferenceTile.objects.filter(inference_id=run.inference_id).count()
        Inference.objects.filter(pk=run.inference_id).update(tiles_done=done)
        for number, result in enumerate(results, start=done - len(results) + 1):
            _publish(run, _partial(run, result, number))


def finish_inference(*, run: Run, found: Sequence[Found], last: Sequence[TileResult] = ()) -> int:
    """The one durable transaction at the end: predictions in, older ones superseded, everybody told. Raises RunLost.

    Gives the number of predictions. Detections whose label the project does not have, or that lie outside a region
    that was asked for, are left out: what was said there stays. `last` are the tiles that no `write_tiles` has kept;
    they need no frames of their own, since the last frame tells all.
    """
    with tenant_tx(owner_context(run.org_id)):
        _hold(
            run,
            state=InferenceState.DONE,
            run_token=None,
            finished_at=timezone.now(),
            tiles_done=len(run.tiles),
            tiles_total=len(run.tiles),
        )
        _keep(run, last)
        inference = Inference.objects.get(pk=run.inference_id)
        labels = dict(Label.objects.filter(project_id=run.project_id).order_by("id").values_list("name", "id"))
        kept = [one for one in found if one.label in labels and _is_asked(inference, one)]
        supersede(inference)
        Prediction.objects.bulk_create(
            [prediction_of(inference, one, labels[one.label]) for one in kept],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["label", "score", "geometry", "x1", "y1", "x2", "y2", "area", "superseded"],
        )
        shapes = [as_shape(one, model_version=inference.model_version_id) for one in kept]
        _publish(run, {"type": "overlay.final", "inference": str(run.inference_id), "shapes": shapes})
        tell_pipeline(inference)
        top_up(inference)
        activity.record_audit("inference.finish", inference, after=shapes, predictions=len(kept), attempt=run.attempt)
        activity.record_activity("inference.finished", inference, **_figures(inference, len(kept)))
    return len(kept)


def _hold(run: Run, **fields: Any) -> None:
    held = Inference.objects.filter(pk=run.inference_id, run_token=run.token, state=InferenceState.RUNNING)
    if not held.update(**fields):
        raise RunLost


def _keep(run: Run, results: Sequence[TileResult]) -> None:
    InferenceTile.objects.bulk_create([_row(run, result) for result in results], ignore_conflicts=True)


def _row(run: Run, result: TileResult) -> InferenceTile:
    tile = result.tile
    return InferenceTile(
        org_id=run.org_id,
        project_id=run.project_id,
        inference_id=run.inference_id,
        number=tile.index,
        region=[tile.x, tile.y, tile.width, tile.height],
        shapes=[as_stored(found) for found in result.found],
        at=timezone.now(),
    )


def _partial(run: Run, result: TileResult, done: int) -> dict[str, Any]:
    return {
        "type": "overlay.partial",
        "inference": str(run.inference_id),
        "tile": as_tile(result.tile),
        "shapes": [as_shape(found, model_version=run.weights.version_id) for found in result.step.shown],
        "gone": list(result.step.gone),
        "done": done,
        "total": len(run.tiles),
    }


def _publish(run: Run, frame: dict[str, Any]) -> None:
    told = {"topic": "item", "id": str(run.source.item_id), **frame}
    activity.publish(run.topic, told, org_id=run.org_id, project_id=run.project_id)


def supersede(inference: Inference) -> None:
    """What this run has looked at again replaces what the version said there before, whatever its parameters were."""
    older = Q(item_id=inference.item_id, model_version_id=inference.model_version_id)
    current = Prediction.objects.filter(older, superseded=False).exclude(inference=inference)
    region = inference.parameters.get("region")
    if region:
        current = _centred_in(current, Area(*region))
    else:
        done = Inference.objects.filter(older, state=InferenceState.DONE, superseded_at=None).exclude(pk=inference.pk)
        done.update(superseded_at=timezone.now())
    current.update(superseded=True)


def _is_asked(inference: Inference, found: Found) -> bool:
    region = inference.parameters.get("region")
    if not region:
        return True
    area, x, y = Area(*region), found.x + found.width / 2, found.y + found.height / 2
    return area.x <= x < area.right and area.y <= y < area.bottom


def _centred_in(rows: Any, area: Area) -> Any:
    centres = rows.annotate(cx=(F("x1") + F("x2")) / 2, cy=(F("y1") + F("y2")) / 2)
    return centres.filter(cx__gte=area.x, cx__lt=area.right, cy__gte=area.y, cy__lt=area.bottom)


def prediction_of(inference: Inference, found: Found, label_id: Any) -> Prediction:
    """A detection as the row that people see."""
    return Prediction(
        id=found.id,
        org_id=inference.org_id,
        project_id=inference.project_id,
        item_id=inference.item_id,
        inference=inference,
        model_version_id=inference.model_version_id,
        label_id=label_id,
        score=found.score,
        type="box",
        geometry={"x": found.x, "y": found.y, "width": found.width, "height": found.height},
        x1=found.x,
        y1=found.y,
        x2=round(found.x + found.width, 2),
        y2=round(found.y + found.height, 2),
        area=round(found.area, 4),
    )


def _figures(inference: Inference, predictions: int) -> dict[str, Any]:
    waited = inference.started_at - inference.queued_at if inference.started_at else None
    took = inference.finished_at - inference.started_at if inference.finished_at and inference.started_at else None
    return {
        "model_version": str(inference.model_version_id),
        "lane": inference.lane,
        "tiles": inference.tiles_done,
        "predictions": predictions,
        "waited_s": round(waited.total_seconds(), 3) if waited else None,
        "took_s": round(took.total_seconds(), 3) if took else None,
    }
