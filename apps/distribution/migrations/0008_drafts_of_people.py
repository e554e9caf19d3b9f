"""A person's newest drafts, of which My work shows those that were kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("distribution", "0007_submissions_of_projects")]
    operations = [
        migrations.AddIndex(
            model_name="draft", index=models.Index(fields=["author_id", "-updated_at"], name="draft_newest")
        )
    ]
