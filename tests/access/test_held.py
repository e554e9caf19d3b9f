"""Who holds a task names somebody else's predictions and models in it: the answer is that of ids that nobody has."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from apps.core.ids import new_id
from apps.core.tenancy import owner_context, tenant_tx
from apps.predictions.models import ModelVersion, Prediction
from apps.projects.models import Dataset, Project
from tests.distribution.line import box
from tests.people import CAST, World
from tests.records.scene import Act, Scene

from .asking import AN_ID
from .rows import row_of

Ask = Callable[[Scene, UUID], Act]


def shape(**source: UUID) -> dict[str, Any]:
    return box() | {"source": {name: str(value) for name, value in source.items()}}


def drawn(scene: Scene, value: dict[str, Any]) -> Act:
    op = {"op_id": str(new_id()), "shape_id": value["id"], "value": value}
    return scene.working("draft", {"base_revision": 0, "ops": [op]})


def rejected(scene: Scene, prediction: UUID) -> Act:
    op = {"op_id": str(new_id()), "rejected": True, "prediction": str(prediction)}
    return scene.working("draft", {"base_revision": 0, "ops": [op]})


def pulse(scene: Scene, prediction: UUID) -> Act:
    pulses = [{"kind": "work", "seq": 1, "ms_ago": 0}]
    return scene.working("pulses", {"pulses": pulses, "shown": [str(prediction)]})


ASKED: dict[str, tuple[str, Any, Ask]] = {
    "a draft's shape from a prediction": ("PATCH", Prediction, lambda s, id_: drawn(s, shape(prediction=id_))),
    "a draft's shape from a model": ("PATCH", ModelVersion, lambda s, id_: drawn(s, shape(model_version=id_))),
    "a draft's rejection": ("PATCH", Prediction, rejected),
    "a whole draft's rejection": (
        "PUT",
        Prediction,
        lambda s, id_: s.working("draft", {"values": {}, "rejected": [str(id_)]}, If_Match='"r0"'),
    ),
    "a submission's shape from a prediction": (
        "POST",
        Prediction,
        lambda s, id_: s.working("submission", {"annotations": [shape(prediction=id_)]}),
    ),
    "a submission's shape from a model": (
        "POST",
        ModelVersion,
        lambda s, id_: s.working("submission", {"annotations": [shape(model_version=id_)]}),
    ),
    "a submission's rejection": (
        "POST",
        Prediction,
        lambda s, id_: s.working("submission", {"annotations": [box()], "rejected": [str(id_)]}),
    ),
    "what was shown": ("POST", Prediction, pulse),
    "help by a model": ("POST", ModelVersion, lambda s, id_: s.working("assist", {"model_version": str(id_)})),
}


def of_eves(model: Any, world: World) -> UUID:
    """A row of Elsewhere's, which Ada has nothing to do with."""
    with tenant_tx(owner_context(world.elsewhere.id)):
        project = Project.objects.create(org_id=world.elsewhere.id, name="Eve's")
        dataset = Dataset.objects.create(org_id=world.elsewhere.id, project=project, name="Eve's")
    everybody = dict.fromkeys(CAST, world.eve)
    eves = World(world.elsewhere, world.elsewhere, world.parking, everybody, project, dataset)
    found: UUID = row_of(model, eves).pk
    return found


@pytest.mark.parametrize("what", ASKED)
def test_who_holds_a_task_learns_nothing_of_what_is_not_theirs(world: World, what: str) -> None:
    method, model, ask = ASKED[what]
    scene, theirs, nobodys = Scene(world), of_eves(model, world), new_id()
    real, twin = ((scene.send(method, ask(scene, one)), one) for one in (theirs, nobodys))

    assert real[0].status_code == twin[0].status_code < 500
    assert real[0].status_code not in {401, 403}, "Ada holds this task"
    assert _plain(*real) == _plain(*twin)


def _plain(answer: Any, asked: UUID) -> str:
    text = answer.content.decode().replace(str(asked), "<asked>")
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z|lot-\d+|\"request_id\":\"[^\"]*\"", "", AN_ID.sub("<id>", text))
