"""Items of a project by filter: the same filters as the page's, and pages by place instead of by number."""

import base64
import binascii
from typing import Any, cast
from uuid import UUID

import msgspec

from apps.catalog.fields import every_field
from apps.catalog.filters import known_values, read_filter
from apps.catalog.selectors.items import Finding, items_planned, scope_of, states_of
from apps.catalog.selectors.lists import Place, Walk, count, plan_of
from apps.core.answers import Result
from apps.core.errors import InvalidPage, NotFound
from apps.core.http import Api, operation
from apps.core.json import Answer
from apps.core.paging import LARGEST_PAGE, Page
from apps.projects.api.items import ItemOut, item_out
from apps.projects.selectors import datasets_of, project_for


class ItemsQuery(Page):
    """Filters are added to these, whatever apps registered."""

    dataset: UUID | None = None
    count: bool = False


ItemsPage = cast(
    "type[ItemsQuery]",
    msgspec.defstruct(
        "CatalogPage",
        [(field.name, str, "") for field in every_field()],
        bases=(ItemsQuery,),
        kw_only=True,
        forbid_unknown_fields=True,
    ),
)


class FoundItem(Answer):
    item: ItemOut
    state: str | None


class TotalOut(Answer):
    number: int
    exact: bool


class FoundOut(Answer):
    results: list[FoundItem]
    next: str | None
    previous: str | None
    total: TotalOut | None


class ProjectItems(Api):
    @operation(
        "item.see",
        "A project's items by filter. A page may be short and still have a next one.",
        query=ItemsPage,
        answers={200: FoundOut},
    )
    def get(self, request: Any, org: str, project_id: UUID, query: ItemsQuery) -> Result:
        """By id, or by name where a name is sought; a count, up to 10,000, only when asked for."""
        project = project_for(request.member.context, "item.see", project_id)
        if not 1 <= query.limit <= LARGEST_PAGE:
            raise InvalidPage(field="limit")
        datasets = [row for row in datasets_of(project) if query.dataset in {None, row.pk}]
        if query.dataset and not datasets:
            raise NotFound
        scope = scope_of(project, datasets)
        plan = plan_of(scope, read_filter(project, known_values(msgspec.structs.asdict(query))))
        walk = _read(query.cursor)
        found = items_planned(scope, plan, walk, query.limit)
        states = states_of(project, found.items)
        total = count(scope, plan) if query.count else None
        rows = reversed(found.items) if walk.backwards else found.items
        return 200, FoundOut(
            results=[FoundItem(item=item_out(item), state=states.get(item.pk, {}).get("value")) for item in rows],
            total=TotalOut(number=total.number, exact=total.exact) if total else None,
            **_page(walk, found),
        )


def _page(walk: Walk, found: Finding) -> dict[str, str | None]:
    first = found.places[0] if found.places else walk.after
    ahead = _write("p" if walk.backwards else "n", found.stopped_at) if found.stopped_at else None
    behind = _write("n" if walk.backwards else "p", first) if walk.after and first else None
    if walk.backwards:
        return {"next": behind, "previous": ahead}
    return {"next": ahead, "previous": behind}


def _write(way: str, place: Place) -> str:
    raw = way.encode() + place.item.bytes + place.term.encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(cursor: str) -> Walk:
    if not cursor:
        return Walk()
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        way, place = raw[:1], Place(UUID(bytes=raw[1:17]), raw[17:].decode())
    except (binascii.Error, ValueError) as error:
        raise InvalidPage(field="cursor") from error
    if way not in {b"n", b"p"} or "\0" in place.term:
        raise InvalidPage(field="cursor")
    return Walk(place, backwards=way == b"p")
