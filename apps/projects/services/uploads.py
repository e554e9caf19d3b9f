"""Take files in: streamed to the storage under names of ours, then a job makes items of them."""

import unicodedata
from collections.abc import Sequence
from typing import IO, Any, Protocol
from uuid import UUID

from django.core.files.storage import default_storage

from apps.activity.services import record_audit
from apps.core import files as storage
from apps.core.ids import new_id
from apps.core.tenancy import active_tenant, tenant_tx
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.projects import files
from apps.projects.models import Dataset, Upload, UploadEntry

LONGEST_NAME = 300
INGEST = "upload.ingest"


class Incoming(Protocol):
    """A file as it arrived."""

    name: str | None
    file: IO[Any] | None


def receive_upload(*, dataset: Dataset, received: Sequence[Incoming], job: Job | None = None) -> Upload:
    """Keep the files, then write of them and ask for the job that reads them; answer 202 with it. Decodes nothing.

    A `job` that reads them itself is named, and no other is asked for. It opens its own transaction: gigabytes may go
    to a storage far away, and none must be open meanwhile.
    """
    upload_id = new_id()
    paths = [files.incoming(dataset.org_id, upload_id, number) for number, _ in enumerate(received, start=1)]
    try:
        for path, file in zip(paths, received, strict=True):
            default_storage.save(path, file)  # type: ignore[arg-type]
        with tenant_tx(active_tenant()):
            return _write(upload_id, dataset, received, paths, job)
    except BaseException:
        for path in paths:
            storage.remove(path)
        raise


def shown_name(name: str) -> str:
    """A file's name as text to be shown: NFC, without invisible characters, cut to what a column holds."""
    visible = (char for char in unicodedata.normalize("NFC", name) if not unicodedata.category(char).startswith("C"))
    return "".join(visible).strip()[:LONGEST_NAME] or "unnamed"


def ids_for(rows: Sequence[Any]) -> list[UUID]:
    """An id for each, in their order: lists are paged by id, so people find files as they sent them."""
    return sorted(new_id() for _ in rows)


def _write(
    upload_id: UUID, dataset: Dataset, received: Sequence[Incoming], paths: Sequence[str], job: Job | None
) -> Upload:
    place = {"org_id": dataset.org_id, "project_id": dataset.project_id}
    job = job or jobs.request(
        kind=INGEST,
        input={"upload": upload_id},
        org_id=dataset.org_id,
        project_id=dataset.project_id,
        total=len(received),
    )
    upload: Upload = Upload.objects.create(
        id=upload_id, dataset=dataset, job=job, created_by=active_tenant().user_id, **place
    )
    rows = zip(ids_for(received), received, paths, strict=True)
    entries = [
        UploadEntry(id=row_id, upload=upload, number=number, name=shown_name(file.name or ""), path=path, **place)
        for number, (row_id, file, path) in enumerate(rows, start=1)
    ]
    UploadEntry.objects.bulk_create(entries)
    record_audit("upload.create", upload, after=[entry.name for entry in entries], files=len(entries))
    return upload
