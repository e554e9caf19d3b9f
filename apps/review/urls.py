"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from . import api as endpoints
from . import views

pages: list[URLPattern] = [path("projects/<uuid:project_id>/review/", views.queue, name="queue")]
api: list[URLPattern] = [path("tasks/<uuid:task_id>/verdict", endpoints.TaskVerdict.as_view())]
