"""Ten thousand ready tasks for the bench of claims, and people with tokens. Run on a migrated, empty database.

Prints one JSON object: where to claim, as whom, and what the raw SQL needs to know.
"""

import json

import django

TASKS, PEOPLE, CHUNK = 10_000, 32, 1000
SIDE = 2000


def main() -> None:
    """Seed through models and the engine's own filling; the tokens are made as people make theirs."""
    django.setup()

    # Only now are there models.
    from apps.accounts.services import issue_token  # noqa: PLC0415
    from apps.core.ids import new_id  # noqa: PLC0415
    from apps.core.roles import Role  # noqa: PLC0415
    from apps.core.tenancy import owner_context, tenant_tx  # noqa: PLC0415
    from apps.distribution.models import PipelineRun, RunState  # noqa: PLC0415
    from apps.distribution.services.runs import fill_run  # noqa: PLC0415
    from apps.projects.models import Item  # noqa: PLC0415
    from tests.distribution.line import make_line  # noqa: PLC0415
    from tests.people import PASSWORD, make_member, make_world  # noqa: PLC0415

    world = make_world()
    line = make_line(world)
    common = {"media_type": "image/jpeg", "sha256": "0" * 64, "bytes": 1, "width": SIDE, "height": SIDE}
    with tenant_tx(owner_context(world.parking.id)):
        owner = {"org_id": world.parking.id, "project": world.project, "dataset": world.dataset}
        for start in range(0, TASKS, CHUNK):
            numbers = range(start, start + CHUNK)
            Item.objects.bulk_create(Item(**owner, **common, name=f"{number}.jpg") for number in numbers)
        PipelineRun.objects.update(state=RunState.FILLING)
    fill_run(context=owner_context(world.parking.id), run_id=line.run.pk, progress=lambda done: None)
    shared = frozenset({world.project.id})
    people = [make_member(world.meadow, f"p{number}", Role.ANNOTATOR, projects=shared) for number in range(PEOPLE)]
    tokens = [
        issue_token(email=one.user.email, password=PASSWORD, name="bench", organizations=[], expires_at=None).secret
        for one in people
    ]
    labels = {label["name"]: label["id"] for label in line.recipe.labels}
    print(
        json.dumps(
            {
                "org": "meadow",
                "org_id": str(world.meadow.id),
                "project": str(world.project.id),
                "stage": str(line.label.id),
                "labels": labels,
                "people": [str(one.id) for one in people],
                "tokens": tokens,
                "id": str(new_id()),
            }
        )
    )


if __name__ == "__main__":
    main()
