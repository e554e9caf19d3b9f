"""The walls around models and what they said."""

from django.db import migrations

from apps.core.operations import SecureTable


class Migration(migrations.Migration):
    dependencies = [("predictions", "0001_initial"), ("recipes", "0002_walls")]
    operations = [
        SecureTable("Model", "private"),
        SecureTable("ModelVersion", "private"),
        SecureTable("Deployment", "shared", worker_sees_all=True),
        SecureTable("Inference", "shared", worker_sees_all=True),
        SecureTable("InferenceTile", "shared"),
        SecureTable("Prediction", "shared"),
    ]
