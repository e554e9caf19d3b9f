"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from . import api as endpoints

pages: list[URLPattern] = []
api: list[URLPattern] = [
    path("projects/<uuid:project_id>/pipelines", endpoints.Pipelines.as_view()),
    path("pipelines/<uuid:pipeline_id>", endpoints.OnePipeline.as_view()),
    path("pipelines/<uuid:pipeline_id>/versions", endpoints.Versions.as_view()),
]
