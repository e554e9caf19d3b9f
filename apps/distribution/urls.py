"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from .views import dataset, my_work, overview, pipeline

pages: list[URLPattern] = [
    path("", my_work.my_work, name="my_work"),
    path("work/", my_work.claim, name="claim"),
    path("work/<uuid:task_id>", my_work.editor, name="editor"),
    path("projects/<uuid:project_id>/", overview.overview, name="overview"),
    path("projects/<uuid:project_id>/figures", overview.figures, name="figures"),
    path("projects/<uuid:project_id>/line", overview.line, name="line"),
    path("projects/<uuid:project_id>/pipeline/", pipeline.pipeline, name="pipeline"),
    path("projects/<uuid:project_id>/dataset/<uuid:dataset_id>/", dataset.dataset_page, name="dataset"),
]
api: list[URLPattern] = []
