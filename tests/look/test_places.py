"""That no page is forgotten when pages are looked at."""

from tests.look.places import ARGUMENT, ARGUMENTS, NOT_PAGES, PAGES, PARTS
from tests.test_access import every_operation


def routes() -> set[str]:
    """All that a browser may GET outside the API, as the URL table has it."""
    return {route for route, method, _ in every_operation() if method == "GET" and not route.startswith("/api/")}


def test_every_page_of_the_url_table_is_looked_at() -> None:
    listed = {page.route for page in (*PAGES, *PARTS)} | set(NOT_PAGES)
    assert routes() - listed == set(), "add these to tests/look/places.py"
    assert listed - routes() == set(), "these are in no URL table"


def test_every_argument_of_an_address_can_be_filled() -> None:
    words = {word for page in (*PAGES, *PARTS) for word in ARGUMENT.findall(page.route)}
    assert words == {"org", *ARGUMENTS}
