"""Ten million activity events of ninety days, in a realistic mix, and the roll-up rows that they come to.

Made in SQL: 80 people label, 16 review. Of a unit: a claim, four pulses, what was shown, a submission, its objects;
then a review's claim, two pulses, its verdict and objects; the unit's end. The last two days' figures are made by the
product's own recount, the others by statements that give rows of the same shape and number.
"""

from typing import Any

import psycopg

DAYS, LABELLERS, REVIEWERS, CLASSES = 90, 80, 16, 12
EVENTS_OF_A_UNIT = 15
RECOUNTED_DAYS = 2

UNITS = """
CREATE UNLOGGED TABLE bench_unit AS
SELECT n, md5('u' || n)::uuid AS unit, md5('l' || n)::uuid AS labelling, md5('r' || n)::uuid AS reviewing,
       (%(people)s::uuid[])[1 + n / 90 %% 80] AS author, (%(people)s::uuid[])[81 + n / 90 %% 16] AS reviewer,
       day, day + time '07:00' + (n / 7200) * interval '300 s' AS labelled,
       day + time '07:00' + (n / 1440) * interval '60 s' AS reviewed,
       h, h %% 20 = 0 AS held_out, (%(labels)s::uuid[])[1 + h %% 12] AS one,
       (%(labels)s::uuid[])[1 + h / 12 %% 12] AS two,
       h %% 10 AS band, CASE WHEN h %% 20 = 0 THEN 0 ELSE h %% 5 END AS accepted,
       CASE WHEN h %% 20 = 0 THEN 0 ELSE h %% 2 END AS edited, CASE WHEN h %% 20 = 0 THEN 0 ELSE h %% 3 END AS rejected,
       h %% 4 + CASE WHEN h %% 20 = 0 THEN 4 ELSE 0 END AS drawn,
       CASE h / 7 %% 9 WHEN 0 THEN 'reject' WHEN 1 THEN 'fix' WHEN 2 THEN 'fix' ELSE 'accept' END AS verdict
FROM (SELECT n, current_date - 89 + n %% 90 AS day, ('x' || substr(md5(n::text), 1, 7))::bit(28)::int AS h
      FROM generate_series(0, %(units)s - 1) n) s
"""
EVENTS = """
INSERT INTO activity_event (org_id, worker_org_id, project_id, stage_id, task_id, unit_id, actor_id, kind, at, payload,
                            schema, xact)
SELECT %(org)s, CASE WHEN kind <> 'unit.finished' THEN %(worker)s::uuid END, %(project)s, stage, task, u.unit, who,
       kind, at AT TIME ZONE 'UTC', payload, 1, 1 + u.n %% 100
FROM bench_unit u
CROSS JOIN LATERAL (SELECT jsonb_build_object('attempt', 1, 'round', 1, 'waited_ms', h %% 900000) AS claim,
  jsonb_build_object('seq', 1) AS pulse,
  jsonb_build_object('arm', CASE WHEN held_out THEN 'held_out' ELSE 'assisted' END, 'round', 1) AS done,
  jsonb_build_object('verdict', verdict, 'author', author, 'round', 1, 'stage', %(label)s::text,
                     'worker_org', %(worker)s::text) AS about) j
CROSS JOIN LATERAL (VALUES
  (%(label)s::uuid, labelling, author, 'task.claimed', labelled, claim),
  (%(label)s::uuid, labelling, author, 'pulse.work', labelled + interval '12 s', pulse),
  (%(label)s::uuid, labelling, author, 'pulse.focus', labelled + interval '24 s', pulse),
  (%(label)s::uuid, labelling, author, 'pulse.work', labelled + interval '36 s', pulse),
  (%(label)s::uuid, labelling, author, 'pulse.work', labelled + interval '48 s', pulse),
  (%(label)s::uuid, labelling, author, 'suggestions.shown', labelled + interval '13 s',
   jsonb_build_object('predictions', jsonb_build_array(labelling, reviewing, unit))),
  (%(label)s::uuid, labelling, author, 'task.submitted', labelled + make_interval(secs => 50 + h %% 9), done ||
   jsonb_build_object('shapes', 8, 'rejected', rejected, 'elapsed_ms', 50000, 'attempt', 1)),
  (%(label)s::uuid, labelling, author, 'objects.decided', labelled + make_interval(secs => 50 + h %% 9), done ||
   jsonb_build_object('added', accepted + edited + drawn, 'changed', 0, 'removed', 0, 'rows', jsonb_build_array(
     jsonb_build_array(one, %(version)s::text, band, accepted, edited, rejected, 0),
     jsonb_build_array(two, NULL, NULL, 0, 0, 0, drawn)))),
  (%(review)s::uuid, reviewing, reviewer, 'task.claimed', reviewed, claim),
  (%(review)s::uuid, reviewing, reviewer, 'pulse.work', reviewed + interval '10 s', pulse),
  (%(review)s::uuid, reviewing, reviewer, 'pulse.focus', reviewed + interval '20 s', pulse),
  (%(review)s::uuid, reviewing, reviewer, 'task.reviewed', reviewed + make_interval(secs => 25 + h %% 9), about ||
   jsonb_build_object('reviewed', labelling, 'elapsed_ms', 25000,
                      'reason', CASE verdict WHEN 'reject' THEN 'missed' ELSE '' END)),
  (%(review)s::uuid, reviewing, reviewer, 'objects.reviewed', reviewed + make_interval(secs => 25 + h %% 9), about ||
   jsonb_build_object('rows', jsonb_build_array(jsonb_build_array(one, 3, h %% 2, 0, 0, 0),
                                                jsonb_build_array(two, 2, 0, 0, h %% 2, 0)))),
  (%(review)s::uuid, reviewing, reviewer, 'pulse.idle', reviewed + make_interval(secs => 26 + h %% 9), pulse),
  (%(review)s::uuid, reviewing, reviewer, 'unit.finished', reviewed + make_interval(secs => 25 + h %% 9),
   jsonb_build_object('run', %(run)s::text, 'round', 1))
) AS e(stage, task, who, kind, at, payload)
"""
# Rows of the same shape and number for the days that are not recounted.
BEFORE = "u.day < current_date - %(recounted)s + 1"
ROLL_UPS = (
    f"""
INSERT INTO task_day (id, org_id, project_id, worker_org_id, stage_id, person, day, active_ms, task_id, total_ms, round,
                      held_out, added, changed, removed, accepted, edited, rejected, drawn)
SELECT app.new_id(), %(org)s, %(project)s, %(worker)s, %(label)s, author, day, 1000 * (50 + h %% 9), labelling,
       1000 * (50 + h %% 9), 1, held_out, accepted + edited + drawn, 0, 0, accepted, edited, rejected, drawn
FROM bench_unit u WHERE {BEFORE}
UNION ALL
SELECT app.new_id(), %(org)s, %(project)s, %(worker)s, %(review)s, reviewer, day, 1000 * (25 + h %% 9), reviewing,
       1000 * (25 + h %% 9), 1, false, 0, 0, 0, 0, 0, 0, 0
FROM bench_unit u WHERE {BEFORE}""",
    """
INSERT INTO work_day (id, org_id, project_id, worker_org_id, stage_id, person, day, active_ms, claimed, first_claims,
                      waited_ms, submitted, reworked, skipped, released, done, drawn, accepted, edited, rejected)
SELECT app.new_id(), org_id, project_id, worker_org_id, stage_id, person, day, sum(active_ms), count(*), count(*),
       450000 * count(*), count(*), 0, count(*) / 50, 0, sum(added), sum(drawn), sum(accepted), sum(edited),
       sum(rejected)
FROM task_day GROUP BY 2, 3, 4, 5, 6, 7""",
    f"""
INSERT INTO suggestion_day (id, org_id, project_id, worker_org_id, stage_id, person, day, label_id, model_version_id,
                            band, held_out, accepted, edited, rejected, missed)
SELECT app.new_id(), %(org)s, %(project)s, %(worker)s, %(label)s, author, day, label, version, band, held_out,
       sum(accepted), sum(edited), sum(rejected), sum(drawn)
FROM (SELECT author, day, one AS label, %(version)s::uuid AS version, band, held_out, accepted, edited, rejected,
             0 AS drawn FROM bench_unit u WHERE {BEFORE}
      UNION ALL SELECT author, day, two, NULL, NULL, held_out, 0, 0, 0, drawn FROM bench_unit u WHERE {BEFORE}) s
GROUP BY author, day, label, version, band, held_out""",
    f"""
INSERT INTO object_day (id, org_id, project_id, worker_org_id, stage_id, reviewer, author, day, label_id, kept, changed,
                        removed, added, returned)
SELECT app.new_id(), %(org)s, %(project)s, %(worker)s, %(label)s, reviewer, author, day, label, sum(kept), sum(changed),
       0, sum(added), 0
FROM (SELECT reviewer, author, day, one AS label, 3 AS kept, h %% 2 AS changed, 0 AS added
      FROM bench_unit u WHERE {BEFORE}
      UNION ALL SELECT reviewer, author, day, two, 2, 0, h %% 2 FROM bench_unit u WHERE {BEFORE}) s
GROUP BY reviewer, author, day, label""",
    f"""
INSERT INTO verdict_day (id, org_id, project_id, worker_org_id, stage_id, reviewer, author, day, verdict, reason,
                         is_first, number)
SELECT app.new_id(), %(org)s, %(project)s, %(worker)s, %(label)s, reviewer, author, day, verdict,
       CASE verdict WHEN 'reject' THEN 'missed' ELSE '' END, true, count(*)
FROM bench_unit u WHERE {BEFORE} GROUP BY reviewer, author, day, verdict""",
    f"""
INSERT INTO run_day (id, org_id, project_id, pipeline_run_id, day, made, finished)
SELECT app.new_id(), %(org)s, %(project)s, %(run)s, day, count(*) + 100, count(*)
FROM bench_unit u WHERE {BEFORE} GROUP BY day""",
)
# Built after the rows, which is several times quicker; as in the migrations.
INDEXES = (
    "activity_event_project ON activity_event (org_id, project_id, at)",
    "activity_event_task ON activity_event (org_id, task_id, at) WHERE task_id IS NOT NULL",
    "activity_event_xact ON activity_event (org_id, xact)",
    "activity_event_actor ON activity_event (org_id, actor_id, at)",
    "activity_event_units ON activity_event (org_id, project_id, at) WHERE kind IN ('unit.finished', 'units.made')",
)
TABLES = ("activity_event", "task_day", "work_day", "run_day", "suggestion_day", "object_day", "verdict_day", "task")


def load(admin: psycopg.Connection, values: dict[str, Any], events: int) -> int:
    """All rows; gives how many events there are."""
    values = values | {"units": events // EVENTS_OF_A_UNIT, "recounted": RECOUNTED_DAYS}
    admin.execute("SET maintenance_work_mem = '512MB'")
    admin.execute("SET max_parallel_maintenance_workers = 2")
    admin.execute(UNITS, values)
    for month in range(5):
        admin.execute("SELECT app.make_activity_partition((current_date - %s::integer)::date)", [30 * month])
    for index in INDEXES:
        admin.execute(f"DROP INDEX {index.split()[0]}".encode())
    admin.execute(EVENTS, values)
    for index in INDEXES:
        admin.execute(f"CREATE INDEX {index}".encode())
    for statement in ROLL_UPS:
        admin.execute(statement.encode(), values)
    for table in TABLES:
        admin.execute(f"VACUUM ANALYZE {table}".encode())
    ((number,),) = admin.execute("SELECT count(*) FROM activity_event").fetchall()
    return int(number)
