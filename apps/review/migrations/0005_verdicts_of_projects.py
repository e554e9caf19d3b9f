"""How verdicts of a project are walked through by time: evidence is drawn from them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0003_shapes"),
        ("distribution", "0007_submissions_of_projects"),
        ("projects", "0002_walls"),
        ("review", "0004_walls_of_tallies"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(fields=["org_id", "project", "at"], name="verdict_of_project"),
        ),
    ]
