"""A prediction run belongs to the side that asked for it: of two vendors on a project neither sees the other's runs."""

from django.db import migrations, models

from apps.core.operations import CONDITIONS
from apps.core.tenancy import Policy

# Whose it was stands in its job; the owner of the tables would be blind under FORCE.
FILL = """
ALTER TABLE prediction_run NO FORCE ROW LEVEL SECURITY;
ALTER TABLE job NO FORCE ROW LEVEL SECURITY;
UPDATE prediction_run r SET worker_org_id = coalesce(
  (SELECT j.worker_org_id FROM job j WHERE j.org_id = r.org_id AND j.id = r.job_id), r.org_id);
SET CONSTRAINTS ALL IMMEDIATE;  -- checks that wait for the end would keep the tables from being altered
ALTER TABLE prediction_run FORCE ROW LEVEL SECURITY;
ALTER TABLE job FORCE ROW LEVEL SECURITY;
"""


def policy(one: Policy) -> str:
    """The table's policy of this class."""
    condition = CONDITIONS[one].format(project="project_id")
    return f"ALTER POLICY tenant ON prediction_run USING ({condition}) WITH CHECK ({condition})"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_bands_of_all_versions")]
    operations = [
        migrations.AddField("predictionrun", "worker_org_id", models.UUIDField(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("predictionrun", "worker_org_id", models.UUIDField()),
        migrations.RunSQL(policy(Policy.WORK), policy(Policy.SHARED)),
    ]
