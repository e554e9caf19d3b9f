"""The walls around threads, comments and notifications."""

from django.db import migrations

from apps.core.operations import SecureTable


class Migration(migrations.Migration):
    dependencies = [("discussion", "0001_initial"), ("distribution", "0003_engine")]
    operations = [
        SecureTable("Thread", "work"),
        SecureTable("Comment", "work"),
        SecureTable("Notification", "work"),
    ]
