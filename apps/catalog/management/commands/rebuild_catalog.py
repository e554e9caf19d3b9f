"""`manage.py rebuild_catalog`: marks every item, so that the scheduler makes all facets anew."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.catalog.services.refreshing import mark_project
from apps.core.tenancy import tenant_tx
from apps.jobs.periodic import every_organization
from apps.projects.models import Project


class Command(BaseCommand):
    help = "Mark all items, so that the scheduler makes the lists by which they are found anew."

    def handle(self, *args: Any, **options: Any) -> None:
        """A transaction for each organization; safe to repeat, and while people work."""
        marked = 0
        for context in every_organization():
            with tenant_tx(context):
                for project in Project.objects.filter(org_id=context.org_id):
                    marked += mark_project(org_id=context.org_id, project_id=project.pk)
        self.stdout.write(f"Items marked: {marked:,}. The scheduler works them off.")
