"""The dataset page: a gallery of what a filter finds, the views kept of it, and what can be done to what is chosen."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.access import allow, gate
from apps.core.errors import NotFound, Refusal
from apps.core.ids import as_id
from apps.jobs.models import UNFINISHED
from apps.predictions.models import Deployment, DeploymentState
from apps.projects.models import Dataset, Project, Upload
from apps.projects.selectors import refused_in

from . import services
from .fields import Asked, UnknownValue, every_field
from .filters import EVERYTHING, Filter, known_values, read_filter
from .models import BulkAct, SavedView
from .selectors import views as selectors
from .selectors.items import cards_of, items_planned, scope_of
from .selectors.lists import Place, Walk, count, plan_of

PAGE = 48
BANDS = [f"{number / 20:.2f}" for number in range(21)]


@allow(get="item.see")
def dataset_page(request: HttpRequest, org: str, project_id: UUID, dataset_id: UUID) -> HttpResponse:
    """The gallery; HTMX asks for it alone, or for the pictures after one (`after`)."""
    dataset, datasets = _datasets(request, project_id, dataset_id)
    values = known_values(request.GET)
    chosen, refusal = _read(dataset, values)
    page = {"project": dataset.project, "dataset": dataset, "chosen": chosen, "refusal": refusal}
    page |= _gallery(request, dataset, chosen) if refusal is None else {"cards": [], "next": ""}
    status = 200 if refusal is None else refusal.status
    if request.htmx:  # type: ignore[attr-defined]
        part = "_items" if "after" in request.GET else "_gallery"
        return render(request, f"catalog/{part}.html", page, status=status)
    page |= {"here": "dataset", "datasets": datasets, "query": urlencode(values)} | _views(request, dataset, chosen)
    return render(request, "catalog/dataset.html", page, status=status)


@allow(get="item.see")
def tools(request: HttpRequest, org: str, project_id: UUID, dataset_id: UUID) -> HttpResponse:
    """What the page loads after itself: what can be filtered by, the dialogs of acts, and what is under way."""
    dataset, _others = _datasets(request, project_id, dataset_id)
    project, values = dataset.project, known_values(request.GET)
    asked = Asked(project, values)
    serving = Deployment.objects.filter(org_id=project.org_id, project=project).exclude(state=DeploymentState.STOPPED)
    page = {
        "project": project,
        "dataset": dataset,
        "values": values,
        "fields": [_offer(field.name, str(field.title), asked) for field in every_field() if field.choices],
        "bands": BANDS,
        "subsets": asked.choices("subset"),
        "deployments": list(serving.order_by("-created_at")[:50]),
        "low": values.get("confidence", "").partition("-")[0] or BANDS[0],
        "high": values.get("confidence", "").partition("-")[2] or BANDS[-1],
        "under_way": _under_way(project, f"/api/v1/orgs/{org}"),
        "refused": _refused(dataset),
    }
    return render(request, "catalog/_tools.html", page)


@allow(post="saved_view.edit")
def views(request: HttpRequest, org: str, project_id: UUID, dataset_id: UUID) -> HttpResponse:
    """Keep the filter that is on under a name."""
    dataset, _others = _datasets(request, project_id, dataset_id)
    values = known_values(QueryDict(request.POST.get("query", "")).dict())
    try:
        view = services.save_view(
            project=dataset.project,
            name=request.POST.get("name", ""),
            values=values,
            shared="shared" in request.POST,
        )
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("“%(name)s” is saved.") % {"name": view.name})
    return _back(org, dataset, values)


@allow(post="saved_view.edit")
def one_view(request: HttpRequest, org: str, project_id: UUID, dataset_id: UUID, view_id: UUID) -> HttpResponse:
    """Rename, share or delete a view of one's own."""
    dataset, _others = _datasets(request, project_id, dataset_id)
    view = selectors.view_for(request.member.context, "saved_view.edit", view_id)  # type: ignore[attr-defined]
    if view.project_id != project_id:
        raise NotFound
    try:
        if request.POST.get("do") == "delete":
            services.delete_view(view=view)
            messages.success(request, _("“%(name)s” is deleted. The pictures stay.") % {"name": view.name})
        else:
            view = services.edit_view(view=view, name=request.POST.get("name", ""), shared="shared" in request.POST)
            messages.success(request, _("“%(name)s” is saved.") % {"name": view.name})
    except Refusal as refusal:
        messages.error(request, refusal.text)
    return _back(org, dataset, view.filter)


