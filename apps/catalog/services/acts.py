"""Acts on many items: a few at once, more in a job that tells its progress and can be cancelled."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.activity.services import record_audit
from apps.catalog.models import ActKind, BulkAct, Subset, SubsetItem
from apps.catalog.selections import Selection, chunks, settle
from apps.catalog.services.refreshing import refresh_items
from apps.core.errors import Invalid, NotFound, Refusal
from apps.core.tenancy import Context, active_tenant, tenant_tx
from apps.jobs import services as jobs
from apps.jobs.models import UNFINISHED, Job, JobState
from apps.jobs.topics import publish
from apps.projects.models import Item, Project
from apps.projects.services.items import MOST_METADATA, MetadataTooLarge

KIND, UNDO = "catalog.act", "catalog.undo"
AT_ONCE = 200
LONGEST_KEY = 100

# Only what changes, and never beyond what an item may hold.
SET_METADATA = f"""UPDATE item SET metadata = (metadata - %(unset)s::text[]) || %(set)s::jsonb
WHERE org_id = %(org)s AND id = ANY(%(items)s) AND deleted_at IS NULL
  AND metadata IS DISTINCT FROM (metadata - %(unset)s::text[]) || %(set)s::jsonb
  AND octet_length(((metadata - %(unset)s::text[]) || %(set)s::jsonb)::text) <= {MOST_METADATA}"""  # noqa: S608


class InvalidMetadata(Invalid):
    code = "invalid_metadata"
    message = f"Give at least one metadata key of 1 to {LONGEST_KEY} characters to set or to remove."


class SubsetGone(Refusal):
    code = "subset_gone"
    message = "This subset was deleted meanwhile. Choose another, then start again."


class NotUndone(Refusal):
    code = "cannot_be_undone"
    message = "Only a deletion can be undone, and only once."


@transaction.atomic
def start_act(*, project: Project, kind: ActKind, selection: Selection, parameters: dict[str, Any]) -> BulkAct:
    """Do it at once to AT_ONCE items or fewer, else ask for a job. Raises what `settle` raises, InvalidMetadata,
    NotFound for an unknown subset.
    """
    parameters = _checked(project, kind, parameters)
    selection, small = settle(project, selection, AT_ONCE)
    act: BulkAct = BulkAct.objects.create(
        org_id=project.org_id,
        project=project,
        kind=kind,
        parameters=parameters,
        selection=selection.stored(),
        author_id=active_tenant().user_id,
        at=timezone.now(),
    )
    if small:
        act.changed = _apply(act, selection.items)
        act.save(update_fields=["changed"])
        refresh_items(org_id=act.org_id, project_id=act.project_id, items=selection.items)
    else:
        act.job = jobs.request(kind=KIND, input={"act": act.pk}, org_id=act.org_id, project_id=act.project_id)
        act.save(update_fields=["job"])
    record_audit(f"bulk_act.{kind}", act, after=act.selection, count=act.changed)
    return act


def carry_out(*, context: Context, act_id: UUID, progress: Callable[[int], None]) -> int:
    """The job's part: a transaction for each chunk. Safe to repeat: what is changed already is not changed again."""
    with tenant_tx(context):
        act: BulkAct = BulkAct.objects.select_related("project").get(pk=act_id)
    seen = 0
    for chunk in chunks(context, act.project, Selection.of(act.selection)):
        progress(seen)
        with tenant_tx(context):
            # Held, so that an undo comes before this chunk or after it, and never brings back less than was hidden.
            if BulkAct.objects.select_for_update().get(pk=act.pk).undone_at is not None:
                return seen
            changed = _apply(act, chunk)
            BulkAct.objects.filter(pk=act.pk).update(changed=F("changed") + changed)
        seen += len(chunk)
    progress(seen)
    with tenant_tx(context):
        record_audit("bulk_act.finish", act, count=seen)
    return seen


@transaction.atomic
def undo_act(*, act: BulkAct) -> BulkAct:
    """Bring back what a deletion hid; more than AT_ONCE items in a job. Raises NotUndone."""
    act = BulkAct.objects.select_for_update().get(pk=act.pk)
    if act.kind != ActKind.DELETE or (act.undone_at is not None and not _was_broken_off(act.job)):
        raise NotUndone
    if act.job and act.job.state in UNFINISHED:
        jobs.withdraw(job=act.job)
    act.undone_at = timezone.now()
    if act.job:
        act.job = jobs.request(kind=UNDO, input={"act": act.pk}, org_id=act.org_id, project_id=act.project_id)
    else:
        _bring_back(act)
    act.save(update_fields=["undone_at", "job"])
    record_audit("bulk_act.undo", act, count=act.changed)
    return act


