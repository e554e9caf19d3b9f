"""Write accepted annotations to a file, in the background: keyset pages, a short transaction each, no long snapshot."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, Any
from uuid import UUID

import msgspec
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from apps.activity.services import record_activity, record_audit
from apps.core.errors import NotFound
from apps.core.ids import new_id
from apps.core.tenancy import active_tenant, tenant_tx
from apps.exchange import selectors
from apps.exchange.models import Export, Format
from apps.jobs.actors import RunningJob
from apps.jobs.services import request
from apps.projects.models import Item, Project

from . import coco

KIND = "export.write"
ITEMS_A_PAGE = 200


@transaction.atomic
def request_export(*, project: Project, file_format: Format, dataset_id: UUID | None = None) -> Export:
    """Ask for a file of what is accepted when the job reads it; answer 202."""
    export_id = new_id()
    chosen = {"dataset": str(dataset_id)} if dataset_id else {}
    job = request(kind=KIND, input={"export": str(export_id), **chosen}, project_id=project.pk, org_id=project.org_id)
    export: Export = Export.objects.create(
        id=export_id,
        org_id=project.org_id,
        project=project,
        job=job,
        format=file_format,
        created_by=active_tenant().user_id,
    )
    record_audit("export.create", export, format=file_format)
    return export


def write_export(*, job: RunningJob) -> dict[str, Any]:
    """Write the file, then name it in one transaction with the job's end. Raises RunLost when cancelled."""
    export_id, dataset_id = UUID(job.input["export"]), job.input.get("dataset")
    with tenant_tx(job.context):
        export = Export.objects.filter(pk=export_id).first()
        if export is None:
            raise NotFound("The project of this export is gone.")
        source = _Source(job, export.project_id, UUID(dataset_id) if dataset_id else None)
        total = selectors.accepted_count(export.project_id, source.dataset_id)
    job.progress(0, total)
    with tempfile.TemporaryFile() as file:
        _write_coco(source, file)
        digest, size = _digest(file), file.tell()
        path = f"org/{job.org_id}/export/{digest[:2]}/{digest}.json"
        file.seek(0)
        if not default_storage.exists(path):
            default_storage.save(path, File(file))
    figures = {"items": source.images, "annotations": source.annotations}
    with tenant_tx(job.context):
        job.hold()
        Export.objects.filter(pk=export_id).update(
            path=path, sha256=digest, bytes=size, finished_at=timezone.now(), **figures
        )
        record_activity("export.finished", export, items=source.images, annotations=source.annotations)
        job.finish(**figures)
    return figures


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


def _write_coco(source: _Source, out: IO[bytes]) -> None:
    with tenant_tx(source.job.context):
        labels = selectors.labels_of(source.project_id)
    categories = {label.pk: number for number, label in enumerate(labels, start=1)}
    info = {"description": "Exported from Tessera", "version": "1", "project": str(source.project_id)}
    out.write(b'{"info":' + msgspec.json.encode(info) + b',"licenses":[],"categories":')
    out.write(msgspec.json.encode([coco.category(categories[label.pk], label) for label in labels]))
    # Images go straight out, annotations wait beside them: COCO wants two lists, one pass writes both.
    with tempfile.TemporaryFile() as beside:
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


def _digest(file: IO[bytes]) -> str:
    file.flush()
    file.seek(0)
    total = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]
    file.seek(0, 2)
    return total.hexdigest()
