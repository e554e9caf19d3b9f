"""Work that managers give to people remembers for whom it was given; a placed task waits for those before it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("distribution", "0012_micro_task_engine")]
    operations = [
        migrations.AddField("task", "assigned_org_id", models.UUIDField(null=True)),
        migrations.AddField("task", "comes_after", models.PositiveSmallIntegerField(null=True)),
        migrations.AddIndex(
            "task",
            models.Index(
                condition=models.Q(("kind", "human"), ("state", "waiting")),
                fields=["org_id", "id"],
                name="task_placed",
            ),
        ),
        migrations.AddIndex(
            "task",
            models.Index(
                condition=models.Q(("state", "skipped")),
                fields=["org_id", "project", "stage", "id"],
                name="task_skipped",
            ),
        ),
    ]
