"""Make items of an upload's files, one at a time: each file ends as an item or as a line that says why not.

May run again after a crash at any point: an entry that has ended is left alone, and an item takes its entry's id, so
that a file half done is done again in the same places.
"""

from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from uuid import UUID

from apps.activity.services import record_activity, record_audit
from apps.core import files as storage
from apps.core.tenancy import Context, active_tenant, tenant_tx
from apps.jobs.topics import publish
from apps.projects import files
from apps.projects.models import EntryState, Item, Upload, UploadEntry, UploadState
from apps.projects.pictures.archives import Member
from apps.projects.pictures.decoding import Header
from apps.projects.pictures.rules import REFUSALS, PictureRefused
from apps.projects.pictures.workshop import Workshop

from .derived import keep_derived
from .uploads import ids_for, shown_name

# Members of the nth file are numbered from n times this, so that a second run numbers them alike.
NUMBERS_A_FILE = 100_000
CANCELLED = ("cancelled", "The upload was cancelled before this file's turn came.")
Progress = Callable[[int, int | None], None]


def ingest_upload(*, upload_id: UUID, context: Context, progress: Progress) -> dict[str, int]:
    """Work off an upload's entries; gives the counts. `progress` may raise to stop: what is done stays done."""
    with storage.work_folder() as folder, Workshop(folder) as workshop:
        _open_archives(upload_id, context, folder, workshop)
        done, total, waiting = _left(upload_id, context)
        # Members of one archive stand together, so a remote storage is asked for it once.
        for stored, entries in groupby(waiting, key=lambda entry: entry.path):
            with storage.local_copy(stored, folder) as path:
                for entry in entries:
                    progress(done, total)
                    _settle(entry, path, context, folder, workshop)
                    done += 1
        progress(done, total)
    return finish_upload(upload_id=upload_id, context=context)


def finish_upload(*, upload_id: UUID, context: Context, why: tuple[str, str] = CANCELLED) -> dict[str, int]:
    """Close an upload and drop its incoming files. What still waits is refused for the reason (code, sentence)."""
    with tenant_tx(context):
        upload: Upload = Upload.objects.select_for_update().get(pk=upload_id)
        entries = UploadEntry.objects.filter(org_id=upload.org_id, upload=upload)
        code, message = why
        entries.filter(state=EntryState.WAITING).update(
            state=EntryState.REFUSED, error_code=code, error_message=message
        )
        counts = {
            "imported": entries.filter(state=EntryState.IMPORTED).count(),
            "refused": entries.filter(state=EntryState.REFUSED).count(),
        }
        paths = set(entries.values_list("path", flat=True))
        if upload.state != UploadState.DONE:
            upload.move_to(UploadState.DONE)
            record_audit("upload.finish", upload, after=counts, **counts)
            record_activity("upload.finished", upload, imported=counts["imported"], refused=counts["refused"])
    for path in paths:
        storage.remove(path)
    return counts


def close_upload(*, upload_id: UUID, code: str, message: str) -> None:
    """After a job that ended without a result, in the owner's transaction: refuse what it did not come to."""
    finish_upload(upload_id=upload_id, context=active_tenant(), why=(code, message) if code else CANCELLED)


def _open_archives(upload_id: UUID, context: Context, folder: Path, workshop: Workshop) -> None:
    """First of all, so that the total is known: archives become entries, one for each of their files."""
    for entry in _waiting(upload_id, context):
        if entry.member is not None:
            continue
        try:
            with storage.local_copy(entry.path, folder) as path:
                if workshop.kind_of(path) != "ZIP":
                    continue
                members = workshop.members_of(path)
        except PictureRefused as refusal:
            _refuse(entry, refusal, context)
        else:
            with tenant_tx(context):
                rows = [_entry(entry, member, row_id) for member, row_id in zip(members, ids_for(members), strict=True)]
                UploadEntry.objects.bulk_create(rows, ignore_conflicts=True)
                entry.move_to(EntryState.OPENED)


def _entry(archive: UploadEntry, member: Member, row_id: UUID) -> UploadEntry:
    error = REFUSALS[member.error]() if member.error else None
    return UploadEntry(
        id=row_id,
        org_id=archive.org_id,
        project_id=archive.project_id,
        upload_id=archive.upload_id,
        number=archive.number * NUMBERS_A_FILE + member.index,
        name=shown_name(member.name),
        path=archive.path,
        member=member.index,
        state=EntryState.REFUSED if error else EntryState.WAITING,
        error_code=error.code if error else "",
        error_message=f"Entry {member.index + 1}: {error}" if error else "",
    )


def _waiting(upload_id: UUID, context: Context) -> list[UploadEntry]:
    with tenant_tx(context):
        rows = UploadEntry.objects.filter(upload_id=upload_id, state=EntryState.WAITING)
        return list(rows.select_related("upload").order_by("number"))


def _left(upload_id: UUID, context: Context) -> tuple[int, int, list[UploadEntry]]:
    waiting = sorted(_waiting(upload_id, context), key=lambda entry: (entry.path, entry.number))
    with tenant_tx(context):
        total = UploadEntry.objects.filter(upload_id=upload_id).exclude(state=EntryState.OPENED).count()
    return total - len(waiting), total, waiting


def _settle(entry: UploadEntry, path: Path, context: Context, folder: Path, workshop: Workshop) -> None:
    try:
        if entry.member is not None:
            archive, path = path, folder / "member"
            workshop.extract(archive, entry.member, path)
        header = workshop.derive(path, folder / "derived")
        _keep(entry, path, header, folder, context)
    except PictureRefused as refusal:
        _refuse(entry, refusal, context)
    finally:
        storage.clear(folder / "derived", folder / "member")


def _keep(entry: UploadEntry, path: Path, header: Header, folder: Path, context: Context) -> None:
    sha256, size = storage.sha256_of(path), path.stat().st_size
    keep_derived(entry.org_id, entry.pk, folder / "derived")
    storage.store_copy(path, files.blob(entry.org_id, sha256))
    with tenant_tx(context):
        item = Item.objects.create(
            id=entry.pk,
            org_id=entry.org_id,
            project_id=entry.project_id,
            dataset_id=entry.upload.dataset_id,
            name=entry.name,
            media_type=header.media_type,
            sha256=sha256,
            bytes=size,
            width=header.width,
            height=header.height,
        )
        entry.move_to(EntryState.IMPORTED, item=item)
        publish("items.arrived", {"dataset": item.dataset_id, "items": [item.pk]}, item.org_id, item.project_id)


def _refuse(entry: UploadEntry, refusal: PictureRefused, context: Context) -> None:
    with tenant_tx(context):
        entry.move_to(EntryState.REFUSED, error_code=refusal.code, error_message=str(refusal))
