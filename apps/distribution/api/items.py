"""What stands on an item: annotations of people, predictions of models.

Predictions are served here, not by `predictions`: whoever works on the item without suggestions must get none.
"""

from typing import Any
from uuid import UUID

from apps.annotation.selectors import annotations_of
from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Struct
from apps.distribution.selectors import hides_suggestions
from apps.predictions.selectors import feed_seq_of, predictions_of, readers_of, running_on
from apps.projects.selectors import item_for

from . import shown


class PredictionFilter(Struct):
    model_version: UUID | None = None
    min_confidence: float = 0.0


class ItemAnnotations(Api):
    @operation("annotation.see", "An item's current annotations.", answers={200: shown.AnnotationsOut})
    def get(self, request: Any, org: str, item_id: UUID) -> Result:
        """With provenance, and the number of the last writing."""
        item = item_for(request.member.context, "annotation.see", item_id)
        return 200, {"results": annotations_of(item), "revision": item.revision}


class ItemPredictions(Api):
    @operation(
        "prediction.see",
        "An item's current predictions, and what models are saying right now.",
        query=PredictionFilter,
        answers={200: shown.PredictionsOut},
    )
    def get(self, request: Any, org: str, item_id: UUID, query: PredictionFilter) -> Result:
        """Empty for whoever works on the item without suggestions."""
        member = request.member
        item = item_for(member.context, "prediction.see", item_id)
        seq = feed_seq_of(item)  # before the rest: what comes in between is told again, not lost
        if hides_suggestions(member.id, item.pk):
            return 200, {"results": [], "seq": seq, "running": [], "read_by": []}
        running = running_on(item)
        found = predictions_of(item, model_version=query.model_version, min_confidence=query.min_confidence)
        return 200, {"results": found, "seq": seq, "running": running, "read_by": readers_of(item)}
