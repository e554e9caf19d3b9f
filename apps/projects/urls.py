"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from . import views
from .api import datasets, items, pictures, projects, uploads

pages: list[URLPattern] = [
    path("projects/", views.project_list, name="list"),
    path("projects/new", views.new_project, name="new"),
    path("projects/<uuid:project_id>/deletion", views.deletion, name="deletion"),
    path("projects/<uuid:project_id>/dataset/", views.datasets, name="datasets"),
]
api: list[URLPattern] = [
    path("projects", projects.Projects.as_view()),
    path("projects/<uuid:project_id>", projects.OneProject.as_view()),
    path("projects/<uuid:project_id>/datasets", datasets.Datasets.as_view()),
    path("datasets/<uuid:dataset_id>", datasets.OneDataset.as_view()),
    path("datasets/<uuid:dataset_id>/items", items.Items.as_view()),
    path("datasets/<uuid:dataset_id>/uploads", uploads.Uploads.as_view()),
    path("uploads/<uuid:upload_id>", uploads.OneUpload.as_view()),
    path("items/<uuid:item_id>", items.OneItem.as_view()),
    path("items/<uuid:item_id>/image", pictures.ItemImage.as_view()),
    path("items/<uuid:item_id>/tiles/<int:z>/<int:x>/<int:y>", pictures.ItemTile.as_view()),
]
