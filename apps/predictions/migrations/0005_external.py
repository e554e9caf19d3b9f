"""Deployments of models that run elsewhere."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0004_stands_for")]
    operations = [migrations.AddField("deployment", "is_external", models.BooleanField(default=False))]
