"""The latest tasks of a project are found through one index, and figures about them are read from it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("performance", "0002_walls"),
        ("projects", "0002_walls"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="taskday",
            name="task_day_ended",
        ),
        migrations.AddIndex(
            model_name="taskday",
            index=models.Index(
                fields=["org_id", "project", "day"],
                include=("stage_id", "person", "worker_org_id", "active_ms", "total_ms", "added", "changed"),
                name="task_day_latest",
            ),
        ),
    ]
