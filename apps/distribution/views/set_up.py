"""The way of a new project from nothing to its first task, in four pages. What is done is seen from the project itself,
so a step can be taken again, left, or done elsewhere."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.core import json as bodies
from apps.core.access import allow
from apps.core.errors import BadRequest, Invalid, Refusal
from apps.core.ids import as_id
from apps.core.roles import Role
from apps.core.tenancy import Context
from apps.distribution.forms import ALONE, WITH_MODEL, WITH_REVIEW, LineForm
from apps.distribution.models import PipelineRun, Task, TaskKind, TaskState
from apps.distribution.overviews import newest_run, pill_of, thumb_of
from apps.distribution.services.starts import choose_line, start_line
from apps.distribution.set_up import LABELS, LINE, PICTURES, START, Crew, SetUp, crew_of, set_up_for
from apps.pipelines.graphs import REVIEW_ROLES
from apps.pipelines.models import StageKind
from apps.predictions.offers import versions_ready
from apps.projects.models import Item, Project, Upload, UploadState
from apps.projects.samples import sample_files
from apps.projects.selectors import main_dataset_of, project_for, refused_in
from apps.projects.services import create_dataset, receive_upload
from apps.recipes.definitions import LabelDefinition
from apps.recipes.models import RecipeVersion
from apps.recipes.services import copy_recipe, publish_project_recipe
from apps.recipes.starters import starters

SHOWN = 12
MOST_SOURCES = 50


@allow(get="project.edit")
def set_up(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """To the step that comes next."""
    state = set_up_for(_context(request), "project.edit", project_id)
    return redirect(f"distribution:set_up_{state.next}", org=org, project_id=project_id)


@allow(get="project.edit", post="upload.create")
def pictures(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Drop pictures, or take the samples (POST). HTMX asks for what has arrived."""
    state = set_up_for(_context(request), "project.edit", project_id)
    dataset = main_dataset_of(state.project) or create_dataset(project=state.project, name=_("Pictures"))
    if request.method == "POST":
        receive_upload(dataset=dataset, received=sample_files())
        return redirect("distribution:set_up_pictures", org=org, project_id=project_id)
    page = _frame(state, PICTURES) | _arrived(state.project, org) | {"dataset": dataset}
    part = "_pictures" if request.htmx else "pictures"  # type: ignore[attr-defined]
    return render(request, f"set_up/{part}.html", page)


