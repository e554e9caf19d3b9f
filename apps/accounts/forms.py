"""The sign-in form."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.utils.translation import gettext_lazy as _

from .models import User


class SignInForm(forms.Form):
    """Address and password; the sentence is the same for known and unknown addresses."""

    email = forms.EmailField(max_length=254)
    password = forms.CharField(max_length=1024, strip=False)

    user: User | None = None

    def clean(self) -> dict[str, Any]:
        """Find the person; nobody is told which of the two was wrong."""
        values = super().clean() or {}
        if "email" in values and "password" in values:
            person = authenticate(None, username=values["email"], password=values["password"])
            if person is None:
                raise forms.ValidationError(_("The address or the password is not right. Try again."))
            self.user = person
        return values
