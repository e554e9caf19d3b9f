"""The pictures of a dataset, with where each stands."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.core.access import allow
from apps.core.errors import NotFound
from apps.distribution import overviews
from apps.distribution.models import PipelineRun, UnitState
from apps.projects.models import Dataset, EntryState, Item, Upload, UploadEntry
from apps.projects.selectors import dataset_for, datasets_of, items_of

PAGE = 48


@allow(get="item.see")
def dataset_page(request: HttpRequest, org: str, project_id: UUID, dataset_id: UUID) -> HttpResponse:
    """The gallery; HTMX asks for it alone, or for the pictures after one (`after`)."""
    dataset = dataset_for(request.member.context, "item.see", dataset_id)  # type: ignore[attr-defined]
    if dataset.project_id != project_id:
        raise NotFound
    page = _gallery(request, dataset)
    page["project"] = dataset.project
    if request.htmx:  # type: ignore[attr-defined]
        part = "_gallery_items" if "after" in request.GET else "_gallery"
        return render(request, f"distribution/{part}.html", page)
    frame = {
        "here": "dataset",
        "dataset": dataset,
        "datasets": list(datasets_of(dataset.project).order_by("created_at")),
    }
    return render(request, "distribution/dataset.html", page | frame)


def _gallery(request: HttpRequest, dataset: Dataset) -> dict[str, Any]:
    run = overviews.newest_run(dataset.project)
    chosen = request.GET.get("state", "all")
    rows = overviews.items_in(dataset, run, chosen)
    items = list(_after(rows, request.GET.get("after", ""))[: PAGE + 1])
    more, items = len(items) > PAGE, items[:PAGE]
    following = {"state": chosen, "after": str(items[-1].pk)} if more else {}
    org = request.member.context.org_slug  # type: ignore[attr-defined]
    return {
        "items": _cards(items, run, org),
        "chosen": chosen if chosen in overviews.FILTERS else "all",
        "states": _filters(dataset, run, chosen),
        "refused": _refused(dataset),
        "total": items_of(dataset).count(),
        "next": f"{request.path}?{urlencode(following)}" if more else "",
    }


def _after(rows: "QuerySet[Item]", key: str) -> "QuerySet[Item]":
    try:
        return rows.filter(pk__gt=UUID(key)) if key else rows
    except ValueError:
        return rows


def _cards(items: list[Item], run: PipelineRun | None, org: str) -> list[dict[str, Any]]:
    states = overviews.states_of(items, run)
    objects = overviews.objects_on(items)
    return [
        {
            "id": item.pk,
            "name": item.name,
            "thumb": overviews.thumb_of(item.pk, org),
            "width": item.width,
            "height": item.height,
            "state": states.get(item.pk),
            "objects": objects.get(item.pk),
        }
        for item in items
    ]


def _filters(dataset: Dataset, run: PipelineRun | None, chosen: str) -> list[dict[str, Any]]:
    if run is None or run.dataset_id != dataset.pk:
        return []
    units = overviews.units_by_state(run)
    numbers = {
        "all": (_("All"), items_of(dataset).count()),
        "open": (_("In work"), units[UnitState.OPEN]),
        "accepted": (_("Accepted"), units[UnitState.ACCEPTED]),
    }
    here = chosen if chosen in numbers else "all"
    return [
        {"name": name, "text": text, "number": number, "here": name == here} for name, (text, number) in numbers.items()
    ]


def _refused(dataset: Dataset) -> list[dict[str, str]]:
    """What of the newest upload did not become a picture."""
    upload = Upload.objects.filter(dataset=dataset).order_by("-id").first()
    if upload is None:
        return []
    entries = UploadEntry.objects.filter(upload=upload, state=EntryState.REFUSED).order_by("number")[:100]
    return [{"name": entry.name, "message": entry.error_message} for entry in entries]
