"""The page of models: what serves a project, what waits for the workers, what could serve."""

from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.core.access import allow
from apps.core.errors import NotFound
from apps.predictions import selectors, services
from apps.predictions.models import (
    UNFINISHED,
    Deployment,
    DeploymentState,
    Inference,
    InferenceState,
    Lane,
    ModelVersion,
    ModelVersionState,
)
from apps.predictions.offers import classes_with_labels, serving, versions_ready
from apps.projects.models import Project
from apps.projects.selectors import project_for, row_for

PILLS = {DeploymentState.READY: "good", DeploymentState.WARMING: "info", DeploymentState.STOPPED: "idle"}
# One block of the queue's picture is one per cent wide; beyond these the number alone tells.
MOST_RUNNING, MOST_WAITING = 20, 76


@allow(get="deployment.see", post="model.deploy")
def models(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """What serves; HTMX asks for that part alone. A POST lets a version serve."""
    context = request.member.context  # type: ignore[attr-defined]
    if request.method == "POST":
        project = project_for(context, "model.deploy", project_id)
        version = _version(request.POST.get("model_version", ""))
        classes = {name: name for name in classes_with_labels(project, version)}
        services.deploy(project=project, version=version, classes=classes, tile_size=version.input_size)
        return redirect("predictions:models", org=org, project_id=project_id)
    project = project_for(context, "deployment.see", project_id)
    page = {"project": project, "here": "models", **_serving(project)}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "predictions/_serving.html", page)
    return render(request, "predictions/models.html", page | {"offers": _offers(project)})


@allow(post="model.deploy")
def stopped_deployment(request: HttpRequest, org: str, project_id: UUID, deployment_id: UUID) -> HttpResponse:
    """Take a deployment out of service."""
    context = request.member.context  # type: ignore[attr-defined]
    deployment = row_for(Deployment.objects.filter(project_id=project_id), context, "model.deploy", deployment_id)
    services.stop_deployment(deployment=deployment)
    return redirect("predictions:models", org=org, project_id=project_id)


def _version(key: str) -> ModelVersion:
    try:
        version = ModelVersion.objects.filter(pk=UUID(key), state=ModelVersionState.READY).select_related("model")
    except ValueError:
        raise NotFound from None
    if not version:
        raise NotFound
    return version[0]


def _serving(project: Project) -> dict[str, Any]:
    deployments = list(Deployment.objects.filter(project=project).order_by("created_at"))
    failed = selectors.failed_inferences(project).select_related("item")[:3]
    return {
        "deployments": _deployments(deployments),
        "lanes": _lanes(project),
        "workers": selectors.live_workers({one.model_version_id for one in deployments}),
        "gave_up": [{"item": one.item.name, "message": one.error_message} for one in failed],
    }


def _deployments(found: list[Deployment]) -> list[dict[str, Any]]:
    # A vendor sees what serves the project, but not the customer's models.
    versions = ModelVersion.objects.in_bulk([one.model_version_id for one in found])
    done = Inference.objects.filter(deployment__in=found, state=InferenceState.DONE).values_list("deployment_id")
    numbers = dict(done.annotate(number=Count("item_id", distinct=True)).order_by())
    return [_deployment(one, versions.get(one.model_version_id), numbers.get(one.pk, 0)) for one in found]


def _deployment(deployment: Deployment, version: ModelVersion | None, done: int) -> dict[str, Any]:
    state = DeploymentState(deployment.state)
    is_heard = deployment.is_external and state == DeploymentState.READY
    return {
        "id": deployment.pk,
        "title": deployment.title,
        "version": deployment.version,
        "state": {"kind": PILLS[state], "text": _("Runs elsewhere") if is_heard else str(state.label)},
        "stopped": state == DeploymentState.STOPPED,
        "tile": deployment.tile_size,
        "mapped": len(deployment.classes),
        "total": len(version.classes) if version else None,
        "classes": [{"name": name, "label": label} for name, label in sorted(deployment.classes.items())],
        "done": done,
    }


def _lanes(project: Project) -> list[dict[str, Any]]:
    rows = Inference.objects.filter(project=project, state__in=UNFINISHED).values_list("lane", "state")
    numbers = {(lane, state): number for lane, state, number in rows.annotate(number=Count("id")).order_by()}
    return [_lane(lane, numbers) for lane in Lane]


def _lane(lane: Lane, numbers: dict[tuple[str, str], int]) -> dict[str, Any]:
    running = numbers.get((lane, InferenceState.RUNNING), 0)
    waiting = sum(numbers.get((lane, state), 0) for state in (InferenceState.WAITING, InferenceState.QUEUED))
    blocks = [("run", 0, min(running, MOST_RUNNING) * 4), ("wait", min(running, MOST_RUNNING) * 4, waiting)]
    return {
        "name": str(lane.label),
        "running": running,
        "waiting": waiting,
        "blocks": [{"kind": kind, "x": x, "width": min(width, MOST_WAITING)} for kind, x, width in blocks if width],
    }


def _offers(project: Project) -> list[dict[str, Any]]:
    """Ready versions of the acting organization that do not serve the project; of models elsewhere those that were
    taken out of service."""
    silent = Deployment.objects.filter(project=project, is_external=True, state=DeploymentState.STOPPED)
    elsewhere = ModelVersion.objects.filter(pk__in=silent.values("model_version_id")).select_related("model")
    here = versions_ready(project).exclude(pk__in=serving(project).values("model_version_id"))
    found = [*elsewhere[:20], *here[:20]]
    return [
        {
            "id": version.pk,
            "name": version.model.name,
            "number": version.number,
            "licence": version.licence,
            "classes": len(version.classes),
            "mapped": len(classes_with_labels(project, version)),
        }
        for version in found
    ]
