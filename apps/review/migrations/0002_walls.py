"""The walls around verdicts."""

from django.db import migrations

from apps.core.operations import SecureTable


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial"), ("distribution", "0002_walls")]
    operations = [
        SecureTable("Verdict", "work"),
    ]
