"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from .api.quality import Quality, QualityEvidence
from .api.verdicts import TaskVerdict
from .views.evidence import evidence_page
from .views.given import given
from .views.home import quality_home
from .views.quality import quality_page, quality_table
from .views.queue import queue
from .views.stream import stream

pages: list[URLPattern] = [
    path("review/", stream, name="stream"),
    path("review/given/", given, name="given"),
    path("projects/<uuid:project_id>/review/", queue, name="queue"),
    path("projects/<uuid:project_id>/quality/", quality_page, name="quality"),
    path("projects/<uuid:project_id>/quality/evidence", evidence_page, name="quality_evidence"),
    path("projects/<uuid:project_id>/quality/tables/<slug:table>", quality_table, name="quality_table"),
    path("quality/", quality_home, name="quality_home"),
]
api: list[URLPattern] = [
    path("tasks/<uuid:task_id>/verdict", TaskVerdict.as_view()),
    path("projects/<uuid:project_id>/quality", Quality.as_view()),
    path("projects/<uuid:project_id>/quality/evidence", QualityEvidence.as_view()),
]
