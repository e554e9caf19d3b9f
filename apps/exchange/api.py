"""Exports over HTTP."""

import datetime
from typing import Any, Literal
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse

from apps.core.answers import Result
from apps.core.errors import NotFound, Refusal
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of
from apps.jobs.models import JobState
from apps.projects.selectors import dataset_for, project_for

from . import selectors, services
from .models import Export, Format


class NotWritten(Refusal):
    code = "not_ready"
    message = "The file is still being written. Look at the export's job for its progress."


class FileGone(NotFound):
    message = "The file of this export is not in the storage any more. Make a new export."


class ExportIn(Struct):
    format: Literal["coco"]
    dataset: UUID | None = None


class ExportOut(Answer):
    id: UUID
    project: UUID
    format: str
    state: str
    job: UUID
    done: int
    total: int | None
    items: int
    annotations: int
    bytes: int
    sha256: str
    error: str
    created_at: datetime.datetime
    finished_at: datetime.datetime | None


class ExportsOut(Answer):
    results: list[ExportOut]
    next: str | None
    previous: str | None


class Exports(Api):
    @operation("export.see", "A project's exports, newest first.", query=Page, answers={200: ExportsOut})
    def get(self, request: Any, org: str, project_id: UUID, query: Page) -> Result:
        """With the state of their jobs."""
        project = project_for(request.member.context, "export.see", project_id)
        return 200, page_of(selectors.exports_of(project), query, _export, newest_first=True)

    @operation("export.create", "Export what is accepted.", body=ExportIn, answers={202: ExportOut})
    def post(self, request: Any, org: str, project_id: UUID, body: ExportIn) -> Result:
        """A job writes the file."""
        context = request.member.context
        project = project_for(context, "export.create", project_id)
        if body.dataset and dataset_for(context, "export.create", body.dataset).project_id != project.pk:
            raise NotFound
        export = services.request_export(project=project, file_format=Format(body.format), dataset_id=body.dataset)
        return 202, _export(export)


class OneExport(Api):
    @operation("export.see", "An export.", answers={200: ExportOut})
    def get(self, request: Any, org: str, export_id: UUID) -> Result:
        """With the progress of its job."""
        return 200, _export(selectors.export_for(request.member.context, "export.see", export_id))


class ExportFile(Api):
    @operation("export.see", "An export's file.", answers={200: "application/json"})
    def get(self, request: Any, org: str, export_id: UUID) -> Result:
        """As an attachment; the stored bytes, whose digest is the export's `sha256`."""
        export = selectors.export_for(request.member.context, "export.see", export_id)
        if not export.path:
            raise NotWritten
        name = f"{export.format}-{export.created_at:%Y-%m-%d}-{str(export.pk)[:8]}.json"
        try:
            file = default_storage.open(export.path)
        except FileNotFoundError as missing:
            raise FileGone from missing
        response = FileResponse(file, as_attachment=True, filename=name, content_type="application/json")
        response["Cache-Control"] = "private, no-store"
        response["ETag"] = f'"{export.sha256}"'
        return response


def _export(export: Export) -> ExportOut:
    job = export.job
    return ExportOut(
        id=export.pk,
        project=export.project_id,
        format=export.format,
        state=JobState(job.state).value,
        job=job.pk,
        done=job.done,
        total=job.total,
        items=export.items,
        annotations=export.annotations,
        bytes=export.bytes,
        sha256=export.sha256,
        error=job.error_message,
        created_at=export.created_at,
        finished_at=export.finished_at,
    )
