"""The walls around projects and their data; the engagement's key to its project."""

from django.db import migrations

from apps.core.operations import SecureTable


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial"), ("accounts", "0002_walls"), ("jobs", "0002_walls")]
    operations = [
        SecureTable("Project", "shared", project="id"),
        SecureTable("Dataset", "shared"),
        SecureTable("Item", "shared"),
        SecureTable("Upload", "shared"),
        SecureTable("UploadEntry", "shared"),
        migrations.RunSQL(
            "ALTER TABLE engagement NO FORCE ROW LEVEL SECURITY;"
            "ALTER TABLE project NO FORCE ROW LEVEL SECURITY;"
            "ALTER TABLE engagement ADD CONSTRAINT engagement_project_tenant FOREIGN KEY (org_id, project_id)"
            " REFERENCES project (org_id, id) DEFERRABLE INITIALLY DEFERRED;"
            "ALTER TABLE engagement FORCE ROW LEVEL SECURITY;"
            "ALTER TABLE project FORCE ROW LEVEL SECURITY;",
            "ALTER TABLE engagement DROP CONSTRAINT engagement_project_tenant",
        ),
    ]
