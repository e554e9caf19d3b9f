"""The walls around recipes."""

from django.db import migrations

from apps.core.operations import SecureTable


class Migration(migrations.Migration):
    dependencies = [("recipes", "0001_initial"), ("projects", "0002_walls")]
    operations = [
        SecureTable("Recipe", "shared"),
        SecureTable("Label", "shared"),
        SecureTable("RecipeVersion", "shared"),
    ]
