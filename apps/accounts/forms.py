"""The forms of sign-in, first run and joining. What is right is decided by the services; these name the fields."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.roles import Role


class SignInForm(forms.Form):
    """Address and password."""

    email = forms.EmailField(max_length=254)
    password = forms.CharField(max_length=1024, strip=False)


class FirstRunForm(forms.Form):
    """The code, the organization, and its owner."""

    code = forms.CharField(max_length=40, error_messages={"required": _("Enter the one-time code.")})
    organization = forms.CharField(max_length=200, error_messages={"required": _("Give the organization a name.")})
    name = forms.CharField(max_length=200, error_messages={"required": _("Give your name.")})
    email = forms.EmailField(max_length=254, error_messages={"required": _("Give your e-mail address.")})
    password = forms.CharField(max_length=1024, strip=False, error_messages={"required": _("Choose a password.")})


class JoinForm(forms.Form):
    """What joining asks for; which of it depends on whether one has an account."""

    name = forms.CharField(max_length=200, required=False)
    password = forms.CharField(max_length=1024, strip=False, required=False)


class InvitationForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(max_length=254, error_messages={"required": _("Give the e-mail address.")})
    role = forms.ChoiceField(choices=Role.choices, error_messages={"required": _("Choose a role.")})
