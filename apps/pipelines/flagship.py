"""The line that Tessera is made for: a large picture of many small objects, of which a few experts know the kinds."""

from uuid import UUID

from django.utils.translation import gettext as _

from apps.core.json import Struct

from .graphs import Edge, Graph, StageIn
from .settings import RoleName


class Flagship(Struct, kw_only=True):
    """A model reads tiles, people find per tile what it missed, experts answer one question about each object, and a
    share of the pictures is reviewed. A picture on which every suggestion is as sure as `sure` is looked at whole.

    `attribute` is what the experts are asked; none: which label an object has. `skill` is what they must have.
    """

    deployment: UUID
    floor: float | None = None
    attribute: str | None = None
    labels: list[str] | None = None
    skill: str | None = None
    sure: float = 0.85
    sample: float = 0.2
    read_size: int | None = None
    work_size: int | None = None
    instructions: str = ""
    name_instructions: str = ""
    review_instructions: str = ""
    label_roles: list[RoleName] = []
    lease_seconds: int | None = None


EDGES = (
    ("dataset", "done", "cut"),
    ("cut", "done", "detect"),
    ("detect", "done", "merge"),
    ("merge", "done", "route"),
    ("route", "sure", "confirm"),
    ("route", "default", "tiles"),
    ("confirm", "done", "name"),
    ("tiles", "done", "find"),
    ("find", "done", "join"),
    ("join", "done", "name"),
    ("name", "done", "check"),
    ("check", "done", "done"),
    ("check", "rework", "mend"),
    ("mend", "done", "check"),
)


def draw_flagship(settings: Flagship) -> Graph:
    """dataset, tile, detect, merge, route, find per tile (or the whole), name per object, review of a sample, done."""
    edges = [Edge(source=one, outcome=way, target=other) for one, way, other in EDGES]
    return Graph(stages=[*_machines_first(settings), *_people(settings), _done()], edges=edges)


def _machines_first(settings: Flagship) -> list[StageIn]:
    sure = {
        "key": "sure",
        "title": _("Every suggestion is sure"),
        "when": [{"test": "confidence", "of": "lowest", "at_least": settings.sure}],
    }
    detect = {"deployment": str(settings.deployment), "floor": settings.floor}
    return [
        StageIn(key="dataset", kind="dataset", title=_("Dataset")),
        StageIn(key="cut", kind="tile", title=_("Cut for the model"), settings={"size": settings.read_size}),
        StageIn(key="detect", kind="predict", title=_("Detect"), settings=detect),
        StageIn(key="merge", kind="merge", title=_("Merge")),
        StageIn(key="route", kind="route", title=_("How sure is the model?"), settings={"rules": [sure]}),
    ]


def _people(settings: Flagship) -> list[StageIn]:
    people = {
        "instructions": settings.instructions,
        "roles": settings.label_roles,
        "lease_seconds": settings.lease_seconds,
        "labels": settings.labels,
    }
    ask = people | {
        "instructions": settings.name_instructions,
        "skill": settings.skill,
        "unit": "object",
        "objects": {"labels": settings.labels},
        "question": {"attribute": settings.attribute, "label": settings.attribute is None},
    }
    check = {
        "instructions": settings.review_instructions,
        "sample": settings.sample,
        "lease_seconds": settings.lease_seconds,
    }
    return [
        StageIn(key="confirm", kind="label", title=_("Look at it whole"), settings=people),
        StageIn(key="tiles", kind="tile", title=_("Cut for people"), settings={"size": settings.work_size}),
        StageIn(key="find", kind="label", title=_("Find what was missed"), settings=people),
        StageIn(key="join", kind="merge", title=_("Put together")),
        StageIn(key="name", kind="label", title=_("Name each object"), settings=ask),
        StageIn(key="check", kind="review", title=_("Review a sample"), settings=check),
        StageIn(key="mend", kind="label", title=_("Mend"), settings=people | {"suggestions": False}),
    ]


def _done() -> StageIn:
    return StageIn(key="done", kind="done", title=_("Done"))