@allow(get="project.edit", post="recipe.publish")
def labels(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Name what people should find: typed here, from a starter set, or copied from another project."""
    context = _context(request)
    state = set_up_for(context, "project.edit", project_id)
    refused: dict[str, Any] = {}
    if request.method == "POST":
        try:
            with transaction.atomic():
                _publish(request, context, state.project)
            return redirect("distribution:set_up_line", org=org, project_id=project_id)
        except (Invalid, BadRequest) as refusal:
            refused = {"error": refusal.text, "sent": _sent(request)}
    page = {
        "starters": starters(),
        "sources": [] if state.number else _sources(state.project),
        "instructions": request.POST.get("instructions", ""),
        "sent": [],
    }
    status = 422 if refused else 200
    return render(request, "set_up/labels.html", _frame(state, LABELS) | page | refused, status=status)


@allow(get="project.edit", post="pipeline.publish")
def line(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Choose who works, in which order, and who reviews."""
    state = set_up_for(_context(request), "project.edit", project_id)
    form = LineForm(request.POST or None, project=state.project)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                choose_line(project=state.project, **form.settings())
            return redirect("distribution:set_up_start", org=org, project_id=project_id)
        except Refusal as refusal:
            form.add_error(None, refusal.text)
    page = _frame(state, LINE) | _choices(state, crew_of(state.project), form)
    return render(request, "set_up/line.html", page, status=422 if form.errors else 200)


@allow(get="project.edit", post="pipeline.run")
def start(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Start the line, then take its first task. HTMX asks how far it is."""
    state = set_up_for(_context(request), "project.edit", project_id)
    if request.method == "POST":
        try:
            with transaction.atomic():
                start_line(project=state.project)
        except Refusal as refusal:
            messages.error(request, refusal.text)
        return redirect("distribution:set_up_start", org=org, project_id=project_id)
    run = newest_run(state.project) if state.has_run else None
    page = _frame(state, START) | (_started(run) if run else _summary(state))
    part = "_started" if request.htmx and run else "start"  # type: ignore[attr-defined]
    return render(request, f"set_up/{part}.html", page)


def _context(request: HttpRequest) -> Context:
    return cast(Context, request.member.context)  # type: ignore[attr-defined]


def _frame(state: SetUp, here: str) -> dict[str, Any]:
    """What all four pages show."""
    steps = state.steps
    return {
        "project": state.project,
        "here": "set_up",
        "state": state,
        "step": here,
        "steps": steps,
        "missing": [step for step in steps if not step.done and step.key not in (here, START)],
    }


def _arrived(project: Project, org: str) -> dict[str, Any]:
    items = Item.objects.filter(project=project, deleted_at=None, dataset__deleted_at=None).order_by("-id")
    upload = Upload.objects.filter(project=project).select_related("job").order_by("-id").first()
    found = list(items[: SHOWN + 1])
    return {
        "items": [{"name": item.name, "thumb": thumb_of(item.pk, org)} for item in found[:SHOWN]],
        "has_more": len(found) > SHOWN,
        "job": _job(upload, org) if upload and upload.state == UploadState.RECEIVED else None,
        "refused": refused_in([upload.pk]) if upload else [],
    }


def _job(upload: Upload, org: str) -> dict[str, Any]:
    job = upload.job
    return {"url": f"/api/v1/orgs/{org}/jobs/{job.pk}", "done": job.done, "total": job.total}


def _publish(request: HttpRequest, context: Context, project: Project) -> RecipeVersion:
    on = request.POST.get("on", "")
    if source_id := as_id(request.POST.get("copy_from", "")):
        return copy_recipe(project=project, source=project_for(context, "recipe.see", source_id), on=on)
    definitions = bodies.decode(request.POST.get("labels", "").encode(), list[LabelDefinition])
    instructions = request.POST.get("instructions", "")
    return publish_project_recipe(project=project, on=on, labels=definitions, instructions=instructions)


def _sent(request: HttpRequest) -> list[Any]:
    """What was typed, to be shown again whatever is wrong with it."""
    try:
        return bodies.decode(request.POST.get("labels", "").encode(), list[dict[str, Any]])
    except (Invalid, BadRequest):
        return []


def _sources(project: Project) -> list[dict[str, Any]]:
    """Other projects of the organization with a recipe, by name."""
    rows = RecipeVersion.objects.filter(org_id=project.org_id, project__deleted_at=None).exclude(project=project)
    newest = rows.select_related("project").order_by("project_id", "-published_at", "-id").distinct("project_id")
    found = [
        {"id": row.project_id, "name": row.project.name, "titles": ", ".join(one["title"] for one in row.labels)}
        for row in newest[:MOST_SOURCES]
    ]
    return sorted(found, key=lambda source: str(source["name"]).casefold())


def _choices(state: SetUp, crew: Crew, form: LineForm) -> dict[str, Any]:
    """The templates with what each needs, and the one to take where nothing was chosen."""
    models = list(versions_ready(state.project)[:20])
    advised = ALONE if not crew.can_review else WITH_MODEL if models else WITH_REVIEW
    sent = form.data if form.is_bound else {}
    on = sent.getlist("reviewers") if form.is_bound else REVIEW_ROLES  # type: ignore[attr-defined]
    return {
        "form": form,
        "chosen": sent.get("template") or _current(state) or advised,
        "advised": advised,
        "models": models,
        "crew": crew,
        "reviewers": [
            {"role": role, "title": Role(role).label, "names": crew.names[role], "on": role in on}
            for role in REVIEW_ROLES
        ],
    }


def _current(state: SetUp) -> str:
    """The template that the chosen line is drawn by, as far as its kinds of stages tell."""
    kinds = {stage["kind"] for stage in state.stages}
    if not kinds:
        return ""
    return WITH_MODEL if StageKind.PREDICT in kinds else WITH_REVIEW if StageKind.REVIEW in kinds else ALONE


def _summary(state: SetUp) -> dict[str, Any]:
    items = Item.objects.filter(project=state.project, deleted_at=None, dataset__deleted_at=None)
    work = [stage["title"] for stage in state.stages if stage["kind"] not in {StageKind.DATASET, StageKind.DONE}]
    return {"pictures": items.count(), "stages": work}


def _started(run: PipelineRun) -> dict[str, Any]:
    """How many tasks wait for people, and how many pictures for a model."""
    ready = Count("id", filter=Q(kind=TaskKind.HUMAN, state=TaskState.READY))
    reading = Count("id", filter=Q(kind=TaskKind.MACHINE, state=TaskState.WAITING))
    numbers = Task.objects.filter(pipeline_run=run).aggregate(ready=ready, reading=reading)
    return {"run": run, "pill": pill_of(run), **numbers}
