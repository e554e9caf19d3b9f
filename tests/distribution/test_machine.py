"""The state machine against PostgreSQL, and the mutants of the engine that it must catch."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connections
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.people import World

from .line import Line
from .machine import Work

# (function, text in it, what stands there instead): each turns off one promise.
MUTANTS = {
    "an old token is good": ("hold", "OR k.lease_token <> p_token", ""),
    "anybody's token is good": ("hold", "k.holder <> p_user OR", ""),
    "a lapsed lease is good": ("hold", "k.lease_until <= clock_timestamp()", "false"),
    "own work is reviewed": ("claim", "AND o.holder = p_user", "AND false"),
    "a skipped task comes back": ("claim", "p_user <> ALL(t.skipped_by)", "true"),
    "a returned task is anybody's": ("enter", "p_person, coalesce(p_until", "NULL, coalesce(p_until"),
    "a paused run hands out": ("claim", "'filling', 'running'", "'filling', 'running', 'paused'"),
    "a review is left out": ("advance", "PERFORM app.enter(k, next", "PERFORM app.enter(k, NULL"),
    "a lease outlives its submission": ("advance", "lease_token = NULL, lease_until = NULL,", ""),
    "a return opens no round": ("enter", "p_round, 1,", "1, p_round,"),
}

QUICKLY_CAUGHT = {"a lapsed lease is good", "own work is reviewed"}


def machine(world: World, line: Line) -> type[Work]:
    """The machine over this world."""
    return type("Work", (Work,), {"world": world, "line": line})


def run(kind: type[Work], examples: int, steps: int, *, phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_people_do_no_task_is_lost_or_done_twice(world: World, line: Line) -> None:
    run(machine(world, line), 100, 15)


@pytest.mark.prove
def test_whatever_people_do_for_two_thousand_histories(world: World, line: Line) -> None:
    run(machine(world, line), 2000, 30)


@pytest.mark.parametrize(
    "name", [name if name in QUICKLY_CAUGHT else pytest.param(name, marks=pytest.mark.prove) for name in MUTANTS]
)
def test_the_machine_catches_a_broken_promise(world: World, line: Line, name: str) -> None:
    function, text, instead = MUTANTS[name]
    with mutated(function, text, instead), pytest.raises(Exception):  # noqa: B017 - however it shows
        run(machine(world, line), 400, 20, phases=(Phase.generate,))


@contextmanager
def mutated(function: str, text: str, instead: str) -> Iterator[None]:
    """One of the engine's functions with another text, for as long as the test runs."""
    at = connections["owner"].settings_dict
    place = {
        "host": at["HOST"],
        "port": at["PORT"],
        "dbname": at["NAME"],
        "user": at["USER"],
        "password": at["PASSWORD"],
    }
    # A connection of its own: Django's would keep the change in the test's transaction, where nobody sees it.
    with psycopg.connect(**place, autocommit=True) as owner:
        owner.execute("SET ROLE app_owner")
        found = owner.execute("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s", [function]).fetchone()
        assert found and text in found[0]
        owner.execute(found[0].replace(text, instead))
        try:
            yield
        finally:
            owner.execute(found[0])
