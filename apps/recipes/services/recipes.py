"""Make recipes."""

from django.db import transaction

from apps.activity.services import record_audit
from apps.core.errors import Invalid
from apps.core.text import clean_name
from apps.projects.models import Project
from apps.recipes import selectors
from apps.recipes.models import Recipe


class RecipeNameTaken(Invalid):
    code = "name_taken"
    message = "Another recipe of this project has this name."


@transaction.atomic
def create_recipe(*, project: Project, name: str) -> Recipe:
    """A recipe without versions. Raises InvalidName, RecipeNameTaken."""
    name = clean_name(name)
    # The project's row is the lock, so no other request can take the name between this look and the write.
    Project.objects.select_for_update().get(pk=project.pk)
    if selectors.recipes_of(project).filter(name=name).exists():
        raise RecipeNameTaken(field="name")
    recipe: Recipe = Recipe.objects.create(org_id=project.org_id, project=project, name=name)
    record_audit("recipe.create", recipe, after={"name": name})
    return recipe
