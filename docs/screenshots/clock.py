"""Gives the events of the work the times of working days: done by program it would have taken seconds.

Only times are changed, and signs of work put in between them; what was done stays as the API wrote it. Figures are then
made anew from the events, as `manage.py rebuild_figures` does.
"""

import datetime
import random
from collections.abc import Iterator, Sequence
from itertools import groupby

import psycopg

from .work import Done

DAYS = 8
FIRST_HOUR = datetime.time(8, 30)
SECONDS_AN_OBJECT = {"label": 2.2, "review": 0.6}
PULSE_SECONDS = 20
PULSES = """
INSERT INTO activity_event (org_id, worker_org_id, project_id, stage_id, task_id, unit_id, actor_id, kind, at, payload)
SELECT e.org_id, e.worker_org_id, e.project_id, e.stage_id, e.task_id, e.unit_id, e.actor_id, 'pulse.work', p.at,
       jsonb_build_object('seq', p.seq)
FROM pulse p JOIN activity_event e ON e.task_id = p.task AND e.kind = 'task.claimed'
"""
MOVES = (
    "UPDATE activity_event e SET at = s.taken FROM span s WHERE e.task_id = s.task AND e.kind = 'task.claimed'",
    "UPDATE activity_event e SET at = s.ended FROM span s WHERE e.task_id = s.task AND e.kind <> 'task.claimed'",
    "UPDATE activity_event e SET at = s.ended FROM span s, task t WHERE t.id = s.task AND e.unit_id = t.unit_id"
    " AND e.kind = 'unit.finished' AND s.stage = 'review'",
    "UPDATE activity_event SET at = (SELECT min(taken) FROM span) - interval '1 hour'"
    " WHERE kind IN ('units.made', 'pipeline_run.started')",
    "UPDATE pipeline_run SET started_at = (SELECT min(taken) FROM span) - interval '1 hour'",
    "UPDATE task t SET ended_at = s.ended FROM span s WHERE t.id = s.task",
    "UPDATE submission u SET at = s.ended FROM span s WHERE u.task_id = s.task",
    "UPDATE verdict v SET at = s.ended FROM span s WHERE v.task_id = s.task",
)

Span = tuple[str, str, datetime.datetime, datetime.datetime]


def spread(database: str, done: Sequence[Done]) -> None:
    """Over the working days before today. Acts as the server's administrator."""
    spans = list(_spans(done))
    with psycopg.connect(database) as connection:
        connection.execute("SET ROLE app_owner")
        for month in {span[2].date().replace(day=1) for span in spans}:
            connection.execute("SELECT app.make_activity_partition(%s)", [month])
        connection.execute("RESET ROLE")
        connection.execute("CREATE TEMPORARY TABLE span (task uuid, stage text, taken timestamptz, ended timestamptz)")
        connection.execute("CREATE TEMPORARY TABLE pulse (task uuid, seq integer, at timestamptz)")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO span VALUES (%s, %s, %s, %s)", spans)
            cursor.executemany("INSERT INTO pulse VALUES (%s, %s, %s)", list(_pulses(spans)))
        for statement in (*MOVES, PULSES):
            connection.execute(statement.encode())


def _spans(done: Sequence[Done]) -> Iterator[Span]:
    """Each person's tasks one after another, some each day. Reviews begin an hour after the work of their day."""
    chance = random.Random(11)
    for person, theirs in groupby(sorted(done, key=lambda one: one.person), key=lambda one: one.person):
        tasks = list(theirs)
        days = _working_days(DAYS)
        for number, day in enumerate(days):
            now = datetime.datetime.combine(day, FIRST_HOUR, datetime.UTC)
            now += datetime.timedelta(minutes=90 if person == "rita" else chance.uniform(0, 30))
            for one in tasks[len(tasks) * number // DAYS : len(tasks) * (number + 1) // DAYS]:
                taken = now + datetime.timedelta(seconds=chance.uniform(3, 25))
                seconds = one.objects * SECONDS_AN_OBJECT[one.stage] * chance.uniform(0.7, 1.4) + 12
                now = taken + datetime.timedelta(seconds=seconds)
                yield one.task, one.stage, taken, now
                if chance.random() < 0.15:
                    now += datetime.timedelta(minutes=chance.uniform(4, 25))


def _pulses(spans: Sequence[Span]) -> Iterator[tuple[str, int, datetime.datetime]]:
    for task, _stage, taken, ended in spans:
        for seq in range(1, int((ended - taken).total_seconds() // PULSE_SECONDS) + 1):
            yield task, seq, taken + datetime.timedelta(seconds=seq * PULSE_SECONDS)


def _working_days(count: int) -> list[datetime.date]:
    """The latest ones before today, the oldest first."""
    day, found = datetime.datetime.now(datetime.UTC).date(), []
    while len(found) < count:
        day -= datetime.timedelta(days=1)
        if day.weekday() < 5:
            found.append(day)
    return found[::-1]
