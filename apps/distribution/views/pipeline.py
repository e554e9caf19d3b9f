"""The pipeline of a project: its line with live counts, and the form that starts a run."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.access import allow
from apps.core.errors import Refusal
from apps.distribution import overviews
from apps.distribution.drawing import drawing_of
from apps.distribution.forms import StartForm
from apps.distribution.services.starts import start_template
from apps.distribution.services.versions import MOVABLE
from apps.pipelines.models import PipelineVersion, Stage, StageKind
from apps.pipelines.selectors import newest_version
from apps.projects.models import Project
from apps.projects.selectors import project_for
from apps.recipes.models import RecipeVersion


@allow(get="pipeline.see", post="pipeline.publish")
def pipeline(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """The newest run, and the way to another; a POST starts one."""
    context = request.member.context  # type: ignore[attr-defined]
    if request.method != "POST":
        project = project_for(context, "pipeline.see", project_id)
        return _page(request, project, StartForm(project=project))
    project = project_for(context, "pipeline.publish", project_id)
    form = StartForm(request.POST, project=project)
    if form.is_valid() and _start(form, project):
        messages.success(request, _("The run is started."))
        return redirect("distribution:pipeline", org=org, project_id=project_id)
    return _page(request, project, form, status=422)


def _start(form: StartForm, project: Project) -> bool:
    """Whether it began; if not, the form says why."""
    try:
        with transaction.atomic():
            start_template(project=project, **form.settings())
    except Refusal as refusal:
        form.add_error(None, refusal.text)
        return False
    return True


def _page(request: HttpRequest, project: Project, form: StartForm, status: int = 200) -> HttpResponse:
    board = overviews.board_of(project)
    run, figures = board.run, overviews.figures_of(project, board.units)
    wants = _wants(project, form, request.member.context.org_slug)  # type: ignore[attr-defined]
    page = {
        "project": project,
        "here": "pipeline",
        "run": run,
        "title": run.pipeline_version.pipeline.name if run else _("Pipeline"),
        "about": _about(board),
        "state": overviews.pill_of(run),
        "line": board.line,
        "graph": drawing_of(board),
        "newer": _newer(board),
        "live": run is not None,
        "stages": [_row(stage, board.counts) for stage in board.stages if _is_work(stage)],
        "heads": [_("Waiting"), _("In work"), _("Done"), _("Failed")],
        "figures": figures,
        "failed": _failed(board),
        "form": form,
        "wants": wants,
        "ready": not wants,
        "nav_counts": {"pictures": figures["items"]},
    }
    return render(request, "distribution/pipeline.html", page, status=status)


def _newer(board: overviews.Board) -> PipelineVersion | None:
    """A version that was published after the run's, while the run can still be moved to it."""
    if board.run is None or board.run.state not in MOVABLE:
        return None
    newest = newest_version(board.run.pipeline_version.pipeline)
    return newest if newest and newest.pk != board.run.pipeline_version_id else None


def _wants(project: Project, form: StartForm, org: str) -> list[dict[str, str]]:
    """What is missing before a run can start."""
    route = {"org": org, "project_id": project.pk}
    wants = []
    if not form.has_pictures:
        text = _("There are no pictures yet. Add some, so that there is something to label.")
        wants.append({"text": text, "url": reverse("projects:datasets", kwargs=route), "action": _("Open dataset")})
    if not RecipeVersion.objects.filter(project=project).exists():
        text = _("No recipe is published yet. Publish one, so that people know what to label.")
        wants.append({"text": text, "url": reverse("recipes:recipe", kwargs=route), "action": _("Open recipe")})
    return wants


def _about(board: overviews.Board) -> str:
    """What happens on the line, in a sentence."""
    kinds = {stage.kind for stage in board.stages}
    if StageKind.PREDICT in kinds:
        return _("A model reads every picture first. A person completes it, another accepts, fixes or returns it.")
    if StageKind.REVIEW in kinds:
        return _("A person labels each picture, another person accepts, fixes or returns it.")
    if board.run:
        return _("A person labels each picture, and what they submit counts at once.")
    return _("The order in which models and people work on each picture.")


def _is_work(stage: Stage) -> bool:
    return stage.kind not in {StageKind.DATASET, StageKind.DONE}


def _row(stage: Stage, counts: overviews.Counts) -> dict[str, Any]:
    tasks = counts[str(stage.pk)]
    names = ["ready" if stage.is_human else "open", "leased", "passed", "failed"]
    words = [_("waiting"), _("in work"), _("done"), _("failed")]
    return {
        "id": stage.pk,
        "title": stage.title,
        "kind_name": stage.get_kind_display().lower(),
        "set": _settings(stage),
        "counts": [
            {"name": name, "number": tasks[name], "words": word} for name, word in zip(names, words, strict=True)
        ],
    }


def _settings(stage: Stage) -> str:
    if not stage.is_human:
        return ""
    lease = _("lease %(minutes)s min") % {"minutes": round(stage.lease_seconds / 60)}
    if stage.kind != StageKind.LABEL or not stage.held_out:
        return lease
    return lease + _(", %(share)s %% without suggestions") % {"share": f"{100 * stage.held_out:g}"}


def _failed(board: overviews.Board) -> list[str]:
    """What models could not read, one sentence per stage."""
    failed = [(stage.title, board.counts[str(stage.pk)].get("failed", 0)) for stage in board.stages]
    return [
        ngettext(
            "%(n)s picture failed in %(stage)s. People label it without suggestions.",
            "%(n)s pictures failed in %(stage)s. People label them without suggestions.",
            number,
        )
        % {"n": number, "stage": title}
        for title, number in failed
        if number
    ]
