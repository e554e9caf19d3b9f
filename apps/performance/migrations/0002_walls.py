"""The walls around figures."""

from django.db import migrations

from apps.core.operations import SecureTable


class Migration(migrations.Migration):
    dependencies = [
        ("performance", "0001_initial"),
        ("activity", "0003_projecting"),
        ("review", "0004_walls_of_tallies"),
    ]
    operations = [
        SecureTable("TaskDay", "work"),
        SecureTable("WorkDay", "work"),
        SecureTable("RunDay", "shared"),
        SecureTable("FigureMark", "private"),
    ]
