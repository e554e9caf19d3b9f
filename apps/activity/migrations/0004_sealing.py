"""The chain of audit rows, which only a worker may write, and the ways in which the audit is read."""

import django.db.models.manager
from django.db import migrations, models

from apps.core.operations import SecureTable


class Migration(migrations.Migration):
    dependencies = [("activity", "0003_projecting")]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("event_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("org_id", models.UUIDField()),
                ("worker_org_id", models.UUIDField(null=True)),
                ("project_id", models.UUIDField(null=True)),
                ("seq", models.BigIntegerField()),
                ("previous", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
            ],
            options={"db_table": "audit_seal", "base_manager_name": "across_tenants"},
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("across_tenants", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex("auditevent", models.Index(fields=["org_id", "id"], name="audit_event_line")),
        migrations.AddIndex("auditevent", models.Index(fields=["org_id", "at"], name="audit_event_at")),
        migrations.AddIndex("auditevent", models.Index(fields=["worker_org_id", "at"], name="audit_event_worker_at")),
        migrations.AddIndex("auditseal", models.Index(fields=["org_id", "event_id"], name="audit_seal_event")),
        migrations.AddConstraint("auditseal", models.UniqueConstraint(fields=("org_id", "seq"), name="audit_seal_seq")),
        SecureTable("AuditSeal", "work", append_only=True, org_key=False, unique=False),
        migrations.RunSQL("REVOKE INSERT ON audit_seal FROM app_web", migrations.RunSQL.noop),
    ]
