"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from . import api as endpoints
from . import views

PROJECT = "projects/<uuid:project_id>/performance"
pages: list[URLPattern] = [
    path(f"{PROJECT}/", views.figures, name="figures"),
    path(f"{PROJECT}/table.csv", views.table_file, name="table"),
    path(f"{PROJECT}/run/", views.run_status, name="run"),
    path(f"{PROJECT}/suggestions/", views.suggestions, name="suggestions"),
    path("me/", views.my_figures, name="mine"),
    path("team/", views.team, name="team"),
]
api: list[URLPattern] = [
    path(PROJECT, endpoints.Performance.as_view()),
    path(f"{PROJECT}/run", endpoints.RunStatus.as_view()),
    path(f"{PROJECT}/suggestions", endpoints.Suggestions.as_view()),
    path("me/performance", endpoints.MyPerformance.as_view()),
]
