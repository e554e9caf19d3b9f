"""Schemathesis walks the whole schema as each role: no 5xx, no status and no body that the schema does not tell of."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.accounts.authentication import digest_of
from apps.accounts.models import Token
from apps.accounts.selectors import Member
from apps.core.ids import new_id
from apps.core.tenancy import tenant_tx
from tests.look.filled import fill
from tests.people import World, make_world

from .calls import table_of
from .keys import people_of
from .rows import one_in_every_table
from .strangers import ids_of

pytestmark = pytest.mark.prove
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ROLES = ["owner", "manager", "engineer", "reviewer", "annotator", "auditor", "vendor's manager", "vendor's annotator"]
WALKS, STEPS = 60, 12


@pytest.fixture(autouse=True)
def one_transaction() -> Iterator[None]:
    """As Django's own client does: a request must not close the connection of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("role", ROLES)
def test_a_walk_over_the_schema_meets_nothing_unforeseen(db: None, role: str) -> None:
    world = make_world()
    fill(world, 10)
    one_in_every_table(world)
    member = dict(people_of(world))[role]
    asked = walk(world, member)
    print(f"\n{role}: {sum(asked.values())} requests, {asked}")  # noqa: T201 - the count is the evidence
    assert asked.get(200, 0) > sum(asked.values()) / 10, "nearly all was refused: this walk has seen nothing"


def walk(world: World, member: Member) -> dict[int, int]:
    """How many answers of each status there were; a check that fails raises with the request."""
    with tenant_tx(member.context):
        Token.objects.create(user_id=member.id, name="walk", digest=digest_of("walk"))
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", get_wsgi_application())
    operations = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    named = {"org": member.context.org_slug} | {name: str(value) for name, value in ids_of(world).items()}
    asked: dict[int, int] = {}

    class Walk(RuleBasedStateMachine):
        @rule(data=st.data())
        def ask(self, data: Any) -> None:
            mode = data.draw(st.sampled_from(list(GenerationMode)))
            case = data.draw(data.draw(st.sampled_from(operations)).as_strategy(generation_mode=mode))
            is_real = data.draw(st.sampled_from([True, True, False]))
            case.path_parameters = _placed(case.path_parameters, named, is_real)
            case.body = _placed(case.body, named, is_real)
            answer = case.call(
                headers={"Authorization": "Bearer walk", "If-Match": '"x"', "Lease-Token": str(new_id())}
            )
            asked[answer.status_code] = asked.get(answer.status_code, 0) + 1
            case.validate_response(answer, checks=CHECKS)

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return asked


def _placed(value: Any, named: dict[str, str], is_real: bool) -> Any:
    """Ids that exist in the places of ids, and always one's own organization: else a walk ends at each 404."""
    if isinstance(value, list):
        return [_placed(one, named, is_real) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _known(name, inner, named, is_real) for name, inner in value.items()}


def _known(name: str, value: Any, named: dict[str, str], is_real: bool) -> Any:
    known = named.get(table_of(name))
    if known and (is_real or name == "org"):
        return [known] if isinstance(value, list) else known
    return _placed(value, named, is_real)
