"""Take files in: streamed to the storage under names of ours, then a job makes items of them."""

import unicodedata
from collections.abc import Sequence
from typing import IO, Any, Protocol
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction

from apps.activity.services import record_audit
from apps.core.ids import new_id
from apps.core.tenancy import active_tenant
from apps.jobs import services as jobs
from apps.projects import files
from apps.projects.models import Dataset, Upload, UploadEntry

LONGEST_NAME = 300
INGEST = "upload.ingest"


class Incoming(Protocol):
    """A file as it arrived."""

    name: str | None
    file: IO[Any] | None


@transaction.atomic
def receive_upload(*, dataset: Dataset, received: Sequence[Any]) -> Upload:
    """Keep the files and ask for the job that reads them; answer 202 with it. Nothing is decoded here."""
    upload_id = new_id()
    job = jobs.request(
        kind=INGEST,
        input={"upload": upload_id},
        org_id=dataset.org_id,
        project_id=dataset.project_id,
        total=len(received),
    )
    upload: Upload = Upload.objects.create(
        id=upload_id,
        org_id=dataset.org_id,
        project_id=dataset.project_id,
        dataset=dataset,
        job=job,
        created_by=active_tenant().user_id,
    )
    rows = enumerate(zip(ids_for(received), received, strict=True), start=1)
    entries = [_keep(upload, row_id, number, file) for number, (row_id, file) in rows]
    UploadEntry.objects.bulk_create(entries)
    record_audit("upload.create", upload, after=[entry.name for entry in entries], files=len(entries))
    return upload


def shown_name(name: str) -> str:
    """A file's name as text to be shown: NFC, without invisible characters, cut to what a column holds."""
    visible = (char for char in unicodedata.normalize("NFC", name) if not unicodedata.category(char).startswith("C"))
    return "".join(visible).strip()[:LONGEST_NAME] or "unnamed"


def ids_for(rows: Sequence[Any]) -> list[UUID]:
    """An id for each, in their order: lists are paged by id, so people find files as they sent them."""
    return sorted(new_id() for _ in rows)


def _keep(upload: Upload, row_id: UUID, number: int, file: Incoming) -> UploadEntry:
    path = files.incoming(upload.org_id, upload.pk, number)
    default_storage.save(path, file)  # type: ignore[arg-type]
    return UploadEntry(
        id=row_id,
        org_id=upload.org_id,
        project_id=upload.project_id,
        upload=upload,
        number=number,
        name=shown_name(file.name or ""),
        path=path,
    )
