"""The exports of a project."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.names import names_of
from apps.annotation.models import Annotation
from apps.core.access import allow
from apps.projects.models import Project
from apps.projects.selectors import project_for

from . import selectors, services
from .models import Export, Format

SHOWN = 30


@allow(get="export.see", post="export.create")
def exports(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """The list, newest first; HTMX asks for it alone. A POST asks for another export."""
    context = request.member.context  # type: ignore[attr-defined]
    if request.method == "POST":
        project = project_for(context, "export.create", project_id)
        services.request_export(project=project, file_format=Format.COCO)
        return redirect("exchange:exports", org=org, project_id=project_id)
    project = project_for(context, "export.see", project_id)
    accepted = selectors.accepted_items(project.pk)
    page = {
        "project": project,
        "here": "exports",
        "accepted": accepted.count(),
        "annotations": Annotation.objects.filter(project=project, item_id__in=accepted.values("pk")).count(),
        "exports": _rows(selectors.exports_of(project), project, org),
    }
    template = "exchange/_exports.html" if request.htmx else "exchange/exports.html"  # type: ignore[attr-defined]
    return render(request, template, page)


def _rows(found: "QuerySet[Export]", project: Project, org: str) -> list[dict[str, Any]]:
    exports = list(found.order_by("-created_at", "-id")[:SHOWN])
    names = names_of((export.created_by for export in exports), project.pk)
    return [_row(export, names[export.created_by], org) for export in exports]


def _row(export: Export, by: str, org: str) -> dict[str, Any]:
    job = export.job
    when = date_format(export.created_at, "j M H:i")
    return {
        "id": export.pk,
        "title": _("%(format)s, %(when)s") % {"format": Format(export.format).label, "when": when},
        "state": job.state,
        "at": export.finished_at or export.created_at,
        "by": by,
        "items": export.items,
        "annotations": export.annotations,
        "bytes": export.bytes,
        "file": f"/api/v1/orgs/{org}/exports/{export.pk}/file",
        "job": {"url": f"/api/v1/orgs/{org}/jobs/{job.pk}", "done": job.done, "total": job.total},
        "message": job.error_message,
    }
