"""What is kept of oneself: ask for it as a file, or have it erased. Both outside any organization."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.authentication import require_free
from apps.accounts.models import User
from apps.accounts.selectors import places_of
from apps.core.access import SIGNED_IN, allow
from apps.core.errors import NotFound, Refusal
from apps.records import services
from apps.records.models import OwnDataState
from apps.records.selectors.own_data import own_file, own_files


@allow(get=SIGNED_IN, post=SIGNED_IN)
def own_data(request: HttpRequest) -> HttpResponse:
    """The files that were made; a POST asks for one more."""
    require_free(request)
    person = cast(User, request.user)
    if request.method == "POST":
        try:
            services.request_own_data(person_id=person.pk)
        except Refusal as refusal:
            messages.error(request, refusal.text)
        return redirect("own_data")
    rows = own_files(person.pk)
    waits = any(row.state == OwnDataState.WAITING for row in rows)
    return render(request, "records/own_data.html", {"files": rows, "waits": waits})


@allow(get=SIGNED_IN)
def own_data_file(request: HttpRequest, own_data_id: UUID) -> HttpResponseBase:
    """One of them, as an attachment."""
    require_free(request)
    row = own_file(cast(User, request.user).pk, own_data_id)
    if row is None or not default_storage.exists(row.path):
        raise NotFound
    name = f"own-data-{row.asked_at:%Y-%m-%d}.zip"
    answer = FileResponse(
        default_storage.open(row.path), as_attachment=True, filename=name, content_type="application/zip"
    )
    answer["Cache-Control"] = "private, no-store"
    return answer


@allow(get=SIGNED_IN, post=SIGNED_IN)
def erasure(request: HttpRequest) -> HttpResponse:
    """What it means; a POST with one's own address does it, and ends the session."""
    require_free(request)
    person, error = cast(User, request.user), ""
    if request.method == "POST":
        error = _("This is not the address of your account.")
        if request.POST.get("email", "").strip().lower() == person.email:
            try:
                services.erase(person_id=person.pk, asked_by=person.pk)
            except Refusal as refusal:
                error = refusal.text
            else:
                logout(request)
                return render(request, "records/erased.html")
    page = {"places": places_of(person.pk), "error": error}
    return render(request, "records/erasure.html", page, status=422 if error else 200)
