"""Whether the audit still is what was sealed."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from apps.accounts.models import Organization
from apps.activity.verifying import Head, Verified, verify
from apps.core.tenancy import tenant_tx
from apps.jobs.periodic import every_organization


class Command(BaseCommand):
    help = "Walk the audit's chain of every organization, or of one, and name the first row that is not as sealed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One organization, and where the ends of the chains are kept."""
        parser.add_argument("organization", nargs="?", help="its short name in addresses; without it, all")
        parser.add_argument("--heads", type=Path, help="file of the chains' ends: compared if there, then written anew")

    def handle(self, *args: Any, organization: str | None, heads: Path | None, **options: Any) -> None:
        """Each in its own context; read only. Exit status 1 where anything is found."""
        kept = _read(heads)
        broken = asked = 0
        for context in every_organization():
            with tenant_tx(context):
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION READ ONLY")
                slug = Organization.objects.values_list("slug", flat=True).get(pk=context.org_id)
                if organization not in {None, slug}:
                    continue
                found = verify(kept.get(str(context.org_id)))
            asked += 1
            broken += found.finding is not None
            self.stdout.write(_said(slug, found))
            if found.head and not found.finding:
                kept[str(context.org_id)] = found.head
        if not asked:
            raise CommandError("There is no such organization.")
        if broken:
            raise CommandError(f"The audit of {broken} of {asked} organizations is not as it was sealed.")
        if heads:
            heads.write_text(json.dumps({org: [head.seq, head.hash] for org, head in kept.items()}, indent=1) + "\n")


def _read(heads: Path | None) -> dict[str, Head]:
    if heads is None or not heads.exists():
        return {}
    return {org: Head(*one) for org, one in json.loads(heads.read_text()).items()}


def _said(slug: str, found: Verified) -> str:
    if found.finding:
        return f"{slug}: {found.finding.kind}: {found.finding.sentence}"
    head = f", head {found.head.seq} {found.head.hash}" if found.head else ""
    return f"{slug}: {found.sealed} rows as sealed, {found.waiting} not sealed yet{head}"
