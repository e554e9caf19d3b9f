"""The forms of engagements. What is right is decided by the services; these name the fields."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.roles import Role


class ScopeForm(forms.Form):
    """What a project is shared for; the days are whole ones, in the customer's time."""

    stages = forms.MultipleChoiceField(required=False)
    roles = forms.MultipleChoiceField(choices=Role.choices, error_messages={"required": _("Choose at least one role.")})
    run_models = forms.BooleanField(required=False)
    names_shown = forms.BooleanField(required=False)
    first_day = forms.DateField(required=False)
    last_day = forms.DateField(required=False)

    def __init__(self, *values: Any, stages: Sequence[tuple[str, str]], **named: Any) -> None:
        super().__init__(*values, **named)
        self.fields["stages"].choices = stages  # type: ignore[attr-defined]


class OfferForm(ScopeForm):
    """The same, and whom it is for."""

    vendor = forms.CharField(max_length=200, error_messages={"required": _("Give the vendor's name.")})
