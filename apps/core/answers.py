"""Answers of the API: JSON by msgspec, one error shape, and the handler that turns refusals into it."""

from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import OperationalError, transaction
from django.http import Http404, HttpResponse, RawPostDataException, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.renderers import BaseRenderer

from . import json as bodies
from . import request_id
from .errors import (
    BodyTooLarge,
    InvalidMultipart,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refusal,
    TooManyFiles,
    UnsupportedMediaType,
)

Result = tuple[int, Any] | HttpResponseBase


class JsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """Encode once, by msgspec."""
        return b"" if data is None else bodies.encode(data)


def answer(status: int, body: Any = None, **headers: str) -> HttpResponse:
    """A JSON answer; no body, no media type."""
    response = HttpResponse(bodies.encode(body) if body is not None else b"", status=status)
    if body is not None:
        response["Content-Type"] = "application/json"
    else:
        del response["Content-Type"]
    for name, value in headers.items():
        response[name.replace("_", "-")] = value
    return response


def error_answer(refusal: Refusal) -> HttpResponse:
    """The one error shape of the API."""
    body = {
        "error": {
            "code": refusal.code,
            "message": refusal.text,
            "field": refusal.field,
            "details": refusal.details,
            "request_id": request_id.current.get(),
        }
    }
    return with_headers(answer(refusal.status, body), refusal)


def with_headers(response: HttpResponse, refusal: Refusal | None) -> HttpResponse:
    """The answer with what its head says of the refusal, if there was one; also for pages."""
    if refusal is None:
        return response
    details = refusal.details or {}
    if refusal.status in {429, 503}:
        response["Retry-After"] = str(details.get("retry_after", 1))
    if refusal.status == 412 and "etag" in details:
        response["ETag"] = details["etag"]
    return response


def answer_to(exception: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler. Undoes the request's work; what is not a refusal goes on to be a 500."""
    refusal = refusal_of(exception)
    if refusal is None:
        return None
    if transaction.get_connection().in_atomic_block:
        transaction.set_rollback(True)
    return error_answer(refusal)


class MethodNotAllowed(Refusal):
    status = 405
    code = "method_not_allowed"
    message = "This address does not answer that method."


class Unavailable(Refusal):
    status = 503
    code = "unavailable"
    message = "The database cannot be reached for a moment. Nothing was changed; try again."


def refusal_of(exception: Exception) -> Refusal | None:
    """The refusal that an exception stands for, or None for a bug."""
    if isinstance(exception, Refusal):
        return exception
    if isinstance(exception, Http404):
        return NotFound()
    if isinstance(exception, OperationalError):
        return Unavailable(retry_after=1)
    for kind, refusal in _FROM_DRF.items():
        if isinstance(exception, kind):
            return refusal()
    return None


_FROM_DRF: dict[type[Exception], type[Refusal]] = {
    exceptions.MethodNotAllowed: MethodNotAllowed,
    exceptions.NotAuthenticated: NotSignedIn,
    exceptions.AuthenticationFailed: NotSignedIn,
    exceptions.PermissionDenied: NotAllowed,
    exceptions.UnsupportedMediaType: UnsupportedMediaType,
    RequestDataTooBig: BodyTooLarge,
    TooManyFilesSent: TooManyFiles,
    MultiPartParserError: InvalidMultipart,
    UnreadablePostError: InvalidMultipart,
    RawPostDataException: UnsupportedMediaType,  # a form where JSON is expected
}
