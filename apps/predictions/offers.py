"""Which models could serve a project, and which of their classes it has labels for."""

from django.db.models import QuerySet

from apps.projects.models import Project
from apps.recipes.selectors import newest_version_of_project

from .models import EXTERNAL, Deployment, DeploymentState, ModelVersion, ModelVersionState


def serving(project: Project) -> "QuerySet[Deployment]":
    """Deployments that can be asked: not stopped, and not of models that run elsewhere; the oldest first."""
    here = Deployment.objects.filter(project=project, is_external=False)
    return here.exclude(state=DeploymentState.STOPPED).order_by("created_at")


def versions_ready(project: Project) -> "QuerySet[ModelVersion]":
    """Versions of the project's owner that could serve, the newest first."""
    ready = ModelVersion.objects.filter(org_id=project.org_id, state=ModelVersionState.READY)
    ready = ready.exclude(architecture=EXTERNAL)
    return ready.select_related("model").order_by("-id")


def classes_with_labels(project: Project, version: ModelVersion) -> list[str]:
    """The classes that a label of the newest recipe version is named after."""
    recipe = newest_version_of_project(project)
    names = {label["name"] for label in recipe.labels} if recipe else set()
    return [name for name in version.classes if name in names]
