"""Recipes and their versions as the acting organization sees them."""

from uuid import UUID

from django.db.models import QuerySet

from apps.core.tenancy import Context
from apps.projects.models import Project
from apps.projects.selectors import row_for

from .models import Label, Recipe, RecipeVersion


def recipe_for(context: Context, action: str, recipe_id: UUID) -> Recipe:
    """A recipe by the rules of `project_for`."""
    recipe: Recipe = row_for(Recipe.objects.all(), context, action, recipe_id)
    return recipe


def recipes_of(project: Project) -> "QuerySet[Recipe]":
    """A project's recipes."""
    return Recipe.objects.filter(org_id=project.org_id, project=project)


def versions_of(recipe: Recipe) -> "QuerySet[RecipeVersion]":
    """A recipe's versions."""
    return RecipeVersion.objects.filter(org_id=recipe.org_id, recipe=recipe)


def newest_version(recipe: Recipe) -> RecipeVersion | None:
    """The version that holds now, if any was published."""
    version: RecipeVersion | None = versions_of(recipe).order_by("-number").first()
    return version


def newest_version_of_project(project: Project) -> RecipeVersion | None:
    """What a new pipeline pins when it names none: the version published last in any recipe of the project."""
    rows = RecipeVersion.objects.filter(org_id=project.org_id, project=project)
    version: RecipeVersion | None = rows.order_by("-published_at", "-id").first()
    return version


def labels_of(recipe: Recipe) -> "QuerySet[Label]":
    """Every label that a recipe ever had."""
    return Label.objects.filter(org_id=recipe.org_id, recipe=recipe)
