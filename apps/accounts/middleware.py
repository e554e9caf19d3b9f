"""From an address to a context: who asks, for which organization, whether the gate lets them; then one transaction."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from apps.activity import idempotency
from apps.core.access import PUBLIC, SIGNED_IN, action_of, gate
from apps.core.answers import refusal_of
from apps.core.errors import NotAllowed, NotFound, NotSignedIn, Refusal
from apps.core.http import Operation, require_whole
from apps.core.pages import refuse
from apps.core.tenancy import acting_as, tenant_tx
from apps.core.throttle import count_try

from .authentication import bearer_token, digest_of, member_of_session
from .selectors import Member, UseSingleSignOn, member_by_token, person_by_token, token_used
from .sessions import note_use, through_of

View = Callable[..., HttpResponse]


class acting_organization:  # noqa: N801 - reads as the function that it is in MIDDLEWARE
    """Runs each view under the context that its address names; default deny."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], route: dict[str, Any]
    ) -> HttpResponse | None:
        """Answer in place of Django, so that transaction and context end with the view."""
        try:
            action = action_of(view, request.method or "GET")
            if "org" in route:
                return _serve_member(request, view, route, action)
            return _serve_person(request, view, route, action)
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            if onward := _way_in(request, refusal, route):
                return HttpResponseRedirect(onward)
            return refuse(request, refusal)


def _way_in(request: HttpRequest, refusal: Refusal, route: dict[str, Any]) -> str:
    """Where a page leads whom it lets in only after they have signed in, or signed in another way."""
    wanted = {"next": request.get_full_path()}
    if request.path.startswith("/api/"):
        return ""
    if isinstance(refusal, UseSingleSignOn):
        return f"{reverse('choose_single_sign_on')}?" + urlencode({"organization": route["org"], **wanted})
    return "/sign-in?" + urlencode(wanted) if isinstance(refusal, NotSignedIn) else ""


def _serve_member(request: HttpRequest, view: View, route: dict[str, Any], action: str | None) -> HttpResponse:
    member = _member(request, route["org"])
    request.member = member  # type: ignore[attr-defined]
    if not _answers(view, request) and action is None:
        return _within(request, view, route)  # DRF says 405 in the API's own words
    if not gate.admits(action, member.context):
        raise NotAllowed
    stated, key = _stated(view, request), request.headers.get("Idempotency-Key")
    if stated and stated.limit:
        count_try(stated.limit, member.id)
    _receive(request, stated)
    if stated and stated.keyed and key and request.method == "POST":
        return idempotency.once(request, member.context, key, lambda: view(request, **route), stated.on_replay)
    if stated and stated.own_transaction and not transaction.get_connection().in_atomic_block:
        with acting_as(member.context):
            return view(request, **route)
    return _within(request, view, route)


def _receive(request: HttpRequest, stated: Operation | None) -> None:
    """Take in the whole body before a transaction is open, which the database would end under a slow sender.

    One that was cut off is refused here, before any Idempotency-Key: its sender will send it whole under the same key.
    """
    if stated is None or request.method in {"GET", "HEAD"}:
        return
    if stated.multipart:
        request.FILES  # noqa: B018 - parsed when it is first looked at, and kept
    else:
        require_whole(request)


def _within(request: HttpRequest, view: View, route: dict[str, Any]) -> HttpResponse:
    with tenant_tx(request.member.context):  # type: ignore[attr-defined]
        return view(request, **route)


def _serve_person(request: HttpRequest, view: View, route: dict[str, Any], action: str | None) -> HttpResponse:
    _settle_person(request)
    if action == SIGNED_IN and not request.user.is_authenticated:
        raise NotSignedIn
    if action not in {PUBLIC, SIGNED_IN}:
        raise NotAllowed
    _receive(request, _stated(view, request))
    if getattr(view, "own_transaction", False):
        return view(request, **route)
    with transaction.atomic():
        return view(request, **route)


def _settle_person(request: HttpRequest) -> None:
    """By session, or for the API by token; `through` is the one organization that either is good for, if it is one."""
    request.through = None  # type: ignore[attr-defined]
    if request.user.is_authenticated:
        note_use(request.session)
        request.through = through_of(request.session)  # type: ignore[attr-defined]
        return
    token = bearer_token(request.headers.get("Authorization", ""))
    if token and request.path.startswith("/api/") and (person := person_by_token(digest_of(token))):
        request.user, request.by_token = person, True  # type: ignore[attr-defined]
        request.through = token_used(digest_of(token))  # type: ignore[attr-defined]


def _member(request: HttpRequest, slug: str) -> Member:
    if token := bearer_token(request.headers.get("Authorization", "")):
        digest = digest_of(token)
        member = member_by_token(digest, slug)
        if member is None and person_by_token(digest) is None:
            raise NotSignedIn
        request.by_token = True  # type: ignore[attr-defined]
    else:
        member = member_of_session(request, slug)
    if member is None:
        raise NotFound
    request.user = member.user
    return member


def _answers(view: Any, request: HttpRequest) -> bool:
    view_class = getattr(view, "view_class", None)
    return view_class is None or hasattr(view_class, (request.method or "").lower())


def _stated(view: Any, request: HttpRequest) -> Operation | None:
    """What the handler states of itself, where it is one of the API."""
    handler = getattr(getattr(view, "view_class", None), (request.method or "").lower(), None)
    return getattr(handler, "operation", None)
