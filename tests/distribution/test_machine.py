"""The state machine against PostgreSQL, and the mutants of the engine that it must catch."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from unittest.mock import patch
from uuid import UUID

import psycopg
import pytest
from django.db import connections
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from apps.distribution.models import Task
from apps.distribution.services.machines import starting
from tests.people import World

from .line import Line
from .machine import Work
from .machine_floor import Floor
from .machine_lines import lay

# (function, text in it, what stands there instead): each turns off one promise.
AT_ONE_STAGE = {
    "an old token is good": ("hold", "OR k.lease_token <> p_token", ""),
    "anybody's token is good": ("hold", "k.holder <> p_user OR", ""),
    "a lapsed lease is good": ("hold", "k.lease_until <= clock_timestamp()", "false"),
    "own work is reviewed": ("claim", "AND o.holder = p_user", "AND false"),
    "a skipped task comes back": ("claim", "p_user <> ALL(t.skipped_by)", "true"),
    "a returned task is anybody's": ("enter", "CASE WHEN number = 1 THEN p_person END", "NULL"),
    "a paused run hands out": ("claim", "'filling', 'running'", "'filling', 'running', 'paused'"),
    "a review is left out": ("go_on", "PERFORM app.enter(k, n.id", "PERFORM app.enter(k, NULL"),
    "a lease outlives its submission": ("go_on", "lease_token = NULL, lease_until = NULL,", ""),
    "a return opens no round": ("enter", "p_round, number,", "1, number,"),
}
ON_LINES = {
    "one person has two parts of a unit": ("claim", "o.holder = p_user AND o.round = t.round", "false"),
    "a part is counted twice": ("close_slot", "open_slots - 1", "open_slots - 2"),
    "a part is not counted": ("close_slot", "open_slots - 1", "open_slots"),
    "a child is counted twice": ("gather", "open_children - 1", "greatest(open_children - 2, 0)"),
    "a child is not counted": ("gather", "open_children - 1", "open_children"),
    "a parent goes on too early": ("gather", "p.open_children > 0", "p.open_children > 1"),
    "what came back is drawn again": ("stage_reached", "p_round = 1 AND", ""),
    "a drawn unit passes its review": ("stage_reached", "NOT app.drawn(", "app.drawn("),
    "reserved work is anybody's": ("claim", "AND t.preferred_person IS NULL AND t.pipeline", "AND t.pipeline"),
    "postponed work comes first": ("claim", "t.postponed = false", "t.postponed IS NOT NULL"),
    "a skill is not asked for": ("claim", "= ANY(skills)", "IS NOT NULL"),
    "caps are not kept": ("room", "p_free := least(p_free,", "PERFORM least(p_free,"),
    "who worked on the parts judges the whole": ("claim", "p_user = ANY(u.workers)", "false"),
    "who worked on the parts is forgotten": ("gather", "AND t.holder IS NOT NULL", "AND false"),
    "urgent work is passed by": ("claim", "ORDER BY t.priority,", "ORDER BY t.priority DESC,"),
    "machines are not told": ("enter", "IF NOT human THEN", "IF false THEN"),
    "all parts come back to one person": ("enter", "CASE WHEN number = 1 THEN p_person END", "p_person"),
}
HISTORIES = 400
QUICKLY_CAUGHT = {"a lapsed lease is good", "own work is reviewed", "a part is counted twice"}


def machine(world: World, line: Line) -> type[Work]:
    """The machine over this world."""
    return type("Work", (Work,), {"world": world, "line": line})


def floor(world: World) -> type[Floor]:
    """The machine of whole lines over this world."""
    return type("Floor", (Floor,), {"world": world, "lines": lay(world)})


def run(kind: type[Work] | type[Floor], examples: int, steps: int, *, phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=phases,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_people_do_no_task_is_lost_or_done_twice(world: World, line: Line) -> None:
    run(machine(world, line), 50, 15)


def test_whatever_happens_on_a_line_no_unit_is_lost_or_done_twice(world: World) -> None:
    run(floor(world), 20, 12)


@pytest.mark.prove
def test_whatever_happens_on_a_line_for_two_thousand_histories(world: World) -> None:
    run(floor(world), 2000, 20)


@pytest.mark.prove
def test_whatever_people_do_for_two_thousand_histories(world: World, line: Line) -> None:
    run(machine(world, line), 2000, 30)


def named(mutants: dict[str, tuple[str, str, str]]) -> Any:
    """All of them when proving; in each run of the suite only those that a few histories catch."""
    return pytest.mark.parametrize(
        "name", [name if name in QUICKLY_CAUGHT else pytest.param(name, marks=pytest.mark.prove) for name in mutants]
    )


@named(AT_ONE_STAGE)
def test_the_machine_catches_a_broken_promise(world: World, line: Line, name: str) -> None:
    assert_caught(machine(world, line), AT_ONE_STAGE[name])


@named(ON_LINES)
def test_the_machine_of_lines_catches_a_broken_promise(world: World, name: str) -> None:
    assert_caught(floor(world), ON_LINES[name])


@pytest.mark.prove
def test_the_machine_of_lines_catches_a_step_that_is_done_twice(world: World) -> None:
    def all_of(ids: Iterable[UUID]) -> list[Task]:
        return list(Task.objects.filter(pk__in=list(ids), kind="machine").select_related("stage", "unit__item"))

    with patch.object(starting, "waiting", all_of):
        assert_caught(floor(world), None)


def assert_caught(kind: type[Work] | type[Floor], mutant: tuple[str, str, str] | None) -> None:
    """Say how many histories it took."""
    histories = iter(range(1, HISTORIES + 2))

    class Counted(kind):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            next(histories)
            super().__init__()

    with mutated(*mutant) if mutant else nullcontext(), pytest.raises(Exception):  # noqa: B017 - however it shows
        run(Counted, HISTORIES, 20, phases=(Phase.generate,))
    print(f"caught by history {next(histories) - 1}")  # noqa: T201 - the figure is the evidence


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
