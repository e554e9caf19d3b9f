"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern, path

from . import api as endpoints
from . import views

pages: list[URLPattern] = [path("projects/<uuid:project_id>/recipe/", views.recipe, name="recipe")]
api: list[URLPattern] = [
    path("projects/<uuid:project_id>/recipes", endpoints.Recipes.as_view()),
    path("recipes/<uuid:recipe_id>", endpoints.OneRecipe.as_view()),
    path("recipes/<uuid:recipe_id>/versions", endpoints.Versions.as_view()),
]
