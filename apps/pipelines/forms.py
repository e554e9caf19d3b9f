"""Forms of the pipeline pages. What is right is decided by the services; these name the fields."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.predictions.models import Deployment
from apps.predictions.offers import serving
from apps.projects.models import Project

from .choices import templates


class PipelineForm(forms.Form):
    """A new pipeline: its name, the template that draws it, and the model where that needs one."""

    name = forms.CharField(max_length=200, error_messages={"required": _("Give the pipeline a name.")})
    template = forms.ChoiceField(error_messages={"required": _("Choose what to begin with.")})
    deployment: "forms.ModelChoiceField[Deployment]" = forms.ModelChoiceField(
        queryset=None,
        required=False,
        error_messages={"invalid_choice": _("This model no longer serves the project. Choose another.")},
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needs = {one.name: one.needs for one in templates()}
        self.fields["template"].choices = [(one.name, one.title) for one in templates()]  # type: ignore[attr-defined]
        served = self.fields["deployment"]
        served.queryset = serving(project)  # type: ignore[attr-defined]
        served.label_from_instance = lambda row: f"{row.title} {row.version}"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A model is asked for only where the template has one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        needs_model = "deployment" in self.needs.get(cleaned.get("template", ""), [])
        if needs_model and not cleaned.get("deployment") and "deployment" not in self.errors:
            self.add_error("deployment", _("Choose the model that reads first."))
        return cleaned

    def settings(self) -> dict[str, Any]:
        """The template's settings."""
        if "deployment" not in self.needs[self.cleaned_data["template"]]:
            return {}
        return {"deployment": str(self.cleaned_data["deployment"].pk)}
