"""Recipes and their versions over HTTP."""

import datetime
from typing import Any
from uuid import UUID

from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of
from apps.projects.selectors import project_for

from . import selectors, services
from .definitions import LabelDefinition
from .models import Recipe, RecipeVersion


class RecipeIn(Struct):
    name: str


class RecipeVersionIn(Struct):
    labels: list[LabelDefinition]
    instructions: str = ""


class RecipeVersionOut(Answer):
    id: UUID
    recipe: UUID
    number: int
    labels: list[LabelDefinition]
    instructions: str
    published_at: datetime.datetime


class RecipeOut(Answer):
    id: UUID
    project: UUID
    name: str
    created_at: datetime.datetime


class OneRecipeOut(RecipeOut):
    version: RecipeVersionOut | None


class RecipesOut(Answer):
    results: list[RecipeOut]
    next: str | None
    previous: str | None


class RecipeVersionsOut(Answer):
    results: list[RecipeVersionOut]
    next: str | None
    previous: str | None


class Recipes(Api):
    @operation("recipe.see", "A project's recipes.", query=Page, answers={200: RecipesOut})
    def get(self, request: Any, org: str, project_id: UUID, query: Page) -> Result:
        """Oldest first."""
        project = project_for(request.member.context, "recipe.see", project_id)
        return 200, page_of(selectors.recipes_of(project), query, lambda row: RecipeOut(**_recipe(row)))

    @operation("recipe.publish", "Make a recipe.", body=RecipeIn, answers={201: RecipeOut})
    def post(self, request: Any, org: str, project_id: UUID, body: RecipeIn) -> Result:
        """Without versions yet."""
        project = project_for(request.member.context, "recipe.publish", project_id)
        return 201, RecipeOut(**_recipe(services.create_recipe(project=project, name=body.name)))


class OneRecipe(Api):
    @operation("recipe.see", "A recipe with its newest version.", answers={200: OneRecipeOut})
    def get(self, request: Any, org: str, recipe_id: UUID) -> Result:
        """`version` is null until one is published."""
        recipe = selectors.recipe_for(request.member.context, "recipe.see", recipe_id)
        version = selectors.newest_version(recipe)
        return 200, {**_recipe(recipe), "version": _version(version) if version else None}


class Versions(Api):
    @operation("recipe.see", "A recipe's versions.", query=Page, answers={200: RecipeVersionsOut})
    def get(self, request: Any, org: str, recipe_id: UUID, query: Page) -> Result:
        """Newest first."""
        recipe = selectors.recipe_for(request.member.context, "recipe.see", recipe_id)
        return 200, page_of(selectors.versions_of(recipe), query, _version, newest_first=True)

    @operation(
        "recipe.publish", "Publish a version; it never changes.", body=RecipeVersionIn, answers={201: RecipeVersionOut}
    )
    def post(self, request: Any, org: str, recipe_id: UUID, body: RecipeVersionIn) -> Result:
        """Labels that earlier versions had keep their ids."""
        recipe = selectors.recipe_for(request.member.context, "recipe.publish", recipe_id)
        version = services.publish_version(recipe=recipe, labels=body.labels, instructions=body.instructions)
        return 201, _version(version)


def _recipe(recipe: Recipe) -> dict[str, Any]:
    return {
        "id": recipe.pk,
        "project": recipe.project_id,
        "name": recipe.name,
        "created_at": recipe.created_at,
    }


def _version(version: RecipeVersion) -> dict[str, Any]:
    # The labels are stored as they are shown: they go out as they are.
    return {
        "id": version.pk,
        "recipe": version.recipe_id,
        "number": version.number,
        "labels": version.labels,
        "instructions": version.instructions,
        "published_at": version.published_at,
    }
