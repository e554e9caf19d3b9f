"""The way of a new project from nothing to its first task, in four pages. What is done is seen from the project itself,
so a step can be taken again, left, or done elsewhere."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.db import transaction
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
from apps.distribution.overviews import pill_of, thumb_of
from apps.distribution.services.starts import choose_line, start_line
from apps.distribution.set_up import LABELS, LINE, PICTURES, START, Crew, SetUp, crew_of
from apps.pipelines.graphs import REVIEW_ROLES
from apps.pipelines.models import StageKind
from apps.pipelines.selectors import stages_of
from apps.predictions.offers import versions_ready
from apps.projects.models import Dataset, Item, Project, Upload, UploadState
from apps.projects.samples import sample_files
from apps.projects.selectors import datasets_of, main_dataset_of, project_for, projects_seen
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
    project = project_for(_context(request), "project.edit", project_id)
    return redirect(f"distribution:set_up_{SetUp(project).next}", org=org, project_id=project_id)


@allow(get="project.edit", post="upload.create")
def pictures(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Drop pictures, or take the samples (POST). HTMX asks for what has arrived."""
    project = project_for(_context(request), "project.edit", project_id)
    dataset = main_dataset_of(project) or create_dataset(project=project, name=_("Pictures"))
    if request.method == "POST":
        receive_upload(dataset=dataset, received=sample_files())
        return redirect("distribution:set_up_pictures", org=org, project_id=project_id)
    page = _frame(project, PICTURES) | _arrived(project, org) | {"dataset": dataset}
    part = "_pictures" if request.htmx else "pictures"  # type: ignore[attr-defined]
    return render(request, f"set_up/{part}.html", page)


@allow(get="project.edit", post="recipe.publish")
def labels(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Name what people should find: typed here, from a starter set, or copied from another project."""
    context = _context(request)
    project = project_for(context, "project.edit", project_id)
    refused: dict[str, Any] = {}
    if request.method == "POST":
        try:
            with transaction.atomic():
                _publish(request, context, project)
            return redirect("distribution:set_up_line", org=org, project_id=project_id)
        except (Invalid, BadRequest) as refusal:
            refused = {"error": refusal.text, "sent": _sent(request)}
    state = _frame(project, LABELS)
    page = {
        "version": state["state"].recipe,
        "starters": starters(),
        "sources": _sources(project),
        "instructions": request.POST.get("instructions", ""),
        "sent": [],
    }
    return render(request, "set_up/labels.html", state | page | refused, status=422 if refused else 200)


@allow(get="project.edit", post="pipeline.publish")
def line(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Choose who works, in which order, and who reviews."""
    project = project_for(_context(request), "project.edit", project_id)
    crew = crew_of(project)
    form = LineForm(request.POST or None, project=project)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                choose_line(project=project, **form.settings())
            return redirect("distribution:set_up_start", org=org, project_id=project_id)
        except Refusal as refusal:
            form.add_error(None, refusal.text)
    page = _frame(project, LINE)
    page |= _choices(page["state"], crew, form)
    return render(request, "set_up/line.html", page, status=422 if form.errors else 200)


@allow(get="project.edit", post="pipeline.run")
def start(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Start the line, then take its first task. HTMX asks how far it is."""
    project = project_for(_context(request), "project.edit", project_id)
    if request.method == "POST":
        try:
            with transaction.atomic():
                start_line(project=project)
        except Refusal as refusal:
            messages.error(request, refusal.text)
        return redirect("distribution:set_up_start", org=org, project_id=project_id)
    page = _frame(project, START)
    state: SetUp = page["state"]
    page |= _started(state.run) if state.run else _summary(state)
    part = "_started" if request.htmx and state.run else "start"  # type: ignore[attr-defined]
    return render(request, f"set_up/{part}.html", page)


def _context(request: HttpRequest) -> Context:
    return cast(Context, request.member.context)  # type: ignore[attr-defined]


def _frame(project: Project, here: str) -> dict[str, Any]:
    """What all four pages show."""
    state = SetUp(project)
    keys = [step.key for step in state.steps]
    return {
        "project": project,
        "here": "set_up",
        "state": state,
        "step": here,
        "number": keys.index(here) + 1,
        "steps": state.steps,
        "missing": [step for step in state.steps if not step.done and step.key not in (here, START)],
    }


def _arrived(project: Project, org: str) -> dict[str, Any]:
    items = Item.objects.filter(project=project, deleted_at=None, dataset__deleted_at=None).order_by("-id")
    upload = Upload.objects.filter(project=project).select_related("job").order_by("-id").first()
    found = list(items[: SHOWN + 1])
    return {
        "items": [{"name": item.name, "thumb": thumb_of(item.pk, org)} for item in found[:SHOWN]],
        "has_more": len(found) > SHOWN,
        "job": _job(upload, org) if upload and upload.state == UploadState.RECEIVED else None,
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
    others = projects_seen().filter(org_id=project.org_id).exclude(pk=project.pk).order_by("name")[:MOST_SOURCES]
    names = {other.pk: other.name for other in others}
    rows = RecipeVersion.objects.filter(project_id__in=names).order_by("project_id", "-published_at", "-id")
    newest = {row.project_id: row for row in rows.distinct("project_id")}
    return [
        {"id": key, "name": name, "titles": ", ".join(label["title"] for label in newest[key].labels)}
        for key, name in names.items()
        if key in newest
    ]


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
    if state.line is None:
        return ""
    kinds = {stage.kind for stage in stages_of(state.line)}
    return WITH_MODEL if StageKind.PREDICT in kinds else WITH_REVIEW if StageKind.REVIEW in kinds else ALONE


def _summary(state: SetUp) -> dict[str, Any]:
    datasets: list[Dataset] = list(datasets_of(state.project))
    stages = list(stages_of(state.line)) if state.line else []
    return {
        "pictures": Item.objects.filter(dataset__in=datasets, deleted_at=None).count(),
        "labels": state.recipe.labels if state.recipe else [],
        "stages": [stage.title for stage in stages if stage.kind not in {StageKind.DATASET, StageKind.DONE}],
    }


def _started(run: PipelineRun) -> dict[str, Any]:
    tasks = Task.objects.filter(pipeline_run=run)
    return {
        "run": run,
        "pill": pill_of(run),
        "ready": tasks.filter(kind=TaskKind.HUMAN, state=TaskState.READY).count(),
        "reading": tasks.filter(kind=TaskKind.MACHINE, state=TaskState.WAITING).count(),
    }
