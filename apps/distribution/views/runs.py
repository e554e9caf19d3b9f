"""What people do to a run from the pipeline page: pause, resume, drain, cancel."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from apps.core.access import allow
from apps.core.errors import NotFound, Refusal
from apps.distribution.models import PipelineRun, RunState
from apps.distribution.services.runs import change_run
from apps.projects.selectors import row_for

SAID = {
    RunState.PAUSED: gettext_lazy("The run is paused. Nobody gets new tasks; who has one may finish it."),
    RunState.RUNNING: gettext_lazy("The run goes on."),
    RunState.DRAINING: gettext_lazy(
        "The run drains: what nobody has begun is taken off, the rest is finished, and then it is done."
    ),
    RunState.CANCELLED: gettext_lazy("The run is cancelled. What was submitted stays, and drafts are kept."),
}


@allow(get="pipeline.run", post="pipeline.run")
def run(request: HttpRequest, org: str, project_id: UUID, run_id: UUID) -> HttpResponse:
    """The run's buttons alone, for the page that keeps them live; a POST moves it to `state`."""
    context = request.member.context  # type: ignore[attr-defined]
    row = row_for(PipelineRun.objects.select_related("project"), context, "pipeline.run", run_id)
    if row.project_id != project_id:
        raise NotFound
    if request.method != "POST":
        return render(request, "distribution/_run_actions.html", {"project": row.project, "run": row})
    state = request.POST.get("state", "")
    if state not in SAID:
        raise NotFound
    try:
        with transaction.atomic():
            change_run(run=row, state=state)
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, SAID[RunState(state)])
    return redirect("distribution:pipeline", org=org, project_id=project_id)
