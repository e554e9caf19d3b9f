"""Addresses of this app: `api` under /api/v1/orgs/{org}/. A job is shown on the page of whoever asked for it."""

from django.urls import URLPattern, path

from .api import Jobs, OneJob

pages: list[URLPattern] = []
api: list[URLPattern] = [
    path("jobs", Jobs.as_view(), name="jobs"),
    path("jobs/<uuid:job_id>", OneJob.as_view(), name="job"),
]
