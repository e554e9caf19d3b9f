"""Take over the recipe of another project."""

from typing import Any

import msgspec
from django.db import transaction

from apps.core.errors import Invalid
from apps.projects.models import Project
from apps.recipes import selectors
from apps.recipes.definitions import LabelDefinition
from apps.recipes.models import RecipeVersion

from .versions import publish_project_recipe


class NothingToCopy(Invalid):
    code = "nothing_to_copy"
    message = "That project has no recipe. Choose another, or add labels here."


@transaction.atomic
def copy_recipe(*, project: Project, source: Project, on: str) -> RecipeVersion:
    """Publish labels and instructions of the source's newest version as the project's next one.

    Raises NothingToCopy and what `publish_project_recipe` does.
    """
    newest = selectors.newest_version_of_project(source)
    if newest is None:
        raise NothingToCopy(field="copy_from")
    labels = [_definition(label) for label in newest.labels]
    return publish_project_recipe(project=project, on=on, labels=labels, instructions=newest.instructions)


def _definition(label: dict[str, Any]) -> LabelDefinition:
    # Without its id: the copy's labels have a life of their own.
    return msgspec.convert({name: value for name, value in label.items() if name != "id"}, LabelDefinition)
