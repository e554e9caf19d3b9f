"""A review behind a machine's stage still judges the submission that came before it; and where nobody has worked on a
unit, a vendor's reviewers may have its review: there is no other vendor's work to see.
"""

from importlib import import_module

from django.db import migrations

micro_tasks = import_module("apps.distribution.migrations.0012_micro_task_engine")
parts = import_module("apps.distribution.migrations.0016_one_part_each")

ADVANCE: str = micro_tasks.ADVANCE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    "CASE WHEN reviewed THEN coalesce(k.reviews_id, CASE WHEN s.kind <> 'review' THEN k.id END) END,",
    "CASE WHEN k.kind = 'human' AND s.kind = 'label' THEN k.id ELSE k.reviews_id END,",
)
# What a person does anew reviews nothing.
ENTER: str = parts.ENTER.replace(
    "false, p_note, p_reviews, '{}'", "false, p_note, CASE WHEN s.kind <> 'label' OR NOT human THEN p_reviews END, '{}'"
)
CLAIM: str = parts.CLAIM.replace(
    "u.worker_orgs <@ ARRAY[p_org] AND u.worker_orgs <> '{}'", "u.worker_orgs <@ ARRAY[p_org]"
)


class Migration(migrations.Migration):
    dependencies = [("distribution", "0016_one_part_each")]
    operations = [migrations.RunSQL(ADVANCE + ENTER + CLAIM, migrations.RunSQL.noop)]
