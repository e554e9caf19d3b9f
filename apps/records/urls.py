"""Addresses of this app: `outside` any organization, `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from . import api as endpoints
from .views import audit, members, own

outside: list[URLPattern] = [
    path("account/own-data/", own.own_data, name="own_data"),
    path("account/own-data/<uuid:own_data_id>/file", own.own_data_file, name="own_data_file"),
    path("account/erasure", own.erasure, name="erasure"),
]
pages: list[URLPattern] = [
    path("audit/", audit.audit, name="audit"),
    path("audit/table.csv", audit.audit_file, name="audit_file"),
    path("members/<uuid:membership_id>/erasure", members.member_erasure, name="member_erasure"),
]
api: list[URLPattern] = [path("events", endpoints.Events.as_view())]
