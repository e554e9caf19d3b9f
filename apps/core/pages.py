"""Error answers outside any view: pages for people, the error shape for the API."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from . import request_id
from .answers import error_answer, with_headers
from .errors import NotAllowed, NotFound, Refusal


class CsrfFailed(NotAllowed):
    code = "csrf_failed"
    message = "This form is too old to be trusted. Reload the page and try again."


class Failed(Refusal):
    status = 500
    code = "internal_error"
    message = "Something broke on our side. What you did before is safe; try again in a moment."


def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Answer a refusal in the form that the caller reads."""
    if request.path.startswith("/api/"):
        return error_answer(refusal)
    name = {401: "403", 403: "403", 404: "404"}.get(refusal.status, "refused")
    context = {"message": refusal.text, "code": refusal.code}
    return with_headers(render(request, f"errors/{name}.html", context, status=refusal.status), refusal)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return refuse(request, NotFound())


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler500; renders without a context processor, since the database may be what broke."""
    if request.path.startswith("/api/"):
        return error_answer(Failed())
    return render(None, "errors/500.html", {"request_id": request_id.current.get()}, status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    return refuse(request, CsrfFailed())
