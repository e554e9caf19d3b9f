"""Write accepted annotations to a file, in the background: keyset pages, a short transaction each, no long snapshot."""

import errno
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.activity.services import record_activity, record_audit
from apps.core import files as storage
from apps.core.errors import Refusal
from apps.core.tenancy import active_tenant, tenant_tx
from apps.discussion.models import NotificationKind
from apps.discussion.services import tell_asker
from apps.exchange import selectors
from apps.exchange.models import Export, Format
from apps.jobs.actors import RunningJob
from apps.jobs.models import Job
from apps.jobs.services import request
from apps.projects.models import Item, Project

from . import coco

KIND = "export.write"
ITEMS_A_PAGE = 200


class ProjectGone(Refusal):
    code = "project_gone"
    message = "The project of this export was deleted meanwhile."


class StorageFull(Refusal):
    code = "storage_full"
    message = "There is no room for the file. Make room in the file storage, then export again."


@transaction.atomic
def request_export(*, project: Project, file_format: Format, dataset_id: UUID | None = None) -> Export:
    """Ask for a file of what is accepted when the job reads it, or join one that is asked for; answer 202."""
    # The project's row is the lock: of two who ask at once, the second finds the first one's export.
    Project.objects.select_for_update().get(pk=project.pk)
    wanted = {"project": project.pk, "format": file_format, "dataset": dataset_id}
    job = request(kind=KIND, input=wanted, project_id=project.pk, org_id=project.org_id)
    export: Export | None = Export.objects.filter(job=job).select_related("job").first()
    if export is not None:
        return export
    export = Export.objects.create(
        org_id=project.org_id,
        project=project,
        job=job,
        format=file_format,
        created_by=active_tenant().user_id,
    )
    record_audit("export.create", export, format=file_format)
    return export


def write_export(*, job: RunningJob) -> dict[str, Any]:
    """Write the file, then name it in one transaction with the job's end.

    Raises RunLost when cancelled, ProjectGone, StorageFull; a file half written is never named.
    """
    dataset_id = job.input["dataset"]
    with tenant_tx(job.context):
        export = Export.objects.filter(job_id=job.id, project__deleted_at=None).select_related("project").first()
        if export is None:
            raise ProjectGone
        source = _Source(job, export.project_id, UUID(dataset_id) if dataset_id else None)
        total = selectors.accepted_count(export.project_id, source.dataset_id)
    job.progress(0, total)
    path, digest, size = _stored(source)
    figures = {"items": source.images, "annotations": source.annotations}
    with tenant_tx(job.context):
        job.hold()
        Export.objects.filter(pk=export.pk).update(
            path=path, sha256=digest, bytes=size, finished_at=timezone.now(), **figures
        )
        record_activity("export.finished", export, items=source.images, annotations=source.annotations)
        job.finish(**figures)
        tell_asker(Job.objects.get(pk=job.id), NotificationKind.FINISHED, about=_named(export), page="exchange:exports")
    return figures


def tell_failed(*, job_id: UUID) -> None:
    """To who asked for an export that will not be there; called in the owner's context."""
    export = Export.objects.filter(job_id=job_id, project__deleted_at=None).select_related("job", "project").first()
    if export is not None:
        tell_asker(export.job, NotificationKind.FAILED, about=_named(export), page="exchange:exports")


def _named(export: Export) -> str:
    return _("The export of %(project)s") % {"project": export.project.name}


def _stored(source: "_Source") -> tuple[str, str, int]:
    try:
        with storage.work_folder() as folder:
            written = folder / "written"
            _write_coco(source, written, folder / "beside")
            digest, size = storage.sha256_of(written), written.stat().st_size
            path = f"org/{source.job.org_id}/export/{digest[:2]}/{digest}.json"
            storage.store(written, path)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull from error
        raise
    return path, digest, size


@dataclass
class _Source:
    """The rows of an export, page by page, with the numbers that the file gives them."""

    job: RunningJob
    project_id: UUID
    dataset_id: UUID | None
    images: int = 0
    annotations: int = 0
    names: set[str] = field(default_factory=set)

    def pages(self) -> Iterator[list[tuple[Item, list[Any]]]]:
        """Items with their annotations, in order of id."""
        after: UUID | None = None
        while True:
            with tenant_tx(self.job.context):
                page = selectors.accepted_page(self.project_id, self.dataset_id, after, ITEMS_A_PAGE)
            if not page:
                return
            yield page
            after = page[-1][0].pk
            self.job.progress(self.images)

    def file_name(self, item: Item) -> str:
        """The item's name; one that occurred before is told apart by the item's id."""
        name = item.name
        if name.casefold() in self.names:
            path = PurePosixPath(name)
            name = str(path.with_name(f"{path.stem}-{item.pk}{path.suffix}"))
        self.names.add(name.casefold())
        return name


def _write_coco(source: _Source, written: Path, annotations: Path) -> None:
    with tenant_tx(source.job.context):
        labels = selectors.labels_of(source.project_id)
    categories = {label.pk: number for number, label in enumerate(labels, start=1)}
    info = {"description": "Exported from Tessera", "version": "1", "project": str(source.project_id)}
    # Images go straight out, annotations wait beside them: COCO wants two lists, one pass writes both.
    with written.open("wb") as out, annotations.open("w+b") as beside:
        out.write(b'{"info":' + msgspec.json.encode(info) + b',"licenses":[],"categories":')
        out.write(msgspec.json.encode([coco.category(categories[label.pk], label) for label in labels]))
        out.write(b',"images":[')
        for page in source.pages():
            for item, rows in page:
                _write_item(source, item, rows, categories, out, beside)
        beside.seek(0)
        out.write(b'],"annotations":[')
        shutil.copyfileobj(beside, out)
        out.write(b"]}")


def _write_item(
    source: _Source, item: Item, rows: list[Any], categories: dict[UUID, int], images: IO[bytes], beside: IO[bytes]
) -> None:
    source.images += 1
    _element(images, source.images, coco.image(source.images, item, source.file_name(item)))
    for row in rows:
        source.annotations += 1
        shape = coco.annotation(source.annotations, row, image_number=source.images, item=item, categories=categories)
        _element(beside, source.annotations, shape)


def _element(out: IO[bytes], number: int, value: Any) -> None:
    out.write((b"," if number > 1 else b"") + msgspec.json.encode(value, order="deterministic"))
