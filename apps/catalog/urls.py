"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from . import views
from .api import acts, items
from .api import views as saved

pages: list[URLPattern] = [
    path("projects/<uuid:project_id>/dataset/<uuid:dataset_id>/", views.dataset_page, name="dataset"),
    path("projects/<uuid:project_id>/dataset/<uuid:dataset_id>/tools", views.tools, name="tools"),
    path("projects/<uuid:project_id>/dataset/<uuid:dataset_id>/views", views.views, name="views"),
    path("projects/<uuid:project_id>/dataset/<uuid:dataset_id>/views/<uuid:view_id>", views.one_view, name="view"),
]
api: list[URLPattern] = [
    path("projects/<uuid:project_id>/items", items.ProjectItems.as_view()),
    path("projects/<uuid:project_id>/saved_views", saved.SavedViews.as_view()),
    path("saved_views/<uuid:view_id>", saved.OneSavedView.as_view()),
    path("projects/<uuid:project_id>/subsets", saved.Subsets.as_view()),
    path("subsets/<uuid:subset_id>", saved.OneSubset.as_view()),
    path("projects/<uuid:project_id>/bulk_acts", acts.Acts.as_view()),
    path("bulk_acts/<uuid:act_id>", acts.OneAct.as_view()),
    path("projects/<uuid:project_id>/prediction_runs", acts.PredictionRuns.as_view()),
    path("prediction_runs/<uuid:run_id>", acts.OnePredictionRun.as_view()),
]
