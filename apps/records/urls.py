"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from . import api as endpoints
from .views import audit

pages: list[URLPattern] = [
    path("audit/", audit.audit, name="audit"),
    path("audit/table.csv", audit.audit_file, name="audit_file"),
]
api: list[URLPattern] = [path("events", endpoints.Events.as_view())]
