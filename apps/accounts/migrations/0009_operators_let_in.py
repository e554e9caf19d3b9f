"""The operator's `let_in` turns a second factor off; it runs as the worker."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_sign_in_walls")]
    operations = [
        migrations.RunSQL(
            "GRANT SELECT, DELETE ON mfa_authenticator TO app_worker",
            "REVOKE SELECT, DELETE ON mfa_authenticator FROM app_worker",
        )
    ]
