from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0002_walls")]
    operations = [
        migrations.AddIndex(
            model_name="inference",
            index=models.Index(
                condition=models.Q(("state", "done")),
                fields=["model_version", "-finished_at"],
                name="inference_lately",
            ),
        ),
    ]
