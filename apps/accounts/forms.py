"""The forms of this app. What is right is decided by the services; these name the fields."""

from collections.abc import Sequence
from typing import Any, cast

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
    """Whom to invite, as what: one of the six roles, or a custom one by its id."""

    email = forms.EmailField(max_length=254, error_messages={"required": _("Give the e-mail address.")})
    role = forms.CharField(max_length=60, error_messages={"required": _("Choose a role.")})


class NameForm(forms.Form):
    """What one is called."""

    name = forms.CharField(max_length=200, error_messages={"required": _("Give your name.")})


class PasswordForm(forms.Form):
    """Another password, by the one that holds now."""

    old = forms.CharField(max_length=1024, strip=False, error_messages={"required": _("Give your current password.")})
    new = forms.CharField(max_length=1024, strip=False, error_messages={"required": _("Choose a password.")})


class NewPasswordForm(forms.Form):
    """A password, by a link."""

    new = forms.CharField(max_length=1024, strip=False, error_messages={"required": _("Choose a password.")})


class ResetForm(forms.Form):
    """Whose password is forgotten."""

    email = forms.EmailField(max_length=254, error_messages={"required": _("Give your e-mail address.")})


class CodeForm(forms.Form):
    """A code of a second factor."""

    code = forms.CharField(max_length=32, error_messages={"required": _("Enter the code.")})


class ProofForm(forms.Form):
    """A password and, where the account has a second factor, a code: for what a borrowed browser must not do."""

    password = forms.CharField(max_length=1024, strip=False, error_messages={"required": _("Give your password.")})
    code = forms.CharField(max_length=32, required=False)


class TokenForm(forms.Form):
    """A token's name, where it is good and for how long."""

    name = forms.CharField(max_length=200, error_messages={"required": _("Give the token a name.")})
    organization = forms.CharField(max_length=60, required=False)
    days = forms.ChoiceField(choices=[(days, days) for days in ("30", "90", "365", "0")])


class ProviderForm(forms.Form):
    """An organization's own provider of sign-ins."""

    name = forms.CharField(max_length=100, error_messages={"required": _("Give it a name that people know.")})
    issuer = forms.CharField(max_length=500, error_messages={"required": _("Give the provider's address.")})
    client_id = forms.CharField(max_length=300, error_messages={"required": _("Give the client id.")})
    secret = forms.CharField(max_length=500, required=False, strip=False)
    domains = forms.CharField(max_length=4000, error_messages={"required": _("Name at least one domain.")})

    def asked(self) -> dict[str, Any]:
        """As the service takes it; domains stand with commas or spaces between them."""
        return self.cleaned_data | {"domains": self.cleaned_data["domains"].replace(",", " ").split()}


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
        self.offered = stages
        cast(forms.MultipleChoiceField, self.fields["stages"]).choices = stages


class OfferForm(ScopeForm):
    """The same, and whom it is for."""

    vendor = forms.CharField(max_length=200, error_messages={"required": _("Give the vendor's name.")})
