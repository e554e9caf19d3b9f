"""Items that come with their prediction; and models that run elsewhere are no choice in the editor."""

from importlib import import_module

import django.db.models.manager
from django.db import migrations, models
from django.db.models import RESTRICT

import apps.core.ids
import apps.core.models
from apps.core.operations import SecureTable

engine = import_module("apps.distribution.migrations.0012_micro_task_engine")
SERVING = "FROM deployment d WHERE d.org_id = p_owner AND d.project_id = t.project_id"
FRAMES: str = engine.FRAMES.replace(SERVING, f"{SERVING} AND NOT d.is_external")


def _key(to: str, *, null: bool = False) -> apps.core.models.TenantKey:
    return apps.core.models.TenantKey(db_constraint=False, null=null, on_delete=RESTRICT, related_name="+", to=to)


class Migration(migrations.Migration):
    dependencies = [
        ("distribution", "0014_tallies"),
        ("jobs", "0002_walls"),
        ("predictions", "0005_external"),
        ("projects", "0003_fingerprint"),
    ]
    operations = [
        migrations.CreateModel(
            name="Intake",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("org_id", models.UUIDField(editable=False)),
                ("external_id", models.CharField(default="", max_length=200)),
                ("priority", models.SmallIntegerField(default=100)),
                ("deadline", models.DateTimeField(null=True)),
                ("met", models.BooleanField(null=True)),
                ("sent", models.JSONField(default=dict)),
                ("error_code", models.TextField(default="")),
                ("error_message", models.TextField(default="")),
                ("created_by", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("dataset", _key("projects.dataset")),
                ("deployment", _key("predictions.deployment")),
                ("inference", _key("predictions.inference", null=True)),
                ("item", _key("projects.item", null=True)),
                ("job", _key("jobs.job", null=True)),
                ("pipeline_run", _key("distribution.pipelinerun")),
                ("project", _key("projects.project")),
                ("unit", _key("distribution.unit", null=True)),
            ],
            options={"db_table": "intake", "abstract": False, "base_manager_name": "across_tenants"},
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("across_tenants", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex("intake", models.Index(fields=["org_id", "dataset", "id"], name="intake_of_dataset")),
        migrations.AddIndex(
            "intake",
            models.Index(condition=models.Q(("unit__isnull", False)), fields=["org_id", "unit"], name="intake_of_unit"),
        ),
        migrations.AddIndex(
            "intake",
            models.Index(
                condition=models.Q(("deadline__isnull", False), ("met", None)),
                fields=["org_id", "deadline"],
                name="intake_due",
            ),
        ),
        SecureTable("Intake", "shared"),
        migrations.RunSQL(FRAMES, migrations.RunSQL.noop),
    ]
