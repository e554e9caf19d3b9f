"""The run log of a unit, and the form by which a manager sends it to another stage."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.core.access import allow
from apps.core.errors import NotFound, Refusal
from apps.distribution.models import Unit, UnitState
from apps.distribution.selectors import stages_shown
from apps.distribution.selectors.unit_log import log_of, parts_of, unit_for
from apps.distribution.services.entering import fits
from apps.distribution.services.moving import move_units

PILLS = {UnitState.OPEN: "info", UnitState.ACCEPTED: "good", UnitState.SET_ASIDE: "idle", UnitState.CANCELLED: "idle"}


@allow(get="quality.see", post="pipeline.run")
def unit(request: HttpRequest, org: str, project_id: UUID, unit_id: UUID) -> HttpResponse:
    """Everything that happened about it; a POST sends it to `stage`."""
    action = "pipeline.run" if request.method == "POST" else "quality.see"
    row = unit_for(request.member.context, action, unit_id)  # type: ignore[attr-defined]
    if row.project_id != project_id:
        raise NotFound
    if request.method == "POST":
        _send(request, row)
        return redirect("distribution:unit", org=org, project_id=project_id, unit_id=unit_id)
    page = {
        "here": "pipeline",
        "project": row.project,
        "unit": row,
        "state": {"kind": PILLS[UnitState(row.state)], "text": row.get_state_display()},
        "entries": log_of(row),
        "parts": [(part, PILLS[UnitState(part.state)]) for part in parts_of(row)],
        "targets": [stage for stage in stages_shown(row.pipeline_run) if fits(row.kind, stage)],
    }
    return render(request, "distribution/unit.html", page)


def _send(request: HttpRequest, row: Unit) -> None:
    try:
        stage_id = UUID(request.POST.get("stage", ""))
    except ValueError:
        raise NotFound from None
    try:
        with transaction.atomic():
            move_units(project=row.project, unit_ids=[row.pk], stage_id=stage_id, note=request.POST.get("note", ""))
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("It is sent there. What was open about it has ended."))
