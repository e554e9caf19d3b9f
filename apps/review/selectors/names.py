"""What labels, models and recipes are called on a project's pages; a vendor reads them too."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from apps.predictions.models import Deployment
from apps.projects.models import Project
from apps.recipes.models import RecipeVersion

MOST_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class Named:
    """A label as its recipe shows it; `color` is 1 to 20, or 0 where no version speaks of it any more."""

    id: UUID
    title: str
    color: int = 0


@dataclass(frozen=True, slots=True)
class Names:
    """All that a project's figures name. Labels are in the order of the newest recipe."""

    labels: dict[UUID, Named]
    models: dict[UUID, str]
    recipes: list[tuple[UUID, str]] = field(default_factory=list)

    def label(self, label: UUID) -> Named:
        """A label as its newest version shows it; one that no recent version speaks of is called by its id."""
        return self.labels.get(label) or Named(label, str(label)[:8])

    def model(self, version: UUID) -> str:
        """A model version's name; one that serves the project no more is called by its id."""
        return self.models.get(version, str(version)[:8])


def names_in(project: Project) -> Names:
    """Two questions, whatever the project's size."""
    of_project = {"org_id": project.org_id, "project": project}
    versions = RecipeVersion.objects.filter(**of_project).select_related("recipe").order_by("-published_at", "-id")
    recent = list(versions[:MOST_VERSIONS])
    labels = {one.id: one for version in reversed(recent) for one in _labels(version)}
    in_order = {one.id: one for version in recent for one in _labels(version)}
    served = Deployment.objects.filter(**of_project).values_list("model_version_id", "title", "version")
    return Names(
        labels={label: labels.get(label, named) for label, named in in_order.items()},
        models={version: f"{title} {number}" for version, title, number in served},
        recipes=[(version.pk, f"{version.recipe.name} v{version.number}") for version in recent],
    )


def _labels(version: RecipeVersion) -> list[Named]:
    stated: list[dict[str, Any]] = version.labels
    return [Named(UUID(one["id"]), one.get("title") or one["name"], one.get("color", 0)) for one in stated]
