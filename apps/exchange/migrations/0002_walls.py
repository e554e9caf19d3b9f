"""The walls around exports."""

from django.db import migrations

from apps.core.operations import SecureTable


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial"), ("projects", "0002_walls"), ("jobs", "0002_walls")]
    operations = [
        SecureTable("Export", "shared"),
    ]
