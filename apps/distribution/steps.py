"""What a new project needs, in order, and what of it is there."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.predictions.models import Deployment, DeploymentState
from apps.projects.models import Item, Project
from apps.recipes.models import RecipeVersion

from .models import PipelineRun


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do; `page` is the route where it is done, and empty where it is done by others."""

    done: bool
    title: str
    text: str
    page: str = ""
    action: str = ""


def steps_of(project: Project) -> list[Step]:
    """From pictures to an export; the last two are shown to tell what the others are for."""
    items = Item.objects.filter(project=project, deleted_at=None, dataset__deleted_at=None)
    serving = Deployment.objects.filter(project=project).exclude(state=DeploymentState.STOPPED)
    labels = _("Labels with colours and keys, and what people should know")
    reads = _("It reads pictures before people open them, and answers in the editor")
    order = _("A model reads first, then people check and review")
    return [
        Step(items.exists(), _("Add pictures"), _("One, many, or a zip"), "projects:datasets", _("Open dataset")),
        Step(
            RecipeVersion.objects.filter(project=project).exists(),
            _("Publish the recipe"),
            labels,
            "recipes:recipe",
            _("Open recipe"),
        ),
        Step(serving.exists(), _("Let a model serve"), reads, "predictions:models", _("Open models")),
        Step(
            PipelineRun.objects.filter(project=project).exists(),
            _("Start the pipeline"),
            order,
            "distribution:pipeline",
            _("Open pipeline"),
        ),
        Step(False, _("Label and review"), _("Work appears on My work of annotators and reviewers")),
        Step(False, _("Export"), _("COCO, from accepted pictures")),
    ]
