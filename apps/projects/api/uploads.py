"""Uploads: files in, a report of what became of each."""

import datetime
from typing import Any
from uuid import UUID

from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer
from apps.core.paging import Page, page_of
from apps.core.tenancy import tenant_tx
from apps.core.uploads import files_of
from apps.projects import selectors, services
from apps.projects.models import Upload, UploadEntry


class JobLink(Answer):
    id: UUID
    state: str
    done: int
    total: int | None


class UploadOut(Answer):
    id: UUID
    dataset: UUID
    state: str
    created_at: datetime.datetime
    job: JobLink


class EntryError(Answer):
    code: str
    message: str


class EntryOut(Answer):
    id: UUID
    number: int
    name: str
    state: str
    item: UUID | None
    error: EntryError | None


class UploadReport(UploadOut):
    results: list[EntryOut]
    next: str | None
    previous: str | None


class Uploads(Api):
    @operation(
        "upload.create",
        "Upload pictures or zip archives of them.",
        multipart=True,
        answers={202: UploadOut},
        own_transaction=True,
    )
    def post(self, request: Any, org: str, dataset_id: UUID) -> Result:
        """Up to 1,000 files and 4 GB a request, as parts named `files`; a job makes items of them."""
        context = request.member.context
        with tenant_tx(context):
            dataset = selectors.dataset_for(context, "upload.create", dataset_id)
        upload = services.receive_upload(dataset=dataset, received=files_of(request._request))
        return 202, UploadOut(**_upload(upload))


class OneUpload(Api):
    @operation("upload.see", "What became of an upload's files.", query=Page, answers={200: UploadReport})
    def get(self, request: Any, org: str, upload_id: UUID, query: Page) -> Result:
        """A page of its entries, with a code and a sentence for each that was refused."""
        upload = selectors.upload_for(request.member.context, "upload.see", upload_id)
        return 200, UploadReport(**_upload(upload), **page_of(selectors.entries_of(upload), query, _entry))


def _upload(upload: Upload) -> dict[str, Any]:
    job = upload.job
    return {
        "id": upload.pk,
        "dataset": upload.dataset_id,
        "state": upload.state,
        "created_at": upload.created_at,
        "job": JobLink(id=job.pk, state=job.state, done=job.done, total=job.total),
    }


def _entry(entry: UploadEntry) -> EntryOut:
    error = EntryError(code=entry.error_code, message=entry.error_message) if entry.error_code else None
    return EntryOut(
        id=entry.pk, number=entry.number, name=entry.name, state=entry.state, item=entry.item_id, error=error
    )
