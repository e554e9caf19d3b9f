"""The current annotations of items, and what the engine must know to write them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from apps.predictions.models import Prediction
from apps.projects.models import Item

from .documents import Proposed


def annotations_of(item: Item) -> msgspec.Raw:
    """An item's current annotations in the shape form, as one JSON array that was made in the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(json_agg(app.shape(a, l.name) ORDER BY a.id), '[]'::json)::text"
            " FROM annotation a JOIN label l ON l.org_id = a.org_id AND l.id = a.label_id"
            " WHERE a.org_id = %s AND a.project_id = %s AND a.item_id = %s",
            [item.org_id, item.project_id, item.pk],
        )
        (array,) = cursor.fetchone()
    return msgspec.Raw(array.encode())


def proposed_on(item_id: UUID, predictions: Sequence[UUID]) -> dict[UUID, Proposed]:
    """Those of the named predictions that are this item's, current or not."""
    if not predictions:
        return {}
    found: Any = Prediction.objects.filter(item_id=item_id, pk__in=predictions).values_list(
        "id", "label_id", "geometry", "model_version_id", "score"
    )
    return {
        identity: Proposed(label_id, geometry, model_version, score)
        for identity, label_id, geometry, model_version, score in found
    }
