"""How large tiles should be, from the objects that a project knows."""

from dataclasses import dataclass

from django.db.models import F
from django.db.models.functions import Greatest

from apps.annotation.models import Annotation
from apps.predictions.models import Deployment, Prediction
from apps.projects.models import Project

# Of the longer side of its objects a tile has this many: enough of them to be worth a look, each large enough to see.
SIDES = 12
# An object at a tile's border must be seen whole from one side at least.
LARGEST_OVERLAP = 0.4
KNOWN = 5_000  # objects that are looked at, the newest
SMALLEST, LARGEST, UNKNOWN = 256, 2048, 1024
STEP = 64


@dataclass(frozen=True, slots=True)
class Advice:
    """A tile's side in pixels, the share of it to read beyond its borders, and how many objects say so."""

    size: int
    overlap: float
    objects: int


def advised_tile(project: Project) -> Advice:
    """By the median of the objects' longer sides, and an overlap that takes in all but the largest twentieth.

    Objects are what people have drawn, else what models have said; without any, twice the tile of the project's model.
    """
    longer = Greatest(F("x2") - F("x1"), F("y2") - F("y1"))
    rows = Annotation.objects.filter(org_id=project.org_id, project=project)
    if not rows.exists():
        rows = Prediction.objects.filter(org_id=project.org_id, project=project, superseded=False, score__gte=0.25)
    sides = sorted(rows.annotate(side=longer).order_by("-pk").values_list("side", flat=True)[:KNOWN])
    if not sides:
        tile = Deployment.objects.filter(project=project).order_by("created_at").values_list("tile_size", flat=True)
        return Advice(min(LARGEST, 2 * (tile.first() or UNKNOWN // 2)), 0.2, 0)
    median, large = sides[len(sides) // 2], sides[len(sides) * 19 // 20]
    size = min(LARGEST, max(SMALLEST, round(SIDES * median / STEP) * STEP))
    return Advice(size, round(min(LARGEST_OVERLAP, max(0.05, large / size)), 2), len(sides))
