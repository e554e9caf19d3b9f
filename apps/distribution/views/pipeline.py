"""The pipeline of a project: its line with live counts, and the form that starts a run."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.access import allow
from apps.distribution import boards
from apps.distribution.forms import StartForm
from apps.distribution.models import PipelineRun
from apps.pipelines.models import Stage, StageKind
from apps.projects.models import Project
from apps.projects.selectors import project_for
from apps.recipes.models import RecipeVersion


@allow(get="pipeline.see")
def pipeline(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """The newest run, and the way to another."""
    project = project_for(request.member.context, "pipeline.see", project_id)  # type: ignore[attr-defined]
    return _page(request, project, StartForm(project=project))


def _page(request: HttpRequest, project: Project, form: StartForm, status: int = 200) -> HttpResponse:
    run = boards.newest_run(project)
    counts = boards.counts_of(run) if run else {}
    figures = boards.figures_of(project, run)
    wants = _wants(project, form, request.member.context.org_slug)  # type: ignore[attr-defined]
    page = {
        "project": project,
        "here": "pipeline",
        "run": run,
        "state": boards.pill_of(run),
        "line": boards.line_of(run, counts),
        "live": run is not None,
        "stages": [_row(stage, counts) for stage in boards.stages_of(run) if _is_work(stage)] if run else [],
        "heads": [_("Waiting"), _("In work"), _("Done"), _("Failed")],
        "figures": figures,
        "failed": _failed(run, counts),
        "form": form,
        "wants": wants,
        "ready": not wants,
        "nav_counts": {"items": figures["items"]},
    }
    return render(request, "distribution/pipeline.html", page, status=status)


def _wants(project: Project, form: StartForm, org: str) -> list[dict[str, str]]:
    """What is missing before a run can start."""
    route = {"org": org, "project_id": project.pk}
    wants = []
    if not form.pictures:
        text = _("There are no pictures yet. Add some, so that there is something to label.")
        wants.append({"text": text, "url": reverse("projects:datasets", kwargs=route), "action": _("Open dataset")})
    if not RecipeVersion.objects.filter(project=project).exists():
        text = _("No recipe is published yet. Publish one, so that people know what to label.")
        wants.append({"text": text, "url": reverse("recipes:recipe", kwargs=route), "action": _("Open recipe")})
    if not form.has_model:
        text = _("No model serves the project yet. Let one serve, so that it can read the pictures first.")
        wants.append({"text": text, "url": reverse("predictions:models", kwargs=route), "action": _("Open models")})
    return wants


def _is_work(stage: Stage) -> bool:
    return stage.kind not in {StageKind.DATASET, StageKind.DONE}


def _row(stage: Stage, counts: boards.Counts) -> dict[str, Any]:
    tasks = counts[stage.pk]
    waiting = ("ready", tasks["ready"]) if stage.is_human else ("open", tasks["waiting"] + tasks["ready"])
    passed = ("passed", tasks["submitted"] + tasks["accepted"] + tasks["returned"])
    numbers = [waiting, ("leased", tasks["leased"]), passed, ("failed", tasks["failed"])]
    words = [_("waiting"), _("in work"), _("done"), _("failed")]
    return {
        "id": stage.pk,
        "title": stage.title,
        "kind_name": stage.get_kind_display().lower(),
        "set": _settings(stage),
        "counts": [
            {"name": name, "number": number, "words": word} for (name, number), word in zip(numbers, words, strict=True)
        ],
    }


def _settings(stage: Stage) -> str:
    if not stage.is_human:
        return ""
    lease = _("lease %(minutes)s min") % {"minutes": round(stage.lease_seconds / 60)}
    if stage.kind != StageKind.LABEL or not stage.held_out:
        return lease
    return lease + _(", %(share)s %% without suggestions") % {"share": f"{100 * stage.held_out:g}"}


def _failed(run: PipelineRun | None, counts: boards.Counts) -> list[str]:
    """What models could not read, one sentence per stage."""
    if run is None:
        return []
    sentence = "%(n)s picture failed in %(stage)s. People label it without suggestions."
    sentences = "%(n)s pictures failed in %(stage)s. People label them without suggestions."
    return [
        ngettext(sentence, sentences, counts[stage.pk]["failed"])
        % {"n": counts[stage.pk]["failed"], "stage": stage.title}
        for stage in boards.stages_of(run)
        if counts[stage.pk]["failed"]
    ]
