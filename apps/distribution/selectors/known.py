"""What never changes, kept by each process: stages, recipe versions, and the ground on which a task stands.

Keys hold the owner, so a cached row is only reached through a task that row-level security has let through.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from apps.annotation.rules import Rules, rules_of
from apps.core.errors import NotFound
from apps.core.tenancy import active_tenant, tenant_tx
from apps.distribution.models import Task
from apps.pipelines.models import Stage
from apps.recipes.models import RecipeVersion

DEFAULT_TOOLS = ["box", "polygon"]


@dataclass(frozen=True, slots=True)
class KnownStage:
    """A stage as the engine needs it, and as a task's payload shows it."""

    id: UUID
    kind: str
    next_id: UUID | None
    rework_id: UUID | None
    shown: msgspec.Raw


@dataclass(frozen=True, slots=True)
class KnownRecipe:
    """A recipe version as a task's payload shows it, and the rules that it means."""

    shown: msgspec.Raw
    rules: Rules


@dataclass(frozen=True, slots=True)
class Ground:
    """What a submission is judged by: all of it fixed when the task was made."""

    org_id: UUID
    project_id: UUID
    stage_id: UUID
    item_id: UUID
    unit_id: UUID
    recipe_version_id: UUID
    width: int
    height: int


@lru_cache(maxsize=4096)
def known_stage(org_id: UUID, stage_id: UUID) -> KnownStage:
    """A stage of a published version."""
    with tenant_tx(active_tenant()):
        stage: Stage = Stage.objects.get(org_id=org_id, pk=stage_id)
    shown = {
        "id": stage.pk,
        "key": stage.key,
        "kind": stage.kind,
        "title": stage.title,
        "instructions": stage.settings.get("instructions", ""),
        "tools": stage.settings.get("tools") or DEFAULT_TOOLS,
        "labels": stage.settings.get("labels") or None,
    }
    return KnownStage(stage.pk, stage.kind, stage.next_id, stage.rework_id, msgspec.Raw(msgspec.json.encode(shown)))


@lru_cache(maxsize=1024)
def known_stages(org_id: UUID, version_id: UUID) -> tuple[Stage, ...]:
    """The stages of a published version in their order."""
    return tuple(Stage.objects.filter(org_id=org_id, pipeline_version_id=version_id).order_by("position"))


@lru_cache(maxsize=1024)
def known_recipe(org_id: UUID, version_id: UUID) -> KnownRecipe:
    """A published recipe version."""
    with tenant_tx(active_tenant()):
        version: RecipeVersion = RecipeVersion.objects.get(org_id=org_id, pk=version_id)
    shown = {
        "version_id": version.pk,
        "number": version.number,
        "instructions": version.instructions,
        "labels": [_label(label) for label in version.labels],
    }
    return KnownRecipe(msgspec.Raw(msgspec.json.encode(shown)), rules_of(version.labels))


def _label(label: Mapping[str, Any]) -> dict[str, Any]:
    return {**label, "attributes": label.get("attributes") or []}


MOST_GROUNDS = 20_000
_grounds: dict[tuple[UUID, UUID], Ground] = {}
_lock = threading.Lock()


def remember(task_id: UUID, ground: Ground) -> None:
    """Keep a task's ground for the submission that will follow; the oldest is forgotten."""
    with _lock:
        while len(_grounds) >= MOST_GROUNDS:
            del _grounds[next(iter(_grounds))]
        _grounds[active_tenant().org_id, task_id] = ground


def ground_of(task_id: UUID) -> Ground:
    """A task's ground; kept per acting organization, so what one sees never follows from what another saw."""
    ground = _grounds.get((active_tenant().org_id, task_id))
    return ground or _read_ground(task_id)


def _read_ground(task_id: UUID) -> Ground:
    with tenant_tx(active_tenant()):
        row = (
            Task.objects.filter(pk=task_id)
            .values_list(
                "org_id",
                "project_id",
                "stage_id",
                "unit__item_id",
                "unit_id",
                "pipeline_run__recipe_version_id",
                "unit__item__width",
                "unit__item__height",
            )
            .first()
        )
    if row is None:
        raise NotFound
    ground = Ground(*row)
    remember(task_id, ground)
    return ground
