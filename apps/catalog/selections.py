"""Which items an act is on: some by their ids, or all that a filter finds, as both are written in requests and jobs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

from apps.core.errors import Invalid, NotFound
from apps.core.ids import new_id
from apps.core.tenancy import Context, tenant_tx
from apps.projects.models import Project
from apps.projects.selectors import datasets_of

from .filters import Filter, read_filter
from .selectors.items import items_by_id, items_found, scope_of
from .selectors.lists import Scope, Walk

CHUNK = 200
MOST_IDS = 10_000


class EmptySelection(Invalid):
    code = "empty_selection"
    message = "Select some pictures, or all that match."


class SelectionTooLarge(Invalid):
    code = "selection_too_large"
    message = f"Name at most {MOST_IDS:,} pictures. To reach more, send a filter."


@dataclass(frozen=True, slots=True)
class Selection:
    """`items`, or what `values` find in a dataset or in all of the project; never what came later than `until`."""

    items: tuple[UUID, ...] = ()
    values: tuple[tuple[str, str], ...] | None = None
    dataset: UUID | None = None
    until: UUID | None = None

    def stored(self) -> dict[str, Any]:
        """As a row or a job keeps it."""
        return {
            "items": [str(item) for item in self.items],
            "filter": None if self.values is None else dict(self.values),
            "dataset": str(self.dataset) if self.dataset else None,
            "until": str(self.until) if self.until else None,
        }

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        """From what `stored` gave."""
        given = kept.get("filter")
        return cls(
            items=tuple(UUID(item) for item in kept.get("items") or ()),
            values=None if given is None else tuple(sorted(given.items())),
            dataset=UUID(kept["dataset"]) if kept.get("dataset") else None,
            until=UUID(kept["until"]) if kept.get("until") else None,
        )


def settle(project: Project, wanted: Selection, at_once: int) -> tuple[Selection, bool]:
    """Checked, with its end fixed; and whether it is small. A filter that finds few is named by what it finds.

    Raises EmptySelection, SelectionTooLarge, NotFound for a foreign dataset, and what reading a filter raises.
    """
    scope = _scope(project, wanted.dataset)
    if wanted.values is None:
        if not wanted.items:
            raise EmptySelection
        if len(wanted.items) > MOST_IDS:
            raise SelectionTooLarge
        found = [item.pk for item in items_by_id(scope, wanted.items)]
        if len(found) < len(set(wanted.items)):
            raise NotFound("Some of these pictures are not there any more. Load the page again.")
        return replace(wanted, items=tuple(sorted(found))), len(found) <= at_once
    page = items_found(scope, _filter(project, wanted), None, at_once + 1)
    # One that names a place to go on from may be short or empty, however many there are after it.
    if page.stopped_at is None:
        if not page.items:
            raise EmptySelection
        if len(page.items) <= at_once:
            return Selection(items=tuple(item.pk for item in page.items)), True
    return replace(wanted, until=new_id()), False


def chunks(context: Context, project: Project, selection: Selection) -> Iterator[list[UUID]]:
    """The items a chunk at a time, each read in a transaction of its own."""
    if selection.values is None:
        for start in range(0, len(selection.items), CHUNK):
            yield list(selection.items[start : start + CHUNK])
        return
    place = None
    while True:
        with tenant_tx(context):
            scope = _scope(project, selection.dataset)
            found = items_found(scope, _filter(project, selection), Walk(place), CHUNK)
        chunk = [item.pk for item in found.items if selection.until is None or item.pk <= selection.until]
        place = found.stopped_at
        if chunk:
            yield chunk
        if place is None:
            return


def _scope(project: Project, dataset: UUID | None) -> Scope:
    rows = list(datasets_of(project))
    chosen = [row for row in rows if dataset is None or row.pk == dataset]
    if dataset is not None and not chosen:
        raise NotFound
    return scope_of(project, chosen)


def _filter(project: Project, selection: Selection) -> Filter:
    return read_filter(project, dict(selection.values or ()))
