"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from . import views

pages: list[URLPattern] = [
    path("projects/<uuid:project_id>/models/", views.models, name="models"),
    path(
        "projects/<uuid:project_id>/models/<uuid:deployment_id>/stopped",
        views.stopped_deployment,
        name="stopped_deployment",
    ),
]
api: list[URLPattern] = []
