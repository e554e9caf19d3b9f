"""Put together what a model said about the regions of an item, each read by itself."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from apps.activity import services as activity
from apps.predictions.merge import Found, Merger
from apps.predictions.models import Inference, InferenceState, InferenceTile, Prediction
from apps.predictions.services.results import prediction_of
from apps.predictions.shapes import from_stored
from apps.predictions.tiling import Tile
from apps.projects.models import Item
from apps.recipes.models import Label


@transaction.atomic
def merge_regions(
    *, item: Item, deployment_id: UUID, regions: Sequence[Sequence[float]], threshold: float, joins: bool
) -> int:
    """The item's predictions of a deployment made anew from what its regions' tiles gave; gives how many there are.

    The same whatever the order in which the regions ended: it reads the tiles' rows, and they are compared by place.
    """
    inferences = _newest(item, deployment_id, regions)
    if not inferences:
        return 0
    merged, sources = _merged(item, inferences, threshold, joins)
    labels = dict(Label.objects.filter(project_id=item.project_id).order_by("id").values_list("name", "id"))
    rows = []
    for found, parts in merged:
        if found.label in labels:
            row = prediction_of(sources[found.id], found, labels[found.label])
            row.stands_for = sorted(UUID(part) for part in parts if part != found.id)
            rows.append(row)
    current = Prediction.objects.filter(item=item, model_version_id=inferences[0].model_version_id, superseded=False)
    current.update(superseded=True)
    Prediction.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["label", "score", "geometry", "x1", "y1", "x2", "y2", "area", "superseded", "stands_for"],
    )
    activity.record_audit("prediction.merge", item, inferences=len(inferences), predictions=len(rows))
    return len(rows)


def _newest(item: Item, deployment_id: UUID, regions: Sequence[Sequence[float]]) -> list[Inference]:
    """The last finished inference of each region."""
    done = Inference.objects.filter(item=item, deployment_id=deployment_id, state=InferenceState.DONE)
    by_region: dict[tuple[float, ...], Inference] = {}
    for inference in done.filter(parameters__has_key="margin").order_by("finished_at", "id"):
        by_region[tuple(inference.parameters["region"])] = inference
    wanted = [tuple(round(side) for side in region) for region in regions]
    return [by_region[region] for region in wanted if region in by_region]


def _merged(
    item: Item, inferences: Sequence[Inference], threshold: float, joins: bool
) -> tuple[list[tuple[Found, list[str]]], dict[str, Inference]]:
    rows = InferenceTile.objects.filter(inference__in=inferences).order_by("inference_id", "number")
    by_id = {inference.pk: inference for inference in inferences}
    tiles: list[Tile] = []
    found: dict[int, list[Found]] = {}
    sources: dict[str, Inference] = {}
    for index, row in enumerate(rows, start=1):
        x, y, width, height = row.region
        tiles.append(Tile(x, y, width, height, index=index))
        found[index] = [from_stored(stored) for stored in row.shapes]
        sources.update((one.id, by_id[row.inference_id]) for one in found[index])
    merger = Merger(tiles, width=item.width, height=item.height, shared=threshold, joins=joins)
    for index, detections in found.items():
        merger.add(index, detections)
    return merger.merged_parts(), sources
