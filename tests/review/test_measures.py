"""What verdicts say for the figures, where a line has two reviews."""

from collections.abc import Callable

import pytest

from apps.accounts.selectors import Member
from apps.performance.services.folding import fold
from apps.pipelines.models import Stage
from apps.review.models import VerdictDay
from tests.distribution.conftest import Desk
from tests.distribution.line import Line, as_owner, box, make_tasks
from tests.people import World


@pytest.fixture
def audit(world: World, line: Line) -> Stage:
    """A second review behind the first."""
    with as_owner(world.project):
        stage: Stage = Stage.objects.create(
            org_id=world.parking.id,
            project=world.project,
            pipeline_version_id=line.label.pipeline_version_id,
            key="audit",
            kind="review",
            title="Audit",
            position=9,
            next=line.stages["done"],
            rework=line.label,
        )
        Stage.objects.filter(pk=line.review.pk).update(next=stage)
    return stage


def test_only_the_first_of_two_reviews_gives_the_first_verdict(
    world: World, line: Line, audit: Stage, at: Callable[[Member], Desk]
) -> None:
    make_tasks(world, line, 1)
    ada, rita, max_ = at(world.ada), at(world.rita), at(world.max)
    ada.submit(ada.take(stage=str(line.label.pk)), box())
    assert rita.judge(rita.take(stage=str(line.review.pk)), "accept").status_code == 201
    assert max_.judge(max_.take(stage=str(audit.pk)), "reject", comment="Look again.").status_code == 201
    with as_owner(world.project):
        fold()
        assert sorted(VerdictDay.objects.values_list("verdict", "is_first", "number")) == [
            ("accept", True, 1),
            ("reject", False, 1),
        ]
