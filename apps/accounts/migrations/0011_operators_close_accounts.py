"""The operator's `close_account` ends a person's sessions; it runs as the worker."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_columns_of_people")]
    operations = [
        migrations.RunSQL(
            "GRANT SELECT (user_id) ON session TO app_worker",
            "REVOKE SELECT (user_id) ON session FROM app_worker",
        )
    ]
