"""Put items of a run's dataset on its line: the next ones in their order, and those that arrive while it runs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.db import connection

from apps.activity import services as activity
from apps.catalog.filters import Filter, read_filter
from apps.catalog.own_fields import lowered
from apps.catalog.selectors.items import items_among, scope_of
from apps.catalog.selectors.lists import Place, Walk, count, find, plan_of
from apps.catalog.services.refreshing import refresh_items
from apps.distribution.models import PipelineRun, RunState, TaskKind, TaskState
from apps.pipelines.models import PipelineVersion, Stage, StageKind, UnitKind
from apps.pipelines.settings import DatasetSettings, settings_of
from apps.projects.models import Dataset, Item, Project

from .counts import announce_counts
from .machines import start_entered

FED = (RunState.FILLING, RunState.RUNNING, RunState.PAUSED)
COUNTED = 10_000

# Held, so that a deletion comes before these units or finds them: it tells of pictures once. An item that has a unit
# already, because it was fed while the run was being filled, is passed over.
TAKE = """
WITH source AS MATERIALIZED (
  SELECT i.id FROM item i JOIN dataset d ON d.org_id = i.org_id AND d.id = i.dataset_id
  WHERE i.org_id = %(org)s AND i.dataset_id = %(dataset)s AND {which}
    AND i.deleted_at IS NULL AND d.deleted_at IS NULL
  ORDER BY i.id LIMIT %(limit)s FOR SHARE),
units AS (
  INSERT INTO unit (id, org_id, project_id, pipeline_run_id, item_id, kind, open_children, open_slots, workers,
                    worker_orgs, state)
  SELECT app.new_id(), %(org)s, %(project)s, %(run)s, source.id, 'item', 0,
         CASE WHEN %(slots)s > 1 THEN %(slots)s ELSE 0 END, '{{}}', '{{}}', 'open'
  FROM source ORDER BY source.id
  ON CONFLICT DO NOTHING RETURNING id, item_id),
tasks AS (
  INSERT INTO task (id, org_id, project_id, pipeline_run_id, stage_id, unit_id, kind, round, slot, state, arm, priority,
                    due_at, required_skill, preferred_until, postponed, note, skipped_by, skip_reason, attempt,
                    error_code, created_at)
  SELECT app.new_id(), %(org)s, %(project)s, %(run)s, %(stage)s, units.id, %(kind)s, 1, slot, %(state)s,
         app.arm(%(stage)s, units.id, %(held_out)s), %(priority)s, %(due)s, %(skill)s, '9999-12-31Z', false, '', '{{}}',
         '', 0, '', clock_timestamp()
  FROM units CROSS JOIN generate_series(1, %(slots)s) AS slot ORDER BY units.item_id, slot RETURNING id)
SELECT (SELECT id FROM source ORDER BY id DESC LIMIT 1), (SELECT count(*) FROM units), ARRAY(SELECT id FROM tasks)
"""
NEXT, THESE = "i.id > %(after)s", "i.id = ANY(%(items)s)"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a version's items come from: its dataset stage's settings, and the stage to which they go first."""

    settings: DatasetSettings
    first: Stage


def source_of(version_id: UUID) -> Source:
    """Of a published version."""
    stage = Stage.objects.select_related("next").get(pipeline_version_id=version_id, kind=StageKind.DATASET)
    return Source(settings_of(StageKind.DATASET, stage.settings), stage.next)


def take_next(run: PipelineRun, limit: int) -> bool:
    """Units for the next items of a held run, as far as its filter finds them; False when none are left.

    The run remembers how far it has looked, in the caller's transaction.
    """
    source = source_of(run.pipeline_version_id)
    if not source.settings.filter:
        looked_to = _take(run, source, limit, NEXT, after=run.taken_to or UUID(int=0))
    else:
        found, looked_to = _found(run, source, limit)
        _take(run, source, limit, THESE, items=found)
    if looked_to:
        run.taken_to = looked_to
        run.save(update_fields=["taken_to", "units_made"])
    return looked_to is not None


