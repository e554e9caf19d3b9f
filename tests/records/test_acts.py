"""Every route that changes something leaves exactly one audit row, or is on the reviewed list of exceptions."""

import json

import pytest
from django.urls import resolve

from apps.activity.models import AuditEvent
from apps.core.tenancy import owner_context, tenant_tx
from tests.people import World
from tests.test_access import every_operation

from .acts import ACTS, EXCEPTIONS, OWN_ACCOUNT, ROWS
from .scene import Scene

READS = {"GET", "HEAD", "OPTIONS"}


def changing() -> set[str]:
    """The routes that change something, as the URL table has them."""
    found = {f"{method} {route}" for route, method, _ in every_operation() if method not in READS}
    return {route for route in found if not route.startswith(OWN_ACCOUNT)}


def recorded(world: World) -> list[tuple[int, str, str]]:
    """All audit rows of all organizations: id, verb, details."""
    found: list[tuple[int, str, str]] = []
    for organization in (world.parking, world.meadow, world.elsewhere):
        with tenant_tx(owner_context(organization.id)):
            rows = AuditEvent.objects.filter(org_id=organization.id).values_list("id", "verb", "details")
            found += [(id_, verb, json.dumps(details)) for id_, verb, details in rows]
    return found


def names_nobody(world: World) -> None:
    """What is sealed can never be erased: no name of a person and no address stands in it."""
    told = "".join(details for _, _, details in recorded(world))
    assert "@" not in told
    assert not [name for name in ("nia", *world.members) if f'"{name}"' in told.lower()]


def test_every_route_that_changes_something_is_listed() -> None:
    listed = set(ACTS) | set(EXCEPTIONS)
    assert changing() - listed == set(), "add these to tests/records/acts.py"
    assert listed - changing() == set(), "these are in no URL table"


@pytest.mark.parametrize("route", sorted(ACTS))
def test_an_act_leaves_one_audit_row(world: World, route: str) -> None:
    scene, method = Scene(world), route.partition(" ")[0]
    act = ACTS[route](scene)
    assert f"/{resolve(act.path.partition('?')[0]).route}" == route.partition(" ")[2]
    before = {id_ for id_, _, _ in recorded(world)}
    answer = scene.send(method, act)
    assert answer.status_code < 400, answer.content[:2000]
    rows = [verb for id_, verb, _ in recorded(world) if id_ not in before]
    names_nobody(world)
    if route in EXCEPTIONS:
        assert len(rows) == ROWS.get(route, 0) != 1, "not what tests/records/acts.py says of this exception"
    else:
        assert len(rows) == 1, rows


def test_the_exceptions_are_few() -> None:
    print(f"\n{len(ACTS)} routes asked, {len(EXCEPTIONS)} exceptions")  # noqa: T201 - the count is the evidence
    assert len(EXCEPTIONS) < len(changing()) / 3
