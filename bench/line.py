"""Ten thousand ready tasks for the bench of claims, and people with tokens. Run on a migrated, empty database.

Prints one JSON object: where to claim, as whom, and what the raw SQL needs to know.
"""

# ruff: noqa: E402 - models can be imported once Django is set up
import json

import django

django.setup()

from apps.accounts.selectors import Member
from apps.accounts.services import issue_token
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from apps.distribution.models import PipelineRun, RunState
from apps.distribution.services.runs import fill_run
from apps.projects.models import Item
from tests.distribution.line import Line, make_line
from tests.people import World, make_member, make_world

TASKS, PEOPLE, CHUNK = 10_000, 64, 1000
SIDE = 2000


def main() -> None:
    """Seed through models and the engine's own filling; the tokens are made as people make theirs."""
    world = make_world()
    line = make_line(world)
    _fill(world, line)
    shared = frozenset({world.project.id})
    people = [make_member(world.meadow, f"p{number}", Role.ANNOTATOR, projects=shared) for number in range(PEOPLE)]
    seed = {
        "org": "meadow",
        "org_id": str(world.meadow.id),
        "owner": str(world.parking.id),
        "project": str(world.project.id),
        "stage": str(line.label.id),
        "labels": {label["name"]: label["id"] for label in line.recipe.labels},
        "people": [str(one.id) for one in people],
        "tokens": [_token(one) for one in people],
    }
    print(json.dumps(seed))


def _fill(world: World, line: Line) -> None:
    common = {"media_type": "image/jpeg", "sha256": "0" * 64, "bytes": 1, "width": SIDE, "height": SIDE}
    with tenant_tx(owner_context(world.parking.id)):
        owner = {"org_id": world.parking.id, "project": world.project, "dataset": world.dataset}
        for start in range(0, TASKS, CHUNK):
            numbers = range(start, start + CHUNK)
            Item.objects.bulk_create(Item(**owner, **common, name=f"{number}.jpg") for number in numbers)
        PipelineRun.objects.update(state=RunState.FILLING)
    fill_run(context=owner_context(world.parking.id), run_id=line.run.pk, progress=lambda done: None)


def _token(person: Member) -> str:
    issued = issue_token(person_id=person.id, name="bench", organizations=[])
    return issued.secret


if __name__ == "__main__":
    main()
