"""The walls around quality's tallies."""

from django.db import migrations

from apps.core.operations import SecureTable


class Migration(migrations.Migration):
    dependencies = [("review", "0003_tallies"), ("distribution", "0004_measures")]
    operations = [
        SecureTable("SuggestionDay", "work"),
        SecureTable("ObjectDay", "work"),
        SecureTable("VerdictDay", "work"),
    ]
