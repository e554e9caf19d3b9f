"""The form that starts a run of the template. What is right is decided by the service; this names what there is."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.predictions.models import Deployment, DeploymentState
from apps.projects.models import Project
from apps.projects.selectors import datasets_of, items_of


class StartForm(forms.Form):
    """Dataset, model, and the share of work without suggestions in per cent."""

    dataset = forms.ChoiceField(error_messages={"invalid_choice": _("This dataset is not there any more.")})
    deployment = forms.ChoiceField(error_messages={"invalid_choice": _("This model does not serve the project.")})
    held_out = forms.IntegerField(min_value=0, max_value=50, initial=5)

    def __init__(self, *args: Any, project: Project, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        numbers = {dataset: items_of(dataset).count() for dataset in datasets_of(project)}
        fullest = sorted(numbers, key=lambda dataset: -numbers[dataset])
        self.has_pictures = any(numbers.values())
        self._choices("dataset", [(str(one.pk), _named(one.name, numbers[one])) for one in fullest])
        serving = (
            Deployment.objects.filter(project=project).exclude(state=DeploymentState.STOPPED).order_by("created_at")
        )
        models = [(str(one.pk), f"{one.title} {one.version}") for one in serving]
        self.has_model = bool(models)
        self._choices("deployment", models)

    def settings(self) -> dict[str, Any]:
        """What the service takes, of a valid form."""
        return {
            "dataset_id": UUID(self.cleaned_data["dataset"]),
            "deployment_id": UUID(self.cleaned_data["deployment"]),
            "held_out": self.cleaned_data["held_out"] / 100,
        }

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]


def _named(name: str, number: int) -> str:
    return ngettext("%(name)s, %(n)s picture", "%(name)s, %(n)s pictures", number) % {"name": name, "n": f"{number:,}"}
