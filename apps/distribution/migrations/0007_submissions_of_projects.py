"""How submissions of a project are walked through by time: evidence is drawn from them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0003_shapes"),
        ("distribution", "0006_once_in_a_claim"),
        ("projects", "0002_walls"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["org_id", "project", "at"], name="submission_of_project"),
        ),
    ]