def _datasets(request: HttpRequest, project_id: UUID, dataset_id: UUID) -> tuple[Dataset, list[Dataset]]:
    """The dataset and its project's others, in one look."""
    rows = Dataset.objects.filter(project_id=project_id, project__deleted_at=None, deleted_at=None)
    found = {row.pk: row for row in rows.select_related("project").order_by("created_at", "id")}
    if dataset_id not in found:
        raise NotFound
    dataset: Dataset = found[dataset_id]
    gate.require("item.see", request.member.context, dataset.org_id)  # type: ignore[attr-defined]
    return dataset, list(found.values())


def _read(dataset: Dataset, values: dict[str, str]) -> tuple[Filter, Refusal | None]:
    try:
        return read_filter(dataset.project, values), None
    except Refusal as refusal:
        return EVERYTHING, refusal


def _gallery(request: HttpRequest, dataset: Dataset, chosen: Filter) -> dict[str, Any]:
    scope = scope_of(dataset.project, [dataset])
    plan = plan_of(scope, chosen)
    found = items_planned(scope, plan, Walk(_place(request)), PAGE, figures=True)
    org = request.member.context.org_slug  # type: ignore[attr-defined]
    following = ""
    if found.stopped_at:
        after = {"after": str(found.stopped_at.item), "term": found.stopped_at.term}
        following = f"{request.path}?{urlencode({**chosen.values, **after})}"
    page = {"cards": cards_of(dataset.project, found.items, org), "next": following}
    return page if "after" in request.GET else page | {"number": count(scope, plan)}


def _place(request: HttpRequest) -> Place | None:
    after, term = request.GET.get("after"), request.GET.get("term", "")
    if not after:
        return None
    item = as_id(after)
    if item is None or "\0" in term:
        raise UnknownValue(_("This page of the pictures is not known. Start from the first."), field="after")
    return Place(item, term)


def _views(request: HttpRequest, dataset: Dataset, chosen: Filter) -> dict[str, Any]:
    member = request.member  # type: ignore[attr-defined]
    rows: list[SavedView] = list(selectors.views_of(dataset.project, member.context).order_by("name", "id")[:100])
    shown = [
        {
            "id": view.pk,
            "name": view.name,
            "query": urlencode(view.filter),
            "shared": view.shared,
            "mine": view.author_id == member.id,
            "here": dict(view.filter) == dict(chosen.values),
        }
        for view in rows
    ]
    return {"views": shown, "view": next((one for one in shown if one["here"] and chosen), None)}


def _offer(name: str, title: str, asked: Asked) -> dict[str, Any]:
    choices, value = asked.choices(name), asked.values.get(name, "")
    several = bool(value) and value not in {choice.value for choice in choices}
    return {"name": name, "title": title, "choices": choices, "value": value, "is_several": several}


def _under_way(project: Project, api: str) -> list[dict[str, Any]]:
    """Prediction runs and acts that have not ended, each with the address that tells its progress."""
    acts = BulkAct.objects.filter(project=project, job__state__in=UNFINISHED).select_related("job").order_by("-id")
    return [
        {
            "title": _("%(model)s %(version)s reads pictures")
            % {"model": run.deployment.title, "version": run.deployment.version},
            "url": f"{api}/prediction_runs/{run.pk}",
            "is_run": True,
            "done": run.done,
            "total": run.total,
        }
        for run in selectors.unfinished_runs(project)[:5]
    ] + [
        {
            "title": act.get_kind_display(),
            "url": f"{api}/jobs/{act.job.pk}",
            "is_run": False,
            "done": act.job.done,
            "total": act.job.total,
        }
        for act in acts[:5]
    ]


def _refused(dataset: Dataset) -> list[dict[str, str]]:
    """What of the newest upload did not become a picture."""
    newest = Upload.objects.filter(dataset=dataset).order_by("-id").values("pk")[:1]
    return refused_in(newest)


def _back(org: str, dataset: Dataset, values: dict[str, str]) -> HttpResponse:
    route = {"org": org, "project_id": dataset.project_id, "dataset_id": dataset.pk}
    return redirect(f"{reverse('catalog:dataset', kwargs=route)}?{urlencode(values)}")
