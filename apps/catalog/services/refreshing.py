"""Keep the facets equal to what they are made from: marks are worked off within a second or two of a change.

All fields' SQL together says in which lists items stand; one statement takes the rows that are no longer true and adds
those that are new. So there is one way to make facets, and a mark more than needed changes nothing.
"""

import logging
from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import connection

from apps.catalog.fields import every_field
from apps.catalog.models import StaleItem
from apps.core.tenancy import Context, owner_context, tenant_tx
from apps.jobs.services import request

logger = logging.getLogger(__name__)

BATCH = 500
CATCH_UP = "catalog.catch_up"
# With more than this waiting, a job works it off, so that the scheduler is never kept long.
BACKLOG = 2000

# Materialized, since the planner may run a subquery of IN again for each row, and would then take more than a batch.
TAKE = """WITH batch AS MATERIALIZED (
  SELECT id FROM stale_item WHERE org_id = %s AND project_id = %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
DELETE FROM stale_item s USING batch WHERE s.id = batch.id RETURNING s.item_id"""

# Who refreshes a project goes alone: of two, the one with the older picture could write last.
ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('catalog:' || %s, 0))"

REFRESH = """
WITH told (item_id, term) AS ({sources}),
wanted AS MATERIALIZED (
  SELECT DISTINCT i.dataset_id, told.term COLLATE "C" AS term, i.id AS item_id
  FROM item i JOIN told ON told.item_id = i.id
  WHERE i.org_id = %(org)s AND i.project_id = %(project)s AND i.id = ANY(%(items)s) AND i.deleted_at IS NULL),
gone AS (
  DELETE FROM item_facet f WHERE f.org_id = %(org)s AND f.item_id = ANY(%(items)s) AND NOT EXISTS (
    SELECT FROM wanted w WHERE w.item_id = f.item_id AND w.term = f.term AND w.dataset_id = f.dataset_id))
INSERT INTO item_facet (org_id, project_id, dataset_id, term, item_id)
SELECT %(org)s, %(project)s, dataset_id, term, item_id FROM wanted
ON CONFLICT DO NOTHING
"""


def refresh_items(*, org_id: UUID, project_id: UUID, items: Sequence[UUID]) -> None:
    """Make the facets of some items anew, in the caller's transaction."""
    if not items:
        return
    sources = "\nUNION ALL ".join(field.sql for field in every_field() if field.sql)
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [str(project_id)])
        cursor.execute(REFRESH.format(sources=sources), {"org": org_id, "project": project_id, "items": list(items)})


def refresh_stale() -> int:
    """Work off what is marked, a batch of each project; gives the number of items. The scheduler's, for all.

    What fails in one project is logged and keeps no other waiting. Raises only where the database has gone away.
    """
    refreshed = 0
    for org_id, project_id in list(StaleItem.across_tenants.order_by().values_list("org_id", "project_id").distinct()):
        try:
            refreshed += _refresh_project(org_id, project_id)
        except Exception:
            if not connection.is_usable():
                raise
            logger.exception("the facets of project %s were not refreshed", project_id)
    return refreshed


def catch_up(*, context: Context, project_id: UUID, progress: Callable[[int], None]) -> int:
    """Work off all that is marked in a project; gives the number of items."""
    refreshed = 0
    while True:
        with tenant_tx(context):
            batch = take_marked(org_id=context.org_id, project_id=project_id)
        refreshed += batch
        progress(refreshed)
        if not batch:
            return refreshed


def mark_project(*, org_id: UUID, project_id: UUID) -> int:
    """Ask for all facets of a project to be made anew, as after a change of a field's SQL; gives how many items."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stale_item (org_id, project_id, item_id)"
            " SELECT org_id, project_id, id FROM item WHERE org_id = %s AND project_id = %s",
            [org_id, project_id],
        )
        marked = int(cursor.rowcount)
    if marked > BACKLOG:
        request(kind=CATCH_UP, input={"project": project_id}, org_id=org_id, project_id=project_id)
    return marked


def take_marked(*, org_id: UUID, project_id: UUID) -> int:
    """One batch of marks, worked off in the caller's transaction; gives how many marks there were."""
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [str(project_id)])
        cursor.execute(TAKE, [org_id, project_id, BATCH])
        marked = [row[0] for row in cursor.fetchall()]
    refresh_items(org_id=org_id, project_id=project_id, items=sorted(set(marked)))
    return len(marked)


def _refresh_project(org_id: UUID, project_id: UUID) -> int:
    with tenant_tx(owner_context(org_id)):
        waiting = StaleItem.objects.filter(org_id=org_id, project_id=project_id).order_by("id")
        if waiting.values_list("pk")[BACKLOG : BACKLOG + 1]:
            request(kind=CATCH_UP, input={"project": project_id}, org_id=org_id, project_id=project_id)
        return take_marked(org_id=org_id, project_id=project_id)