def feed_runs(*, dataset_id: UUID, items: Sequence[UUID]) -> None:
    """Items have arrived: runs of their dataset that take what comes put those on the line that their filter lets in,
    as the items are now. Safe to repeat. In the caller's transaction, for the owner."""
    runs = PipelineRun.objects.filter(dataset_id=dataset_id, state__in=FED).order_by("pk")
    for run in runs.select_for_update(no_key=True, of=("self",)).select_related("project"):
        source = source_of(run.pipeline_version_id)
        if not source.settings.feed:
            continue
        wanted = list(items)
        if source.settings.filter:
            refresh_items(org_id=run.org_id, project_id=run.project_id, items=wanted)
            chosen = filter_of(run.project, source.settings)
            wanted = items_among(scope_of(run.project, [run.dataset]), chosen, wanted)
        _take(run, source, len(wanted), THESE, items=wanted)
        run.save(update_fields=["units_made"])
        announce_counts(run.project_id)


def filter_of(project: Project, settings: DatasetSettings) -> Filter:
    """What a dataset stage's filter means now. Raises UnknownFilter, UnknownValue and InvalidText."""
    return read_filter(project, dict(parse_qsl(settings.filter)))


def expected_items(version: PipelineVersion, dataset: Dataset) -> int | None:
    """About how many items a run will take: counted where they are few, else as the planner guesses, else unknown.

    Raises as `filter_of` does.
    """
    settings = source_of(version.pk).settings
    if settings.filter:
        scope = scope_of(dataset.project, [dataset])
        bounded = count(scope, plan_of(scope, filter_of(dataset.project, settings)))
        return bounded.number if bounded.exact else None
    there = "SELECT FROM item WHERE org_id = %s AND dataset_id = %s AND deleted_at IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({there} LIMIT %s) few", [dataset.org_id, dataset.pk, COUNTED])  # noqa: S608
        number: int = cursor.fetchone()[0]
        if number < COUNTED:
            return number
        cursor.execute(f"EXPLAIN (FORMAT JSON) {there}", [dataset.org_id, dataset.pk])
        plan = cursor.fetchone()[0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return max(number, int(plan[0]["Plan"]["Plan Rows"]))


def _found(run: PipelineRun, source: Source, limit: int) -> tuple[list[UUID], UUID | None]:
    """The next items of the filter, and the last one that was looked at."""
    scope, chosen = scope_of(run.project, [run.dataset]), filter_of(run.project, source.settings)
    after = None
    if run.taken_to:
        name = Item.objects.values_list("name", flat=True).get(pk=run.taken_to) if chosen.ordered_by else ""
        after = Place(run.taken_to, f"name={lowered(name)}" if name else "")
    found = find(scope, plan_of(scope, chosen), Walk(after), limit)
    items = [place.item for place in found.places]
    stopped = found.stopped_at.item if found.stopped_at else None
    return items, stopped or (items[-1] if items else None)


def _take(run: PipelineRun, source: Source, limit: int, which: str, **places: Any) -> UUID | None:
    """Gives the last item that was looked at."""
    stage = source.first
    values = {
        "org": run.org_id,
        "project": run.project_id,
        "run": run.pk,
        "dataset": run.dataset_id,
        "limit": limit,
        "stage": stage.pk,
        "kind": TaskKind.HUMAN if _is_for_people(stage) else TaskKind.MACHINE,
        "state": TaskState.READY if _is_for_people(stage) else TaskState.WAITING,
        "slots": stage.overlap if _is_for_people(stage) else 1,
        "held_out": stage.held_out,
        "priority": run.priority,
        "due": run.due_at,
        "skill": stage.settings.get("skill"),
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE.format(which=which), values | places)
        last, made, tasks = cursor.fetchone()
    if tasks and not _is_for_people(stage):
        start_entered(tasks)
    if made:
        run.units_made += made
        activity.record_activity("units.made", run, run=str(run.pk), units=made)
    return last  # type: ignore[no-any-return]


def _is_for_people(stage: Stage) -> bool:
    """One that asks about objects is a machine's first: it takes the item apart."""
    return stage.is_human and stage.unit == UnitKind.ITEM
