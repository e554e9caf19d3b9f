"""A stand-in for a model: it says of a car park what is true, with the errors of a fair detector.

A real one would have to be trained on drawn cars first. It answers in the worker's place, through the same services, so
that all that follows is as it would be: predictions, the line's next tasks, what people see.
"""

import os
import random
import signal
import time
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid5

from tests.installation import Installation

from .lots import HEIGHT, LABELS, WIDTH, Box, Lot

MISSED = {"motorbike": 0.45}
SELDOM_MISSED, SELDOM_WRONG, TREES = 0.06, 0.06, 0.4


def stand_in(installation: Installation) -> None:
    """Hold the installation's own worker, which would take the questions; it ends with the installation."""
    pid = installation.pid_of("gpu")
    assert pid is not None, "the worker does not run"  # noqa: S101 - it was started a moment ago
    os.kill(pid, signal.SIGSTOP)


def register(slug: str, email: str) -> None:
    """A model of the organization."""
    from apps.accounts.models import User  # noqa: PLC0415 - Django's settings are only known now
    from apps.accounts.selectors import member_by_session  # noqa: PLC0415
    from apps.core.tenancy import tenant_tx  # noqa: PLC0415
    from apps.predictions.services import register_version  # noqa: PLC0415

    member = member_by_session(User.objects.get(email=email).pk, slug)
    assert member is not None, f"{email} is no member"  # noqa: S101 - made just above
    with tenant_tx(member.context):
        register_version(
            name="Lots",
            architecture="stand-in",
            weights=b"none",
            classes=list(LABELS),
            input_size=416,
            licence="part of Tessera",
        )


def mark_ready(deployment: str) -> None:
    """As the worker does once it has loaded the model."""
    from apps.predictions import services  # noqa: PLC0415
    from apps.predictions.models import Deployment  # noqa: PLC0415

    row = Deployment.across_tenants.get(pk=deployment)
    services.mark_ready(org_id=row.org_id, deployment_id=row.pk)


def read_all(lots: Mapping[str, Lot], *, total: int) -> None:
    """Answer every question until so many pictures are read."""
    from apps.core.tenancy import owner_context, tenant_tx  # noqa: PLC0415
    from apps.predictions.models import Inference, InferenceState  # noqa: PLC0415
    from apps.predictions.services import claim_inference, finish_inference  # noqa: PLC0415
    from apps.projects.models import Item  # noqa: PLC0415

    read = 0
    while read < total:
        asked = list(Inference.across_tenants.filter(state=InferenceState.QUEUED).values_list("pk", flat=True))
        for inference in asked:
            if run := claim_inference(inference):
                with tenant_tx(owner_context(run.org_id)):
                    name = Item.objects.values_list("name", flat=True).get(pk=run.source.item_id)
                finish_inference(run=run, found=list(_said(lots[name], inference)))
                read += 1
        time.sleep(0.2)


def _said(lot: Lot, inference: UUID) -> Iterator[Any]:
    chance = random.Random(lot.seed + 1)
    for vehicle in lot.vehicles:
        if chance.random() < MISSED.get(vehicle.label, SELDOM_MISSED):
            continue
        score = 0.99 - chance.random() * chance.random() * (0.6 if vehicle.label == "car" else 0.8)
        wrong = chance.random() < SELDOM_WRONG
        label = ("van" if vehicle.label == "car" else "car") if wrong else vehicle.label
        slips = [chance.gauss(0, 1.2 if score > 0.7 else 4) for _ in range(4)]
        box = tuple(side + slip for side, slip in zip(vehicle.box, slips, strict=True))
        yield _found(inference, label, score - 0.3 * wrong, box)
    for x, y, radius in lot.trees:
        if chance.random() < TREES:
            box = (x - radius, y - 1.3 * radius, x + radius, y + 1.3 * radius)
            yield _found(inference, "car", 0.15 + 0.3 * chance.random(), box)


def _found(inference: UUID, label: str, score: float, box: tuple[float, ...]) -> Any:
    from apps.predictions.merge import Found  # noqa: PLC0415

    left, top, right, bottom = _inside(box)
    return Found(
        id=str(uuid5(inference, f"{label} {left} {top}")),
        label=label,
        score=round(max(0.12, score), 4),
        x=left,
        y=top,
        width=round(right - left, 2),
        height=round(bottom - top, 2),
    )


def _inside(box: tuple[float, ...]) -> Box:
    left, top, right, bottom = box
    return round(max(0, left), 2), round(max(0, top), 2), round(min(WIDTH, right), 2), round(min(HEIGHT, bottom), 2)
