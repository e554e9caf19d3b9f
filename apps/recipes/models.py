"""What is to be labeled: labels with their attributes and instructions, in versions that never change."""

from django.db import models

from apps.core.models import ProjectOwned, TenantKey
from apps.projects.models import Project


class Recipe(ProjectOwned):
    """A line of versions."""

    project = TenantKey(Project)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(ProjectOwned.Meta):
        db_table = "recipe"
        constraints = [models.UniqueConstraint(fields=["org_id", "project", "name"], name="recipe_name")]


class Label(ProjectOwned):
    """A label's lasting identity: the same in all versions of its recipe; its name never changes."""

    project = TenantKey(Project)
    recipe = TenantKey(Recipe)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(ProjectOwned.Meta):
        db_table = "label"
        constraints = [models.UniqueConstraint(fields=["org_id", "recipe", "name"], name="label_name")]


class RecipeVersion(ProjectOwned):
    """A published state of a recipe; immutable.

    `labels` is a list of `{id, name, title, color 1..20, key, geometry [types], attributes [{name, title, type,
    options, required, default}]}`, in order.
    """

    project = TenantKey(Project)
    recipe = TenantKey(Recipe)
    number = models.PositiveIntegerField()
    labels = models.JSONField()
    instructions = models.TextField(default="", blank=True)
    published_by = models.UUIDField(null=True)
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta(ProjectOwned.Meta):
        db_table = "recipe_version"
        constraints = [models.UniqueConstraint(fields=["org_id", "recipe", "number"], name="recipe_version_number")]
