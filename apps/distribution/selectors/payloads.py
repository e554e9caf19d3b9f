"""A task as the editor gets it: one round trip for what changes, the rest from what this process knows."""

import datetime
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from apps.core.tenancy import Context
from apps.distribution.models import NEVER, Arm, Task, TaskState
from apps.pipelines.models import UnitKind
from apps.projects.pictures.derived import TILE, levels_of

from .known import Ground, known_recipe, known_stage, remember


class Frame(msgspec.Struct):
    """What `app.frames` says of a task."""

    id: UUID
    org: UUID
    state: str
    round: int
    priority: int
    due_at: datetime.datetime
    arm: str
    note: str
    created_at: datetime.datetime
    stage: UUID
    run: UUID
    recipe_version: UUID
    project: UUID
    project_name: str
    unit: UUID
    unit_kind: str
    region: list[float] | None
    item: UUID
    item_name: str
    width: int
    height: int
    holder: UUID | None
    token: UUID | None
    lease_until: datetime.datetime | None
    annotations: msgspec.Raw
    deployments: list[dict[str, Any]]
    subject: UUID | None = None


class _Named(msgspec.Struct):
    id: UUID


def read_frames(rows: Iterable[str]) -> list[Frame]:
    """Frames from the texts that the database gave; their grounds are remembered for what follows."""
    frames = [msgspec.json.decode(row, type=Frame) for row in rows]
    for frame in frames:
        if frame.unit_kind == UnitKind.OBJECT and not frame.subject:
            frame.subject = _only_shape(frame)
            if not frame.subject:  # it was deleted meanwhile; the unit's row still knows it
                continue
        ground = Ground(
            frame.org,
            frame.project,
            frame.stage,
            frame.item,
            frame.unit,
            frame.recipe_version,
            frame.width,
            frame.height,
            frame.unit_kind,
            frame.region,
            frame.subject,
        )
        remember(frame.id, ground)
    return frames


def payload_of(task: Task, context: Context) -> dict[str, Any]:
    """The payload of one task that the caller may see."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT f::text, clock_timestamp() FROM app.frames(%s, %s::uuid[]) f", [task.org_id, [task.pk]])
        ((text, now),) = cursor.fetchall()
    (frame,) = read_frames([text])
    return payload(frame, context, now)


def payload(frame: Frame, context: Context, now: datetime.datetime | None = None) -> dict[str, Any]:
    """A frame as the API shows it to the caller. `now`, by the clock that leases end by, hides one that has ended; a
    lease that was just given needs none."""
    stage = known_stage(frame.org, frame.stage)
    return {
        "id": frame.id,
        "state": frame.state,
        "round": frame.round,
        "priority": frame.priority,
        "due_at": None if frame.due_at >= NEVER else frame.due_at,
        "stage": stage.shown,
        "unit": {"id": frame.unit, "kind": frame.unit_kind, "region": _region(frame), "subject": frame.subject},
        "project": {"id": frame.project, "name": frame.project_name},
        "item": _item(frame, context.org_slug),
        "recipe": known_recipe(frame.org, frame.recipe_version).shown,
        "suggestions_shown": stage.suggests and frame.arm != Arm.HELD_OUT,
        "deployments": _deployments(frame),
        "returned": {"comment": frame.note, "at": frame.created_at} if frame.note else None,
        "annotations": frame.annotations,
        "lease": _lease(frame, context, now),
        "previous": None,
    }


def _only_shape(frame: Frame) -> UUID | None:
    """An object's unit owns exactly that object."""
    shapes = msgspec.json.decode(frame.annotations, type=list[_Named])
    return shapes[0].id if shapes else None


def _region(frame: Frame) -> dict[str, float] | None:
    return dict(zip(("x", "y", "width", "height"), frame.region, strict=True)) if frame.region else None


def _item(frame: Frame, org: str) -> dict[str, Any]:
    base = f"/api/v1/orgs/{org}/items/{frame.item}"
    tiles = {"url": f"{base}/tiles/{{z}}/{{x}}/{{y}}", "size": TILE, "levels": levels_of(frame.width, frame.height)}
    return {
        "id": frame.item,
        "name": frame.item_name,
        "width": frame.width,
        "height": frame.height,
        "thumb": f"{base}/image?size=thumb",
        "preview": f"{base}/image?size=preview",
        "full": f"{base}/image?size=full",
        "tiles": tiles,
    }


def _deployments(frame: Frame) -> list[dict[str, Any]]:
    default = next((one["id"] for one in frame.deployments if one["state"] != "stopped"), None)
    return [{**one, "default": one["id"] == default} for one in frame.deployments]


def _lease(frame: Frame, context: Context, now: datetime.datetime | None) -> dict[str, Any] | None:
    held = frame.state == TaskState.LEASED and frame.holder == context.user_id
    if not held or frame.lease_until is None or (now is not None and frame.lease_until <= now):
        return None
    return {"token": frame.token, "expires_at": frame.lease_until}
