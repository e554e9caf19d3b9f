"""A new password for who forgot theirs: asking for a link, handing one over, and using it."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.forms import NewPasswordForm, ResetForm
from apps.accounts.services import passwords
from apps.core.access import PUBLIC, allow
from apps.core.answers import with_headers
from apps.core.errors import NotFound, Refusal
from apps.core.http import origin_of
from apps.core.throttle import address_of


@allow(get=PUBLIC, post=PUBLIC)
def ask(request: HttpRequest) -> HttpResponse:
    """The answer is the same whether there is such an account or not."""
    form, refused, asked = ResetForm(request.POST or None), None, ""
    if request.method == "POST" and form.is_valid():
        try:
            email = form.cleaned_data["email"]
            passwords.request_reset(email=email, address=address_of(request), origin=origin_of(request))
            asked = email
        except Refusal as refusal:
            refused = refusal
            form.add_error("email", refusal.text)
    page = {"form": form, "asked": asked, "mail": settings.MAIL_REACHES_PEOPLE}
    answer = render(request, "accounts/reset.html", page, status=_status(form, refused))
    return with_headers(answer, refused)


@allow(get=PUBLIC, post=PUBLIC)
def choose(request: HttpRequest, person_id: UUID, token: str) -> HttpResponse:
    """Choose the new password; all sessions end, and one signs in anew, with the second factor where there is one."""
    form, refused = NewPasswordForm(request.POST or None), None
    try:
        person = passwords.person_of_link(person_id, token)
        if request.method == "POST" and form.is_valid():
            passwords.reset_password(person_id=person_id, token=token, new=form.cleaned_data["new"])
            messages.success(request, _("Your password is changed. Sign in with the new one."))
            return redirect("sign_in")
    except passwords.LinkGone as gone:
        return render(request, "accounts/link_gone.html", {"message": gone.text}, status=404)
    except Refusal as refusal:
        refused = refusal
        form.add_error("new", refusal.text)
    page = {"form": form, "email": person.email}
    return render(request, "accounts/new_password.html", page, status=_status(form, refused))


@allow(post="member.edit")
def link_for_member(request: HttpRequest, org: str, membership_id: UUID) -> HttpResponse:
    """A link to hand over, shown this once: where no mail is sent, or none arrives."""
    try:
        with transaction.atomic():
            person, link = passwords.reset_link_for_member(membership_id=membership_id, origin=origin_of(request))
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.text)
        return redirect("accounts:members", org=org)
    answer = render(request, "accounts/password_link.html", {"person": person, "link": link, "here": "people"})
    answer["Cache-Control"] = "no-store"
    return answer


def _status(form: ResetForm | NewPasswordForm, refused: Refusal | None) -> int:
    if refused:
        return refused.status
    return 422 if form.errors else 200
