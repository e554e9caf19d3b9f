"""Pages of a project's items as a filter finds them, and what a gallery shows of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.annotation.models import Annotation
from apps.catalog.fields import every_field
from apps.catalog.filters import Filter
from apps.catalog.models import Facet
from apps.predictions.models import Prediction
from apps.projects.models import Dataset, Item, Project
from apps.projects.selectors import datasets_of

from .lists import Place, Plan, Scope, Walk, find, plan_of


def scope_of(project: Project, datasets: Sequence[Dataset] | None = None) -> Scope:
    """All live datasets of a project, or these."""
    rows = datasets if datasets is not None else datasets_of(project).order_by("created_at", "id")
    return Scope(project.org_id, project.pk, tuple(row.pk for row in rows))


@dataclass(frozen=True, slots=True)
class Finding:
    """Items in the order walked, their places, and where the next page starts."""

    items: list[Item]
    places: list[Place]
    stopped_at: Place | None


def items_found(scope: Scope, chosen: Filter, walk: Walk | None = None, limit: int = 50) -> Finding:
    """A page of a filter; what was deleted meanwhile is left out."""
    return items_planned(scope, plan_of(scope, chosen), walk or Walk(), limit)


def items_planned(scope: Scope, plan: Plan, walk: Walk, limit: int) -> Finding:
    """The same for whoever counts by the same plan."""
    found = find(scope, plan, walk, limit)
    rows = {item.pk: item for item in items_by_id(scope, [place.item for place in found.places])}
    places = [place for place in found.places if place.item in rows]
    return Finding([rows[place.item] for place in places], places, found.stopped_at)


def items_by_id(scope: Scope, items: Sequence[UUID]) -> "QuerySet[Item]":
    """Live items of the scope with these ids."""
    return Item.objects.filter(
        org_id=scope.org_id, project_id=scope.project_id, pk__in=items, deleted_at=None, dataset_id__in=scope.datasets
    )


def neighbours(scope: Scope, chosen: Filter, item: Item) -> tuple[Item | None, Item | None]:
    """The items before and after one in a filter's order."""
    here, plan = Place(item.pk, f"name={item.name.lower()}" if chosen.ordered_by else ""), plan_of(scope, chosen)
    before = items_planned(scope, plan, Walk(here, backwards=True), 1).items
    following = items_planned(scope, plan, Walk(here), 1).items
    return next(iter(before), None), next(iter(following), None)


def cards_of(items: Sequence[Item], org: str) -> list[dict[str, Any]]:
    """What the gallery shows of items; the state is the catalog's, so that it never contradicts the filter."""
    states, figures = states_of(items), _figures(items)
    return [
        {
            "id": item.pk,
            "name": item.name,
            "thumb": thumb_of(item.pk, org),
            "width": item.width,
            "height": item.height,
            "state": states.get(item.pk),
            "objects": figures.get(item.pk, (0, None))[0],
            "least": figures.get(item.pk, (0, None))[1],
        }
        for item in items
    ]


def states_of(items: Sequence[Item]) -> dict[UUID, dict[str, str]]:
    """The pill of each item as kind, text and value, from the fields that show one."""
    found: dict[UUID, dict[str, str]] = {}
    for field in every_field():
        if not field.pills or not field.choices or not items:
            continue
        texts = {choice.value: choice.text for choice in field.choices(items[0].project)}
        terms = [f"{field.name}={value}" for value in texts]
        rows = Facet.objects.filter(org_id=items[0].org_id, item_id__in=[item.pk for item in items], term__in=terms)
        for item, term in rows.values_list("item_id", "term"):
            value = term.removeprefix(f"{field.name}=")
            if value in field.pills:
                found[item] = {"kind": field.pills[value], "text": texts[value], "value": value}
    return found


def thumb_of(item_id: UUID, org: str, size: str = "thumb") -> str:
    """The address of an item's small picture for the acting organization."""
    return f"/api/v1/orgs/{org}/items/{item_id}/image?size={size}"


def _figures(items: Sequence[Item]) -> dict[UUID, tuple[int, float | None]]:
    """The annotations of each item, and the lowest score of its current predictions, read from the end of an index."""
    drawn = Annotation.objects.filter(org_id=OuterRef("org_id"), project_id=OuterRef("project_id"))
    drawn = drawn.filter(item_id=OuterRef("pk")).order_by().values("item_id").annotate(number=Count("pk"))
    lowest = Prediction.objects.filter(org_id=OuterRef("org_id"), item_id=OuterRef("pk"), superseded=False)
    rows = Item.objects.filter(pk__in=[item.pk for item in items]).annotate(
        objects=Coalesce(Subquery(drawn.values("number")), 0),
        least=Subquery(lowest.order_by("score").values("score")[:1]),
    )
    return {key: (objects, least) for key, objects, least in rows.values_list("pk", "objects", "least")}
