"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from . import api as endpoints
from . import views

pages: list[URLPattern] = [
    path("projects/<uuid:project_id>/models/", views.models, name="models"),
    path(
        "projects/<uuid:project_id>/models/<uuid:deployment_id>/stopped",
        views.stopped_deployment,
        name="stopped_deployment",
    ),
]
api: list[URLPattern] = [
    path("models", endpoints.Models.as_view()),
    path("models/<uuid:model_id>/versions", endpoints.ModelVersions.as_view()),
    path("model_versions/<uuid:version_id>", endpoints.OneModelVersion.as_view()),
    path("projects/<uuid:project_id>/deployments", endpoints.Deployments.as_view()),
    path("deployments/<uuid:deployment_id>", endpoints.OneDeployment.as_view()),
]
