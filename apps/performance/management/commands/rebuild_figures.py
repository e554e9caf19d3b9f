"""`manage.py rebuild_figures [slug]`: all figures made anew from the events."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.models import Organization
from apps.core.tenancy import tenant_tx
from apps.jobs.periodic import every_organization
from apps.performance.services.rebuilding import rebuild


class Command(BaseCommand):
    help = "Throw the figures of every organization, or of one, away and make them anew from the activity events."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which organization."""
        parser.add_argument("organization", nargs="?", help="the slug; without it, all of them")

    def handle(self, *args: Any, **options: Any) -> None:
        """One transaction for each organization; pages show the old figures until it ends."""
        wanted = options["organization"]
        found = False
        for context in every_organization():
            with tenant_tx(context):
                slug = Organization.objects.values_list("slug", flat=True).get(pk=context.org_id)
                if wanted in (None, slug):
                    found = True
                    self.stdout.write(f"{slug}: {rebuild():,} days of people")
        if wanted and not found:
            raise CommandError(f"There is no organization called {wanted}.")
