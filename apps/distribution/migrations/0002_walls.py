"""The walls around runs, units and the work of people."""

from django.db import migrations

from apps.core.operations import SecureTable


class Migration(migrations.Migration):
    dependencies = [("distribution", "0001_initial"), ("pipelines", "0002_walls"), ("annotation", "0002_walls")]
    operations = [
        SecureTable("PipelineRun", "shared"),
        SecureTable("Unit", "shared"),
        SecureTable("Task", "work"),
        SecureTable("Draft", "work"),
        SecureTable("DraftOperation", "work"),
        SecureTable("Submission", "work"),
    ]
