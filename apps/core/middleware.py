"""What every request passes: an id that answers, logs and audit rows share."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from . import request_id as ids
from .ids import new_id

ACCEPTABLE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def request_id(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Take the caller's X-Request-Id where it is harmless, else make one; send it back."""

    def serve(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        token = ids.current.set(given if ACCEPTABLE.fullmatch(given) else str(new_id()))
        try:
            response = get_response(request)
            response["X-Request-Id"] = ids.current.get()
        finally:
            ids.current.reset(token)
        return response

    return serve


def cookies_as_asked(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Cookies are for TLS alone, but where the request itself came without: a browser would not keep them there."""

    def serve(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.is_secure():
            for cookie in response.cookies.values():
                cookie["secure"] = ""
        return response

    return serve
