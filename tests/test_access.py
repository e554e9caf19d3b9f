"""The URL table: every route says who may call it, in words that the access table knows."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts.access import TABLE, WITHOUT_ORGANIZATION
from apps.core.access import action_of
from apps.core.roles import Role
from tests.people import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def every_route() -> Iterator[tuple[str, Any]]:
    """Each pattern of the URL table with its callback."""
    yield from _walk(get_resolver().url_patterns, "/")


def _walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), pattern.callback


def methods_of(callback: Any) -> list[str]:
    """The methods that a view answers."""
    view_class = getattr(callback, "view_class", None)
    if view_class is None or getattr(callback, "access", None):
        return list(getattr(callback, "access", {})) or ["GET"]
    return [method for method in METHODS if hasattr(view_class, method.lower())]


def every_operation() -> list[tuple[str, str, str | None]]:
    """(route, method, action) of all that can be called."""
    return [
        (route, method, action_of(callback, method))
        for route, callback in every_route()
        for method in methods_of(callback)
    ]


@pytest.mark.parametrize(("route", "method", "action"), every_operation())
def test_a_route_says_who_may_call_it(route: str, method: str, action: str | None) -> None:
    assert action in TABLE or action in WITHOUT_ORGANIZATION, f"{method} {route} names no known action"


def test_routes_of_an_organization_are_never_open_to_strangers() -> None:
    opened = [
        route for route, _, action in every_operation() if "<slug:org>" in route and action in WITHOUT_ORGANIZATION
    ]
    assert not opened


def test_the_table_grants_to_roles_that_exist() -> None:
    for action, grant in TABLE.items():
        assert grant.own | grant.engaged <= set(Role.values), action
        assert grant.own, f"{action} is granted to nobody"


def test_every_action_is_used_by_a_route_or_a_topic() -> None:
    used = {action for _, _, action in every_operation()}
    from apps.live.topics import ACTIONS  # noqa: PLC0415 - the socket's topics name actions too

    assert not set(TABLE) - used - set(ACTIONS), "actions that nothing asks for"


def test_a_view_without_a_stamp_answers_403(world: World, signed_in: Any, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.unstamped"
    assert signed_in(world.noor).get("/o/parking/unstamped").status_code == 403


def test_strangers_reach_nothing_of_an_organization(db: None) -> None:
    """Each route with made-up ids: 401 for the API, the sign-in page for pages."""
    asked = 0
    for route, method, action in every_operation():
        if "<slug:org>" not in route or action is None:
            continue
        answer = Client().generic(method, _filled(route))
        assert answer.status_code in ({401} if route.startswith("/api/") else {302}), f"{method} {route}"
        asked += 1
    print(f"\n{asked} operations asked by a stranger")  # noqa: T201 - the count is the evidence


def _filled(route: str) -> str:
    unknown = "00000000-0000-7000-8000-000000000000"
    parts = []
    for part in route.split("/"):
        if part.startswith("<slug:"):
            parts.append("parking")
        elif "uuid:" in part:
            parts.append(unknown)
        else:
            parts.append("0" if part.startswith("<") else part)
    return "/".join(parts)
