"""Of a unit that several people work on nobody gets two parts in one claim, nor more than the caps in it, and when it
comes back one part is kept for who is told why, the others are anybody's.
"""

from importlib import import_module

from django.db import migrations

micro_tasks = import_module("apps.distribution.migrations.0012_micro_task_engine")

ENTER: str = micro_tasks.ENTER.replace(
    "s.settings ->> 'skill', p_person, coalesce",
    "s.settings ->> 'skill', CASE WHEN number = 1 THEN p_person END, coalesce",
)

# What a claim has taken so far is not leased yet: the rows do not show it.
CLAIM: str = (
    micro_tasks.CLAIM.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    .replace(
        "AND (s.overlap = 1 OR (SELECT",
        """AND (s.overlap = 1 OR (SELECT o.id FROM task o WHERE o.id = ANY(taken) AND o.unit_id = t.unit_id
               AND o.stage_id = s.id LIMIT 1) IS NULL AND (SELECT""",
    )
    .replace(
        """      FOR UPDATE OF t SKIP LOCKED);
    taken := taken || ids;""",
        """      FOR UPDATE OF t SKIP LOCKED);
    IF s.overlap > 1 THEN
      ids := ARRAY(SELECT (array_agg(t.id))[1] FROM task t WHERE t.id = ANY(ids) GROUP BY t.unit_id);
    END IF;
    taken := taken || ids;""",
    )
    .replace("free, s.most_held, ", "free, s.most_held - least(s.most_held, {here}), ")
    .replace("s.most_per_person)", "s.most_per_person - least(s.most_per_person, {here}))")
    .replace("{here}", "(SELECT count(*)::integer FROM task o WHERE o.id = ANY(taken) AND o.stage_id = s.id)")
)


class Migration(migrations.Migration):
    dependencies = [("distribution", "0015_intakes")]
    operations = [migrations.RunSQL(ENTER + CLAIM, migrations.RunSQL.noop)]
