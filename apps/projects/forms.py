"""Forms of the project pages. What is right is decided by the services; these name the fields."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ProjectForm(forms.Form):
    """A new project."""

    name = forms.CharField(max_length=200, error_messages={"required": _("Give the project a name.")})
    description = forms.CharField(required=False, max_length=5000)
