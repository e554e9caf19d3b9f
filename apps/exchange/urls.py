"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from . import api as endpoints
from . import views

pages: list[URLPattern] = [path("projects/<uuid:project_id>/exports/", views.exports, name="exports")]
api: list[URLPattern] = [
    path("projects/<uuid:project_id>/exports", endpoints.Exports.as_view()),
    path("exports/<uuid:export_id>", endpoints.OneExport.as_view()),
    path("exports/<uuid:export_id>/file", endpoints.ExportFile.as_view()),
]
