"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from . import api as endpoints
from .views import editor, lists

pages: list[URLPattern] = [
    path("projects/<uuid:project_id>/pipelines/", lists.pipelines, name="list"),
    path("projects/<uuid:project_id>/pipelines/new", lists.new_pipeline, name="new"),
    path("projects/<uuid:project_id>/pipeline/<uuid:pipeline_id>/edit", editor.edit, name="edit"),
]
api: list[URLPattern] = [
    path("projects/<uuid:project_id>/pipelines", endpoints.Pipelines.as_view()),
    path("pipelines/templates", endpoints.Templates.as_view()),
    path("pipelines/<uuid:pipeline_id>", endpoints.OnePipeline.as_view()),
    path("pipelines/<uuid:pipeline_id>/check", endpoints.GraphCheck.as_view()),
    path("pipelines/<uuid:pipeline_id>/versions", endpoints.Versions.as_view()),
]
