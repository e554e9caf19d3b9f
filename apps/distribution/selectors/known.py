"""What never changes, kept by each process: stages, recipe versions, and the ground on which a task stands.

Keys hold the owner, so a cached row is only reached through a task that row-level security has let through.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from apps.annotation.rules import Extent, Rules, asking, rules_of
from apps.core.errors import NotFound
from apps.core.tenancy import active_tenant, tenant_tx
from apps.distribution.models import Task
from apps.pipelines.models import Stage, StageKind, UnitKind
from apps.pipelines.settings import SKIP_MODES
from apps.recipes.models import RecipeVersion

DEFAULT_TOOLS = ["box", "polygon"]


@dataclass(frozen=True, slots=True)
class KnownStage:
    """A stage as the engine needs it, and as a task's payload shows it.

    `asks` is the attribute that its tasks about one object ask for; `suggests` whether suggestions may be shown.
    """

    id: UUID
    kind: str
    next_id: UUID | None
    rework_id: UUID | None
    asks: str | None
    suggests: bool
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
    unit_kind: str
    region: Sequence[float] | None
    subject: UUID | None

    @property
    def extent(self) -> Extent:
        """What the unit owns of its item; the region of an object's unit is only what the editor shows."""
        if self.unit_kind == UnitKind.OBJECT:
            return Extent(subject=self.subject)
        return Extent(region=self.region if self.unit_kind == UnitKind.TILE else None)


@lru_cache(maxsize=4096)
def known_stage(org_id: UUID, stage_id: UUID) -> KnownStage:
    """A stage of a published version."""
    with tenant_tx(active_tenant()):
        stage: Stage = Stage.objects.select_related("rework").get(org_id=org_id, pk=stage_id)
        question = _question_of(stage)
    shown = {
        "id": stage.pk,
        "key": stage.key,
        "kind": stage.kind,
        "title": stage.title,
        "instructions": stage.settings.get("instructions", ""),
        "tools": stage.settings.get("tools") or DEFAULT_TOOLS,
        "labels": stage.settings.get("labels") or None,
        "question": question,
        "skip": stage.settings.get("skip", SKIP_MODES),
    }
    return KnownStage(
        stage.pk,
        stage.kind,
        stage.next_id,
        stage.rework_id,
        question["attribute"] if question else None,
        stage.settings.get("suggestions", True),
        msgspec.Raw(msgspec.json.encode(shown)),
    )


def _question_of(stage: Stage) -> dict[str, Any] | None:
    """What a task about one object asks; a review shows the question of the work that it judges."""
    asked = stage
    if stage.kind == StageKind.REVIEW:
        before = Stage.objects.filter(
            org_id=stage.org_id,
            pipeline_version_id=stage.pipeline_version_id,
            kind=StageKind.LABEL,
            position__lt=stage.position,
        )
        asked = stage.rework or before.order_by("-position").first() or stage
    stated = asked.settings.get("question")
    if not stated:
        return None
    return {"attribute": stated.get("attribute"), "label": bool(stated.get("label"))}


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


def rules_for(ground: Ground) -> Rules:
    """What the shapes of a task have to keep."""
    if ground.unit_kind != UnitKind.OBJECT:
        return known_recipe(ground.org_id, ground.recipe_version_id).rules
    asks = known_stage(ground.org_id, ground.stage_id).asks
    return _asking(ground.org_id, ground.recipe_version_id, asks)


@lru_cache(maxsize=1024)
def _asking(org_id: UUID, version_id: UUID, attribute: str | None) -> Rules:
    return asking(known_recipe(org_id, version_id).rules, attribute)


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
                "unit__kind",
                "unit__region",
                "unit__subject",
            )
            .first()
        )
    if row is None:
        raise NotFound
    ground = Ground(*row)
    remember(task_id, ground)
    return ground
