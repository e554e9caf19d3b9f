"""The walls around annotations."""

from django.db import migrations

from apps.core.operations import SecureTable


class Migration(migrations.Migration):
    dependencies = [("annotation", "0001_initial"), ("recipes", "0002_walls")]
    operations = [
        SecureTable("AnnotationRevision", "work"),
        SecureTable("Annotation", "shared"),
    ]
