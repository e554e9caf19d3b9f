"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from .api import projects

pages: list[URLPattern] = []
api: list[URLPattern] = [
    path("projects", projects.Projects.as_view()),
    path("projects/<uuid:project_id>", projects.OneProject.as_view()),
]
