"""Moving a run that is at work to the newest version of its pipeline: what goes where, and the button."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.core.access import allow
from apps.core.errors import NotFound, Refusal
from apps.distribution.models import PipelineRun
from apps.distribution.selectors.moves import ways_between
from apps.distribution.services.entering import fits
from apps.distribution.services.versions import move_run
from apps.pipelines.models import PipelineVersion, Stage
from apps.pipelines.selectors import newest_version
from apps.projects.selectors import row_for


@allow(get="pipeline.run", post="pipeline.run")
def moves(request: HttpRequest, org: str, project_id: UUID, run_id: UUID) -> HttpResponse:
    """Stage by stage; a POST moves the run, with a target for each stage that the version lacks."""
    rows = PipelineRun.objects.select_related("project", "pipeline_version__pipeline")
    run = row_for(rows, request.member.context, "pipeline.run", run_id)  # type: ignore[attr-defined]
    version = newest_version(run.pipeline_version.pipeline)
    if run.project_id != project_id or version is None:
        raise NotFound
    if request.method == "POST" and _move(request, run, version):
        return redirect("distribution:pipeline", org=org, project_id=project_id)
    page = {
        "here": "pipeline",
        "project": run.project,
        "run": run,
        "version": version,
        "is_there": version.pk == run.pipeline_version_id,
        "ways": _rows(run, version, request.POST),
    }
    return render(request, "distribution/moves.html", page)


def _move(request: HttpRequest, run: PipelineRun, version: PipelineVersion) -> bool:
    stated = request.POST.dict()
    named = {key.removeprefix("to-"): str(value) for key, value in stated.items() if key.startswith("to-") and value}
    try:
        with transaction.atomic():
            move_run(run=run, version_id=version.pk, mapping=named)
    except Refusal as refusal:
        messages.error(request, refusal.text)
        return False
    messages.success(request, _("The run is on the new version. What is open is being brought to its stages."))
    return True


def _rows(run: PipelineRun, version: PipelineVersion, chosen: Any) -> list[dict[str, Any]]:
    targets = list(Stage.objects.filter(pipeline_version=version).order_by("position"))
    return [
        {
            "way": way,
            "chosen": chosen.get(f"to-{way.stage.key}", way.target.key if way.target else ""),
            "targets": [stage for stage in targets if fits(way.stage.unit, stage)],
        }
        for way in ways_between(run, version, {})
    ]
