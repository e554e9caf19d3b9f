"""The team board: one page for an organization, renewed while one looks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.accounts.names import names_in
from apps.core.access import allow
from apps.performance.selectors.mine import owners_of
from apps.performance.selectors.team import board_of


@allow(get="team.see")
def team(request: HttpRequest, org: str) -> HttpResponse:
    """For managers; HTMX asks for the lists alone."""
    board = board_of(owners_of())
    pairs = [(one.id, one.project_id) for one in board.people]
    pairs += [(one["person"], one["project_id"]) for one in board.returned]
    names = names_in(pairs)
    for person in board.people:
        person.name = names[person.id, person.project_id]
    for line in board.returned:
        line["name"] = names[line["person"], line["project_id"]]
    page = {"here": "team", "board": board, "at_work": sum(bool(one.held) for one in board.people)}
    template = "performance/_team.html" if request.htmx else "performance/team.html"  # type: ignore[attr-defined]
    return render(request, template, page)
