"""A line with machines and people for the kill storm. Run on a migrated, empty database with the number of tasks.

Each picture is read by a small detector, cut into two tiles, labeled tile by tile, merged and reviewed by sample.
Prints one JSON object: where to work, and the tokens of annotators and reviewers.
"""

# ruff: noqa: E402 - models can be imported once Django is set up
import hashlib
import io
import json
import sys
from typing import Any
from uuid import UUID

import django

django.setup()

import msgspec
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from safetensors.torch import save

from apps.accounts.services import issue_token
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from apps.distribution.services.runs import start_run
from apps.pipelines.graphs import Graph
from apps.pipelines.models import Pipeline
from apps.pipelines.services import publish_version
from apps.predictions.services import deploy, register_version
from apps.projects.models import Item
from gpu_worker.runners.tiny_fcos import TinyFcos
from tests.distribution.graphs import graph_of
from tests.distribution.line import make_recipe
from tests.people import World, make_members, make_world

WIDTH, HEIGHT, TILE = 512, 256, 256
ANNOTATORS, REVIEWERS = 16, 4
SAMPLE = 0.3
LEASE_SECONDS = 60  # what is lost with an answer comes back soon


def main(tasks: int) -> None:
    """Two label tasks a picture."""
    world = make_world()
    _items(world, tasks // 2)
    with tenant_tx(owner_context(world.parking.id)):
        graph = msgspec.convert(_graph(_deployment(world)), Graph)
    recipe = make_recipe(world.project)
    with tenant_tx(owner_context(world.parking.id)):
        pipeline: Pipeline = Pipeline.objects.create(org_id=world.parking.id, project=world.project, name="Storm")
        version = publish_version(pipeline=pipeline, graph=graph, recipe_version_id=recipe.pk)
        start_run(project=world.project, pipeline_version_id=version.pk, dataset_id=world.dataset.pk)
    seed = {
        "org": "meadow",
        "project": str(world.project.id),
        "annotators": _tokens(world, "annotator", Role.ANNOTATOR, ANNOTATORS),
        "reviewers": _tokens(world, "reviewer", Role.REVIEWER, REVIEWERS),
    }
    print(json.dumps(seed))


def _items(world: World, number: int) -> None:
    written = io.BytesIO()
    Image.effect_noise((WIDTH, HEIGHT), 60).convert("RGB").save(written, "JPEG")
    content = written.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    default_storage.save(f"org/{world.parking.id}/blob/{digest[:2]}/{digest}", ContentFile(content))
    common = {"media_type": "image/jpeg", "sha256": digest, "bytes": len(content), "width": WIDTH, "height": HEIGHT}
    with tenant_tx(owner_context(world.parking.id)):
        owner = {"org_id": world.parking.id, "project": world.project, "dataset": world.dataset}
        Item.objects.bulk_create(Item(**owner, **common, name=f"{n}.jpg") for n in range(number))


def _deployment(world: World) -> UUID:
    """The small detector before it has learnt anything: what it says does not matter here."""
    version = register_version(
        name="Newborn",
        architecture="tiny_fcos",
        weights=save(TinyFcos(1).state_dict()),
        classes=["car"],
        input_size=128,
        licence="part of Tessera",
    )
    found: UUID = deploy(project=world.project, version=version, classes={"car": "car"}, tile_size=TILE).pk
    return found


def _graph(deployment: UUID) -> dict[str, Any]:
    return graph_of(
        [
            ("dataset", "dataset", {}),
            ("read", "predict", {"deployment": str(deployment)}),
            ("cut", "tile", {"size": TILE}),
            ("label", "label", {"lease_seconds": LEASE_SECONDS}),
            ("merge", "merge", {}),
            ("review", "review", {"sample": SAMPLE, "lease_seconds": LEASE_SECONDS}),
            ("mend", "label", {"lease_seconds": LEASE_SECONDS}),
            ("done", "done", {}),
        ],
        ("review", "done", "done"),
        ("review", "rework", "mend"),
        ("mend", "done", "review"),
    )


def _tokens(world: World, name: str, role: Role, number: int) -> list[str]:
    shared = frozenset({world.project.id})
    people = make_members(world.meadow, {f"{name}{n}": role for n in range(number)}, projects=shared)
    return [issue_token(person_id=one.id, name="storm", organizations=[]).secret for one in people.values()]


if __name__ == "__main__":
    main(int(sys.argv[1]))
