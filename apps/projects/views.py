"""Pages of projects that need nothing above them: the list, a new one, the way to the data."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.models import Organization
from apps.core.access import allow
from apps.core.errors import Invalid
from apps.jobs.models import UNFINISHED, Job

from . import selectors, services
from .forms import ProjectForm
from .models import Item
from .samples import MAKE_SAMPLE


@allow(get="project.list")
def project_list(request: HttpRequest, org: str) -> HttpResponse:
    """Own projects and shared ones, newest first."""
    page = {"here": "projects", "projects": _rows(request), "sample": _sample(request, org)}
    return render(request, "projects/list.html", page)


@allow(get="project.create", post="project.create")
def new_project(request: HttpRequest, org: str) -> HttpResponse:
    """The form, then the new project's set-up."""
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            project = services.create_project(**form.cleaned_data)
            return redirect("distribution:set_up", org=org, project_id=project.pk)
        except Invalid as refusal:
            form.add_error(refusal.field, refusal.text)
    status = 422 if form.errors else 200
    return render(request, "projects/new.html", {"here": "projects", "form": form}, status=status)


@allow(post="project.delete")
def deletion(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Delete a project with all that it holds."""
    project = selectors.project_for(request.member.context, "project.delete", project_id)  # type: ignore[attr-defined]
    services.delete_project(project=project)
    messages.success(request, _("%(name)s is deleted.") % {"name": project.name})
    return redirect("projects:list", org=org)


@allow(get="item.see")
def datasets(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """To the project's main dataset, or to the overview while there is none."""
    project = selectors.project_for(request.member.context, "item.see", project_id)  # type: ignore[attr-defined]
    dataset = selectors.main_dataset_of(project)
    if dataset is None:
        return redirect("distribution:overview", org=org, project_id=project_id)
    return redirect("catalog:dataset", org=org, project_id=project_id, dataset_id=dataset.pk)


def _sample(request: HttpRequest, org: str) -> dict[str, Any] | None:
    """The job that makes a sample project, while it is under way."""
    own = request.member.context.org_id  # type: ignore[attr-defined]
    job = Job.objects.filter(org_id=own, kind=MAKE_SAMPLE, state__in=UNFINISHED).first()
    return {"url": f"/api/v1/orgs/{org}/jobs/{job.pk}", "done": job.done, "total": job.total} if job else None


def _rows(request: HttpRequest) -> list[dict[str, Any]]:
    own = request.member.context.org_id  # type: ignore[attr-defined]
    projects = list(selectors.projects_seen().order_by("-created_at", "-id")[:200])
    items = dict(
        Item.objects.filter(project__in=projects, deleted_at=None, dataset__deleted_at=None)
        .values_list("project_id")
        .annotate(number=Count("id"))
    )
    owners = dict(
        Organization.objects.filter(pk__in={project.org_id for project in projects}).values_list("pk", "name")
    )
    return [
        {
            "project": project,
            "items": items.get(project.pk, 0),
            "owner": "" if project.org_id == own else owners.get(project.org_id, ""),
        }
        for project in projects
    ]
