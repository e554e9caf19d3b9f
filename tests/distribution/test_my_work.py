"""My work: what is next, what was done today, and numbers that are counted no further than they are read."""

import datetime
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.activity.models import ActivityEvent
from apps.distribution import queues
from apps.distribution.models import Task
from tests.distribution.line import Line, as_owner, box, make_tasks
from tests.people import World

MANY = """
INSERT INTO task (id, org_id, project_id, pipeline_run_id, stage_id, unit_id, kind, round, slot, state, arm, priority,
                  due_at, preferred_until, postponed, note, skipped_by, skip_reason, attempt, error_code, created_at)
SELECT gen_random_uuid(), org_id, project_id, pipeline_run_id, stage_id, unit_id, kind, n, 1, state, arm, priority,
       due_at, preferred_until, false, '', '{}', '', 0, '', now()
FROM task, generate_series(2, %s) AS n
"""


def work(browser: Any) -> str:
    return str(browser.get(f"{browser.org}/").content.decode())


def test_more_than_a_thousand_tasks_are_not_counted_to_the_end(world: World, line: Line, signed_in: Any) -> None:
    make_tasks(world, line, 1)
    with as_owner(world.project), connection.cursor() as cursor:
        cursor.execute(MANY, [queues.MOST_COUNTED + 50])
    ada = signed_in(world.ada)
    assert "1,000+ pictures are ready for you." in work(ada)


def test_the_page_costs_the_same_however_much_there_is(world: World, line: Line, signed_in: Any, at: Any) -> None:
    make_tasks(world, line, 6)
    ada = signed_in(world.ada)
    desk = at(world.ada)
    desk.submit(desk.take(), box())

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            work(ada)
        frame = ("SAVEPOINT", "RELEASE", "SELECT current_setting", "SELECT set_config")
        return len([one for one in queries if not one["sql"].startswith(frame)])

    work(ada)  # notes once that the session is in use
    before = cost()
    for _ in range(3):
        desk.submit(desk.take(), box())
    assert cost() == before
    assert before <= 19  # three of them say who asks


def test_a_stage_of_a_paused_run_or_one_that_the_person_skipped_offers_nothing(
    world: World, line: Line, signed_in: Any, at: Any
) -> None:
    make_tasks(world, line, 1)
    ada, desk = signed_in(world.ada), at(world.ada)
    assert "1 picture is ready for you." in work(ada)
    task = desk.take()
    desk.send("POST", f"tasks/{task['id']}/skip", {"reason": "Too dark."}, lease_token=task["lease"]["token"])
    text = work(ada)
    assert "Nothing is waiting for you" in text
    assert "Skipped today" in text
    assert "Too dark." in text
    assert "1 picture is ready for you." in work(signed_in(world.bob))
    with as_owner(world.project):
        line.run.move_to("paused")
    assert "Nothing is waiting for you" in work(signed_in(world.bob))


def test_the_day_lists_what_was_handed_on_and_what_became_of_it(
    world: World, line: Line, signed_in: Any, at: Any
) -> None:
    make_tasks(world, line, 2)
    ada, rita = at(world.ada), at(world.rita)
    for _ in range(2):
        ada.submit(ada.take(), box())
    rita.judge(rita.take(stage=str(line.review.id)), "accept")
    rita.judge(rita.take(stage=str(line.review.id)), "reject", comment="Again.")
    text = work(signed_in(world.ada))
    day = text.partition('id="today"')[2].partition("</section>")[0]
    assert [part.partition("<")[0] for part in day.split('class="value">')[1:]] == ["2", "1", "1"]
    assert day.count("lot 0.jpg") == day.count("lot 1.jpg") == 1
    assert "Returned to you" in text
    assert "lot 0.jpg" not in work(signed_in(world.bob)).partition('id="today"')[2]


def test_yesterday_is_not_today(world: World, line: Line, signed_in: Any) -> None:
    (task,) = make_tasks(world, line, 1)
    with as_owner(world.project):
        ActivityEvent.objects.create(
            org_id=world.parking.id,
            project_id=world.project.pk,
            task_id=task.pk,
            actor_id=world.ada.id,
            worker_org_id=world.meadow.id,
            kind="task.submitted",
            at=timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) - datetime.timedelta(seconds=1),
        )
        assert Task.objects.count() == 1
    assert 'class="value">0<' in work(signed_in(world.ada)).partition('id="today"')[2]
