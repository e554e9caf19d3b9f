"""No page asks the database more than a dozen times, and none asks more often because there is more."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from tests.people import World

from .filled import fill
from .kept import arguments_of, browsers_of
from .places import PAGES, PARTS, address_of

MOST = 12
# What keeps a request apart within a test's transaction; a server begins and commits instead. The tenant's settings
# are set back at the end here too: they are left out of what is counted, and counted as one.
APART = ("SAVEPOINT", "RELEASE SAVEPOINT", "SELECT current_setting", "SELECT set_config")
SETTINGS = 1


def test_no_page_makes_more_than_a_dozen_queries_nor_more_for_more_pictures(world: World) -> None:
    fill(world, 10)
    few = numbers(world)
    fill(world, 60)
    many = numbers(world)
    assert {page: number for page, number in many.items() if number > MOST} == {}
    assert {page: (few[page], number) for page, number in many.items() if number > few[page]} == {}


def numbers(world: World) -> dict[str, int]:
    """How often each page asks, by who looks at it and its route."""
    arguments, browsers, found = arguments_of(world), browsers_of(world), {}
    for page in (*PAGES, *PARTS):
        for name in page.eyes:
            org = world.members[name].context.org_slug if name else ""
            address = address_of(page, org, arguments)
            assert address, page.route
            browsers[name].get(address)  # a process reads what never changes once
            with counted() as statements:
                answer = browsers[name].get(address)
            assert answer.status_code in {200, 302}, f"{address}: {answer.status_code}"
            found[f"{name} {page.route} {page.asked}"] = len(statements) + SETTINGS
    return found


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of a request, those of the session and of who it is included."""
    statements: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        if not sql.startswith(APART):
            statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield statements
