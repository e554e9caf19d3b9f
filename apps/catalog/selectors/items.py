"""Pages of a project's items as a filter finds them, and what a gallery shows of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.annotation.models import Annotation
from apps.catalog.fields import every_field
from apps.catalog.filters import Filter
from apps.catalog.models import Facet
from apps.catalog.own_fields import lowered
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


def items_planned(scope: Scope, plan: Plan, walk: Walk, limit: int, *, figures: bool = False) -> Finding:
    """The same for whoever counts by the same plan; with `figures`, the items have what cards show of them."""
    found = find(scope, plan, walk, limit)
    wanted = items_by_id(scope, [place.item for place in found.places])
    rows = {item.pk: item for item in (_with_figures(wanted) if figures else wanted)}
    places = [place for place in found.places if place.item in rows]
    return Finding([rows[place.item] for place in places], places, found.stopped_at)


def items_by_id(scope: Scope, items: Sequence[UUID]) -> "QuerySet[Item]":
    """Live items of the scope with these ids."""
    return Item.objects.filter(
        org_id=scope.org_id, project_id=scope.project_id, pk__in=items, deleted_at=None, dataset_id__in=scope.datasets
    )


def items_among(scope: Scope, chosen: Filter, items: Sequence[UUID]) -> list[UUID]:
    """Those of some live items that a filter finds, by their facets as they are now, in the order of their ids."""
    rows = items_by_id(scope, items)
    for clause in chosen.clauses:
        rows = rows.filter(pk__in=_facets_of(scope, items).filter(term__in=clause.terms).values("item_id"))
    if chosen.ordered_by:
        beginning = _facets_of(scope, items).filter(term__startswith=chosen.ordered_by.prefix)
        rows = rows.filter(pk__in=beginning.values("item_id"))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def neighbours(scope: Scope, chosen: Filter, item: Item) -> tuple[Item | None, Item | None]:
    """The items before and after one in a filter's order."""
    here, plan = Place(item.pk, f"name={lowered(item.name)}" if chosen.ordered_by else ""), plan_of(scope, chosen)
    beside = [find(scope, plan, walk, 1).places for walk in (Walk(here, backwards=True), Walk(here))]
    items = items_by_id(scope, [place.item for places in beside for place in places]).in_bulk()
    before, following = (items.get(places[0].item) if places else None for places in beside)
    return before, following


def cards_of(project: Project, items: Sequence[Any], org: str) -> list[dict[str, Any]]:
    """What the gallery shows of items that were found with figures; the state is the catalog's, as the filter's is."""
    pills = _pills(project)
    return [
        {
            "id": item.pk,
            "name": item.name,
            "thumb": thumb_of(item.pk, org),
            "width": item.width,
            "height": item.height,
            "state": next((pills[term] for term in item.terms if term in pills), None),
            "objects": item.objects_on,
            "least": item.least,
        }
        for item in items
    ]


def states_of(project: Project, items: Sequence[Item]) -> dict[UUID, dict[str, str]]:
    """The pill of each item as kind, text and value, from the fields that show one."""
    pills = _pills(project)
    rows = Facet.objects.filter(org_id=project.org_id, item_id__in=[item.pk for item in items], term__in=list(pills))
    return {item: pills[term] for item, term in rows.values_list("item_id", "term")}


def thumb_of(item_id: UUID, org: str, size: str = "thumb") -> str:
    """The address of an item's small picture for the acting organization."""
    return f"/api/v1/orgs/{org}/items/{item_id}/image?size={size}"


def _facets_of(scope: Scope, items: Sequence[UUID]) -> "QuerySet[Facet]":
    return Facet.objects.filter(org_id=scope.org_id, item_id__in=items)


def _pills(project: Project) -> dict[str, dict[str, str]]:
    """By term."""
    return {
        f"{field.name}={choice.value}": {
            "kind": field.pills[choice.value],
            "text": choice.text,
            "value": choice.value,
        }
        for field in every_field()
        if field.pills and field.choices
        for choice in field.choices(project)
        if choice.value in field.pills
    }


def _with_figures(items: "QuerySet[Item]") -> "QuerySet[Item]":
    """The number of annotations, the lowest score of a current prediction (from the end of an index), and the terms."""
    drawn = Annotation.objects.filter(org_id=OuterRef("org_id"), project_id=OuterRef("project_id"))
    drawn = drawn.filter(item_id=OuterRef("pk")).order_by().values("item_id").annotate(number=Count("pk"))
    lowest = Prediction.objects.filter(org_id=OuterRef("org_id"), item_id=OuterRef("pk"), superseded=False)
    shown = [f"{field.name}={value}" for field in every_field() for value in field.pills or {}]
    terms = Facet.objects.filter(org_id=OuterRef("org_id"), item_id=OuterRef("pk"), term__in=shown)
    figured: QuerySet[Item] = items.annotate(
        objects_on=Coalesce(Subquery(drawn.values("number")), 0),
        least=Subquery(lowest.order_by("score").values("score")[:1]),
        terms=ArraySubquery(terms.values("term")),
    )
    return figured
