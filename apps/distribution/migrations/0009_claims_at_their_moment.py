"""The event of a claim stood a moment after the claim, and a pulse that was drawn in to the claim stood before it.

Then the time before the claim counted as active: whoever gave great ages to the pulses got it for the asking.
"""

from importlib import import_module

from django.db import migrations

RECORD: str = import_module("apps.distribution.migrations.0004_measures").RECORD
WHEN_WRITTEN = "p_user, p_kind, clock_timestamp(),"
WHEN_CLAIMED = """p_user, p_kind,
          CASE WHEN p_kind = 'task.claimed' THEN k.claimed_at ELSE clock_timestamp() END,"""


class Migration(migrations.Migration):
    dependencies = [("distribution", "0008_drafts_of_people")]
    operations = [migrations.RunSQL(RECORD.replace(WHEN_WRITTEN, WHEN_CLAIMED), RECORD)]
