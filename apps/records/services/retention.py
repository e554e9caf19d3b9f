"""Remove what is older than the table in `retention.py` allows. Only a worker may; safe to repeat."""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from apps.core import files
from apps.core.tenancy import active_tenant
from apps.jobs.periodic import visit_organizations
from apps.records.models import OwnData, OwnDataState
from apps.records.retention import RETENTION, Line


def forget_past() -> None:
    """Each organization's rows, then what belongs to people."""
    visit_organizations(_forget_in_organization)
    with transaction.atomic():
        _forget_files()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM session WHERE expire_date < now()")


def _forget_in_organization() -> None:
    for line in RETENTION:
        if line.which and line.days is not None:
            _remove(line, line.days)


def _remove(line: Line, days: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {line.table} WHERE org_id = %(org)s AND ({line.which})",  # noqa: S608 - our own table
            {"org": active_tenant().org_id, "before": timezone.now() - timedelta(days=days)},
        )


def _forget_files() -> None:
    (days,) = (line.days for line in RETENTION if line.table == "own_data")
    before = timezone.now() - timedelta(days=days or 0)
    for row in OwnData.objects.filter(state=OwnDataState.READY, finished_at__lt=before):
        files.remove(row.path)
        row.delete()
