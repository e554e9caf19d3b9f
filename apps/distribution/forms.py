"""Forms that choose and start a line. What is right is decided by the services; these name what there is."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.pipelines.graphs import REVIEW_ROLES
from apps.predictions.models import ModelVersion
from apps.predictions.offers import serving, versions_ready
from apps.projects.models import Item, Project
from apps.projects.selectors import datasets_of

# Templates by what people would call them; the first that can be used is offered first.
WITH_MODEL, WITH_REVIEW, ALONE = "pre_label_and_review", "label_and_review", "label_only"
TITLES = {
    WITH_MODEL: _("Pre-label and review"),
    WITH_REVIEW: _("Label and review"),
    ALONE: _("Label only"),
}


class StartForm(forms.Form):
    """Dataset, line, model, and the share of work without suggestions in per cent."""

    dataset = forms.ChoiceField(error_messages={"invalid_choice": _("This dataset is not there any more.")})
    template = forms.ChoiceField(error_messages={"invalid_choice": _("There is no such line.")})
    deployment = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": _("This model does not serve the project.")}
    )
    held_out = forms.IntegerField(min_value=0, max_value=50, initial=5, required=False)

    def __init__(self, *args: Any, project: Project, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        kept = Item.objects.filter(dataset=OuterRef("pk"), deleted_at=None).order_by().values("dataset")
        number = Coalesce(Subquery(kept.annotate(number=Count("pk")).values("number")), 0)
        fullest = list(datasets_of(project).annotate(pictures=number).order_by("-pictures", "-id"))
        self.has_pictures = any(dataset.pictures for dataset in fullest)
        self._choices("dataset", [(str(one.pk), _named(one.name, one.pictures)) for one in fullest])
        models = [(str(one.pk), f"{one.title} {one.version}") for one in serving(project)]
        self.has_model = bool(models)
        self._choices("deployment", models)
        templates = [(key, str(title)) for key, title in TITLES.items() if self.has_model or key != WITH_MODEL]
        self._choices("template", templates)

    def clean(self) -> dict[str, Any]:
        """A line with a model needs one."""
        values = super().clean() or {}
        if values.get("template") != WITH_MODEL:
            return values
        if not values.get("deployment") and "deployment" not in self.errors:
            self.add_error("deployment", _("Choose the model that reads first."))
        if values.get("held_out") is None and "held_out" not in self.errors:
            self.add_error("held_out", _("Say how much of the work shows no suggestions; 0 for none."))
        return values

    def settings(self) -> dict[str, Any]:
        """What the service takes, of a valid form."""
        values = self.cleaned_data
        settings: dict[str, Any] = {}
        if values["template"] == WITH_MODEL:
            settings = {"deployment": values["deployment"], "held_out": values["held_out"] / 100}
        return {"dataset_id": UUID(values["dataset"]), "template": values["template"], "settings": settings}

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]


def _named(name: str, number: int) -> str:
    return ngettext("%(name)s, %(n)s picture", "%(name)s, %(n)s pictures", number) % {"name": name, "n": f"{number:,}"}


class LineForm(forms.Form):
    """The set-up's line: the template, who reviews, and the model that reads first."""

    template = forms.ChoiceField(
        choices=list(TITLES.items()),
        error_messages={"required": _("Choose a line."), "invalid_choice": _("Choose a line.")},
    )
    reviewers = forms.MultipleChoiceField(choices=[(role, role) for role in REVIEW_ROLES], required=False)
    model_version: "forms.ModelChoiceField[ModelVersion]" = forms.ModelChoiceField(
        queryset=None, required=False, error_messages={"invalid_choice": _("This model is not there any more.")}
    )

    def __init__(self, *args: Any, project: Project, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.fields["model_version"].queryset = versions_ready(project)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A line with a model needs one, a line with a review somebody who reviews."""
        values = super().clean() or {}
        if values.get("template") == WITH_MODEL and not values.get("model_version"):
            self.add_error("model_version", _("Choose the model that reads first."))
        if values.get("template") in {WITH_MODEL, WITH_REVIEW} and not values.get("reviewers"):
            self.add_error("reviewers", _("Choose at least one role that reviews."))
        return values

    def settings(self) -> dict[str, Any]:
        """What the service takes, of a valid form."""
        values = self.cleaned_data
        alone = values["template"] == ALONE
        return {
            "template": values["template"],
            "settings": {} if alone else {"review_roles": values["reviewers"]},
            "model_version": values["model_version"] if values["template"] == WITH_MODEL else None,
        }
