from uuid import UUID

import pytest

from apps.accounts.models import Engagement, EngagementState
from apps.accounts.names import names_of
from apps.accounts.selectors import Member
from apps.core.tenancy import owner_context, tenant_tx
from tests.people import World


def name_of(person: Member, reader: Member, project: UUID) -> str:
    with tenant_tx(reader.context):
        return names_of([person.id], project)[person.id]


def engagement(world: World, **fields: object) -> None:
    with tenant_tx(owner_context(world.parking.id)):
        Engagement.objects.update(**fields)


def test_ones_own_people_have_names_and_the_other_sides_have_marks(world: World) -> None:
    assert name_of(world.ada, world.max, world.project.pk) == "Ada"
    mark = name_of(world.ada, world.noor, world.project.pk)
    assert mark.startswith("Person ")
    assert mark == name_of(world.ada, world.olga, world.project.pk)
    assert name_of(world.noor, world.max, world.project.pk).startswith("Person ")


def test_an_engagement_that_shows_names_shows_them_to_both_sides(world: World) -> None:
    engagement(world, names_shown=True)
    assert name_of(world.ada, world.noor, world.project.pk) == "Ada"
    assert name_of(world.noor, world.ada, world.project.pk) == "Noor"


def test_names_stay_with_the_two_sides_and_their_project(world: World) -> None:
    engagement(world, names_shown=True)
    assert name_of(world.ada, world.eve, world.project.pk).startswith("Person ")
    assert name_of(world.eve, world.noor, world.project.pk).startswith("Person ")
    assert name_of(world.ada, world.noor, world.dataset.pk).startswith("Person ")


@pytest.mark.parametrize("state", [EngagementState.OFFERED, EngagementState.ENDED])
def test_only_a_live_engagement_shows_names(world: World, state: str) -> None:
    engagement(world, names_shown=True, state=state)
    assert name_of(world.ada, world.noor, world.project.pk).startswith("Person ")