def carry_back(*, context: Context, act_id: UUID, progress: Callable[[int], None]) -> int:
    """The job's part of an undo."""
    back = 0
    while True:
        with tenant_tx(context):
            some = _bring_back(BulkAct.objects.get(pk=act_id))
        back += some
        progress(back)
        if not some:
            return back


def _was_broken_off(job: Job | None) -> bool:
    """Whether an undo's job came to no end, so that it may be asked for again."""
    return job is not None and job.state in {JobState.FAILED, JobState.CANCELLED}


def _checked(project: Project, kind: ActKind, given: dict[str, Any]) -> dict[str, Any]:
    if kind in {ActKind.ADD_TO_SUBSET, ActKind.REMOVE_FROM_SUBSET}:
        subset = Subset.objects.filter(org_id=project.org_id, project=project, pk=given.get("subset")).first()
        if subset is None:
            raise NotFound
        return {"subset": str(subset.pk)}
    if kind == ActKind.SET_METADATA:
        values, unset = given.get("set") or {}, sorted(set(given.get("unset") or ()))
        if not (values or unset) or not all(0 < len(key) <= LONGEST_KEY for key in [*values, *unset]):
            raise InvalidMetadata(field="metadata")
        if len(msgspec.json.encode(values)) > MOST_METADATA:
            raise MetadataTooLarge(field="metadata")
        return {"set": values, "unset": unset}
    return {}


def _apply(act: BulkAct, items: Sequence[UUID]) -> int:
    """Do it to some items; gives how many it changed."""
    # Held in one order, so that two acts on the same items cannot wait for each other crosswise.
    rows = Item.objects.filter(org_id=act.org_id, project_id=act.project_id, pk__in=items, deleted_at=None)
    held = list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
    return {
        ActKind.ADD_TO_SUBSET: _add,
        ActKind.REMOVE_FROM_SUBSET: _remove,
        ActKind.SET_METADATA: _set_metadata,
        ActKind.DELETE: _delete,
    }[ActKind(act.kind)](act, held)


def _add(act: BulkAct, items: list[UUID]) -> int:
    subset = act.parameters["subset"]
    # Held, so that nobody deletes it before these are in.
    if not Subset.objects.select_for_update(no_key=True).filter(pk=subset).exists():
        raise SubsetGone
    there = set(SubsetItem.objects.filter(subset_id=subset, item_id__in=items).values_list("item_id", flat=True))
    rows = [
        SubsetItem(org_id=act.org_id, project_id=act.project_id, subset_id=subset, item_id=item)
        for item in items
        if item not in there
    ]
    SubsetItem.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _remove(act: BulkAct, items: list[UUID]) -> int:
    rows = SubsetItem.objects.filter(subset_id=act.parameters["subset"], item_id__in=items)
    return rows.delete()[0]


def _set_metadata(act: BulkAct, items: list[UUID]) -> int:
    values = {
        "org": act.org_id,
        "items": items,
        "set": msgspec.json.encode(act.parameters["set"]).decode(),
        "unset": act.parameters["unset"],
    }
    with connection.cursor() as cursor:
        cursor.execute(SET_METADATA, values)
        return int(cursor.rowcount)


def _delete(act: BulkAct, items: list[UUID]) -> int:
    if items:
        publish("items.deleted", {"items": items}, act.org_id, act.project_id)
    return int(Item.objects.filter(org_id=act.org_id, pk__in=items).update(deleted_at=act.at))


def _bring_back(act: BulkAct) -> int:
    rows = Item.objects.filter(org_id=act.org_id, project_id=act.project_id, deleted_at=act.at)
    some = list(rows.order_by("pk").select_for_update().values_list("pk", flat=True)[:AT_ONCE])
    Item.objects.filter(org_id=act.org_id, pk__in=some).update(deleted_at=None)
    if some:
        publish("items.restored", {"items": some}, act.org_id, act.project_id)
    refresh_items(org_id=act.org_id, project_id=act.project_id, items=some)
    return len(some)
