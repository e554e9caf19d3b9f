"""From the events of a real walk to figures."""

import io
from collections.abc import Callable
from typing import Any
from unittest import mock

import msgspec
import pytest
from django.core.management import CommandError, call_command

from apps.accounts.selectors import Member
from apps.activity import schema
from apps.activity.models import ActivityEvent
from apps.performance.models import FigureMark, RunDay, TaskDay, WorkDay
from apps.performance.services import folding
from apps.performance.services.folding import fold
from apps.performance.services.rebuilding import PROJECTIONS
from apps.review.models import ObjectDay, SuggestionDay, VerdictDay
from tests.conftest import as_worker
from tests.distribution.conftest import Desk
from tests.distribution.line import Line, as_owner, box, make_tasks
from tests.people import World


@pytest.fixture
def walk(world: World, line: Line, at: Callable[[Member], Desk]) -> None:
    """Ada hands in a task of two cars; Rita returns it, then fixes the second round; Bob skips another."""
    make_tasks(world, line, 2)
    ada, bob, rita = at(world.ada), at(world.bob), at(world.rita)
    one, two = box(), box(100)
    ada.submit(ada.take(stage=str(line.label.pk)), one, two)
    skipped = bob.take(stage=str(line.label.pk))
    bob.send("POST", f"tasks/{skipped['id']}/skip", {"reason": "dark"}, lease_token=skipped["lease"]["token"])
    rita.judge(rita.take(stage=str(line.review.pk)), "reject", comment="One is missing.", reason="missed")
    again = ada.take(stage=str(line.label.pk))
    three = box(200)
    assert ada.submit(again, one, two | {"x": 110}, three).status_code == 201
    review = rita.take(stage=str(line.review.pk))
    assert rita.judge(review, "fix", annotations=[one, three | {"x": 210}]).status_code == 201


def rows(world: World, model: Any, *names: str) -> list[tuple[Any, ...]]:
    """What the figures say, as the owner sees it."""
    with as_owner(world.project):
        return sorted(model.objects.values_list(*names), key=str)


@pytest.mark.usefixtures("walk")
def test_every_event_that_figures_are_made_from_fits_the_schema(world: World) -> None:
    with as_owner(world.project):
        events = list(ActivityEvent.objects.all())
    kinds = {event.kind for event in events}
    assert {"task.claimed", "task.submitted", "objects.decided", "task.reviewed", "objects.reviewed"} <= kinds
    assert {"task.skipped", "unit.finished"} <= kinds
    for event in events:
        read = schema.read(event.kind, event.payload)
        assert len(msgspec.json.encode(read)) <= 4096


@pytest.mark.usefixtures("walk")
def test_a_walk_becomes_figures(world: World, line: Line) -> None:
    ada, bob, rita = world.ada.id, world.bob.id, world.rita.id
    label, review = line.label.pk, line.review.pk
    with as_owner(world.project):
        fold()
    assert rows(world, WorkDay, "person", "stage_id", "claimed", "submitted", "reworked", "skipped", "done") == sorted(
        [(ada, label, 2, 2, 1, 0, 4), (bob, label, 1, 0, 0, 1, 0), (rita, review, 2, 2, 1, 0, 0)], key=str
    )
    counted = ("author", "verdict", "reason", "is_first", "number")
    assert rows(world, VerdictDay, *counted) == [(ada, "fix", "", False, 1), (ada, "reject", "missed", True, 1)]
    # The second document had three objects: the fix let one stand, changed one and removed one.
    assert rows(world, ObjectDay, "kept", "changed", "removed", "added", "returned") == [(1, 1, 1, 0, 2)]
    assert rows(world, SuggestionDay, "person", "accepted", "edited", "rejected", "missed") == [(ada, 0, 0, 0, 3)]
    assert rows(world, RunDay, "made", "finished") == [(0, 1)]


@pytest.mark.usefixtures("walk")
def test_folding_again_changes_nothing(world: World) -> None:
    models = (TaskDay, WorkDay, RunDay, ObjectDay, SuggestionDay, VerdictDay)
    with as_owner(world.project):
        assert fold() > 0
        first = [sorted(model.objects.exclude(id=None).values_list("org_id", "day"), key=str) for model in models]
        fold(from_the_start=True)
        assert [sorted(model.objects.values_list("org_id", "day"), key=str) for model in models] == first


@pytest.mark.usefixtures("walk")
def test_a_restored_copy_is_made_anew_once(world: World) -> None:
    with as_owner(world.project):
        FigureMark.objects.create(org_id=world.parking.id, xact=2**40)
        with mock.patch.object(folding, "_transactions", return_value=(5, 6)):
            assert fold() > 0
            assert fold() == 0


def test_with_nothing_new_nothing_is_made_anew(world: World) -> None:
    with as_owner(world.project):
        assert fold() == 0


@pytest.mark.usefixtures("walk")
def test_figures_are_rebuilt_by_command(world: World) -> None:
    with as_owner(world.project):
        fold()
        before = [sorted(model.objects.values_list("org_id", "day"), key=str) for model in PROJECTIONS]
        assert all(before)
        WorkDay.objects.all().update(active_ms=1)
    told = io.StringIO()
    with as_worker():
        call_command("rebuild_figures", "parking", stdout=told)
        with pytest.raises(CommandError, match="no organization called nowhere"):
            call_command("rebuild_figures", "nowhere")
    assert "parking: " in told.getvalue()
    with as_owner(world.project):
        assert [sorted(model.objects.values_list("org_id", "day"), key=str) for model in PROJECTIONS] == before
        assert not WorkDay.objects.filter(active_ms=1).exists()
