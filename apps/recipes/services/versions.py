"""Publish versions of a recipe. A version never changes; a label keeps its identity through all of them."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity.services import record_activity, record_audit
from apps.core.errors import Invalid, InvalidText
from apps.core.tenancy import active_tenant
from apps.projects.models import Project
from apps.recipes import selectors
from apps.recipes.definitions import DuplicateLabel, LabelDefinition, checked_labels, folded
from apps.recipes.models import Label, Recipe, RecipeVersion

from .recipes import create_recipe

LONGEST_INSTRUCTIONS = 50_000
FIRST_NAME = "Recipe"


class InstructionsTooLong(Invalid):
    code = "instructions_too_long"
    message = f"Instructions have at most {LONGEST_INSTRUCTIONS:,} characters."


class LabelRenamed(Invalid):
    code = "label_renamed"
    message = "A label's name never changes. Change its title, or add a label."


class RecipeOvertaken(Invalid):
    code = "recipe_overtaken"


@transaction.atomic
def publish_version(*, recipe: Recipe, labels: list[LabelDefinition], instructions: str = "") -> RecipeVersion:
    """The next version. Raises TooManyLabels, DuplicateLabel, DuplicateLabelKey, InvalidLabel, InvalidAttribute,
    LabelRenamed, InvalidName, InvalidText or InstructionsTooLong, each with the place of what is wrong."""
    if len(instructions) > LONGEST_INSTRUCTIONS:
        raise InstructionsTooLong(field="instructions")
    if "\0" in instructions:
        raise InvalidText(field="instructions")
    checked = checked_labels(labels)
    # Published one after another, so that numbers have no gaps and a new label is made once.
    recipe = Recipe.objects.select_for_update().get(pk=recipe.pk)
    known = {label.name: label for label in selectors.labels_of(recipe)}
    _require_same_names(labels, checked, known)
    kept = _with_identities(recipe, checked, known)
    former = selectors.newest_version(recipe)
    version: RecipeVersion = RecipeVersion.objects.create(
        org_id=recipe.org_id,
        project_id=recipe.project_id,
        recipe=recipe,
        number=former.number + 1 if former else 1,
        labels=kept,
        instructions=instructions.strip(),
        published_by=active_tenant().user_id,
    )
    before = {"labels": former.labels, "instructions": former.instructions} if former else None
    record_audit(
        "recipe.publish",
        version,
        before=before,
        after={"labels": kept, "instructions": version.instructions},
        number=version.number,
    )
    record_activity("recipe.published", version, number=version.number, labels=len(kept))
    return version


@transaction.atomic
def publish_project_recipe(
    *, project: Project, on: str, labels: list[LabelDefinition], instructions: str = ""
) -> RecipeVersion:
    """The next version of the recipe that the project goes by: that of its newest version, else its first one, which
    is made with it. Raises RecipeOvertaken when `on` is not the newest version's number, and what `publish_version`
    does."""
    # Two who publish at once, or one press that was sent twice, come here one after another.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    newest = selectors.newest_version_of_project(project)
    number = newest.number if newest else 0
    if on != str(number):
        raise RecipeOvertaken(
            _("Version %(number)s was published meanwhile. Your draft is kept: see what differs, then publish it.")
            % {"number": number}
        )
    recipe = newest.recipe if newest else selectors.recipes_of(project).order_by("id").first()
    if recipe is None:
        recipe = create_recipe(project=project, name=FIRST_NAME)
    return publish_version(recipe=recipe, labels=labels, instructions=instructions)


def _require_same_names(sent: list[LabelDefinition], checked: list[dict[str, Any]], known: dict[str, Label]) -> None:
    by_id = {label.pk: label for label in known.values()}
    by_fold = {folded(name): name for name in known}
    for index, (label, fields) in enumerate(zip(sent, checked, strict=True)):
        if label.id is not None and (label.id not in by_id or by_id[label.id].name != fields["name"]):
            raise LabelRenamed(field=f"labels[{index}].name")
        other = by_fold.get(folded(fields["name"]))
        if other is not None and other != fields["name"]:
            raise DuplicateLabel(
                f"An earlier version of this recipe has the label {other}. Use exactly that name, or another.",
                field=f"labels[{index}].name",
            )


def _with_identities(recipe: Recipe, checked: list[dict[str, Any]], known: dict[str, Label]) -> list[dict[str, Any]]:
    fresh = [
        Label(org_id=recipe.org_id, project_id=recipe.project_id, recipe=recipe, name=fields["name"])
        for fields in checked
        if fields["name"] not in known
    ]
    Label.objects.bulk_create(fresh)
    known = known | {label.name: label for label in fresh}
    return [{"id": str(known[fields["name"]].pk), **fields} for fields in checked]
