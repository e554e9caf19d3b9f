"""The gallery without a filter is read and counted from an index alone, what row-level security asks of it included."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_walls")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX item_of_gallery ON item (org_id, project_id, dataset_id, id) WHERE deleted_at IS NULL",
            "DROP INDEX item_of_gallery",
        )
    ]
