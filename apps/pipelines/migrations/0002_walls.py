"""The walls around pipelines."""

from django.db import migrations

from apps.core.operations import SecureTable


class Migration(migrations.Migration):
    dependencies = [("pipelines", "0001_initial"), ("recipes", "0002_walls")]
    operations = [
        SecureTable("Pipeline", "shared"),
        SecureTable("PipelineVersion", "shared"),
        SecureTable("Stage", "shared"),
    ]
