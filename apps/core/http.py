"""The API's shape: one base view, and one decorator by which a handler states its operation."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.views import APIView

from . import json as bodies
from .answers import Result, answer
from .errors import BodyCutOff, BodyTooLarge, InvalidPage, UnknownFilter, UnsupportedMediaType

LARGEST_BODY = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Operation:
    """What a handler states of itself: who may, what it takes, what it answers. The schema is made from this."""

    action: str
    summary: str
    body: Any = None
    query: Any = None
    answers: Mapping[int, Any] = field(default_factory=dict)
    # The SQL functions of the hot path and uploads open their own transaction; all else runs in the request's.
    own_transaction: bool = False
    multipart: bool = False
    conditional: bool = False  # needs If-Match
    # Looks at an answer that is about to be given again; raises where it no longer holds, as a claim whose lease ended.
    on_replay: Callable[[bytes], None] | None = None
    # Whether an Idempotency-Key is heeded; not where the answer is a secret, which must not be kept.
    keyed: bool = True
    # The line of the table in `throttle` by which a member's calls are counted.
    limit: str = ""


def operation(action: str, summary: str, **stated: Any) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """State a handler. With `body` or `query`, the decoded struct arrives as a keyword of that name."""

    def decorate(handler: Callable[..., Result]) -> Callable[..., Result]:
        states = Operation(action=action, summary=summary, **stated)

        @functools.wraps(handler)
        def serve(view: "Api", request: Any, **route: Any) -> HttpResponseBase:
            if states.body is not None:
                route["body"] = bodies.decode(raw_body(request._request), states.body)
            if states.query is not None:
                route["query"] = _query(request._request, states.query)
            result = handler(view, request, **route)
            return answer(*result) if isinstance(result, tuple) else result

        serve.operation = states  # type: ignore[attr-defined]
        return serve

    return decorate


class OneMediaType(BaseContentNegotiation):
    """Everything is answered as JSON, whatever was asked for."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """Bodies are decoded by `operation`."""
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> tuple[Any, str]:
        """The one that there is."""
        return renderers[0], renderers[0].media_type


class Api(APIView):
    """Base of all API views. The organization, the person and the gate were settled by middleware."""

    content_negotiation_class = OneMediaType
    permission_classes: list[Any] = []


def origin_of(request: Any) -> str:
    """How a link to this site begins, as who asks has reached it: https://host."""
    return f"{request.scheme}://{request.get_host()}"


def require_whole(request: HttpRequest) -> None:
    """Read the body; raises BodyCutOff when less came than was announced, as when a connection breaks."""
    if len(request.body) < int(request.headers.get("Content-Length") or 0):
        raise BodyCutOff


def raw_body(request: HttpRequest) -> bytes:
    """The bytes of a JSON body; raises UnsupportedMediaType and BodyTooLarge."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        raise BodyTooLarge
    if request.body and request.content_type != "application/json":
        raise UnsupportedMediaType
    if (request.content_params or {}).get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType
    return request.body


def _query(request: HttpRequest, into: type[Any]) -> Any:
    known = set(into.__struct_fields__)
    for name in request.GET:
        if name not in known:
            raise UnknownFilter(f"This list cannot be filtered by {name[:60]}.", field=name[:60])
    try:
        return bodies.convert({name: str(request.GET[name]) for name in request.GET}, into)
    except bodies.InvalidValue as refusal:
        if refusal.field in {"limit", "cursor"}:
            raise InvalidPage(field=refusal.field) from refusal
        raise
