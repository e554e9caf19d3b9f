"""Saved views and subsets over HTTP."""

import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from apps.catalog import services
from apps.catalog.models import SavedView, Subset
from apps.catalog.selectors import views as selectors
from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of
from apps.projects.selectors import project_for


class ViewIn(Struct):
    name: str
    filter: dict[str, str] = {}
    shared: bool = False


class ViewEdit(Struct):
    name: str | UnsetType = UNSET
    filter: dict[str, str] | UnsetType = UNSET
    shared: bool | UnsetType = UNSET


class ViewOut(Answer):
    id: UUID
    project: UUID
    name: str
    filter: dict[str, str]
    shared: bool
    mine: bool
    created_at: datetime.datetime


class ViewsOut(Answer):
    results: list[ViewOut]
    next: str | None
    previous: str | None


class SavedViews(Api):
    @operation("saved_view.see", "Saved views: one's own and those shared.", query=Page, answers={200: ViewsOut})
    def get(self, request: Any, org: str, project_id: UUID, query: Page) -> Result:
        """Of one's own organization."""
        context = request.member.context
        project = project_for(context, "saved_view.see", project_id)
        return 200, page_of(selectors.views_of(project, context), query, lambda view: _view(view, request.member.id))

    @operation("saved_view.edit", "Save a filter under a name.", body=ViewIn, answers={201: ViewOut})
    def post(self, request: Any, org: str, project_id: UUID, body: ViewIn) -> Result:
        """The filter is checked as it is when items are listed."""
        project = project_for(request.member.context, "saved_view.edit", project_id)
        view = services.save_view(project=project, name=body.name, values=body.filter, shared=body.shared)
        return 201, _view(view, request.member.id)


class OneSavedView(Api):
    @operation("saved_view.see", "A saved view.", answers={200: ViewOut})
    def get(self, request: Any, org: str, view_id: UUID) -> Result:
        """One's own, or a shared one."""
        view = selectors.view_for(request.member.context, "saved_view.see", view_id)
        return 200, _view(view, request.member.id)

    @operation("saved_view.edit", "Rename, share or change one's view.", body=ViewEdit, answers={200: ViewOut})
    def patch(self, request: Any, org: str, view_id: UUID, body: ViewEdit) -> Result:
        """What is not given stays."""
        view = selectors.view_for(request.member.context, "saved_view.edit", view_id)
        given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
        if "filter" in given:
            given["values"] = given.pop("filter")
        return 200, _view(services.edit_view(view=view, **given), request.member.id)

    @operation("saved_view.edit", "Delete one's view.", answers={204: None})
    def delete(self, request: Any, org: str, view_id: UUID) -> Result:
        """The items stay."""
        services.delete_view(view=selectors.view_for(request.member.context, "saved_view.edit", view_id))
        return 204, None


class SubsetIn(Struct):
    name: str


class SubsetOut(Answer):
    id: UUID
    project: UUID
    name: str
    created_at: datetime.datetime


class SubsetsOut(Answer):
    results: list[SubsetOut]
    next: str | None
    previous: str | None


class Subsets(Api):
    @operation("item.see", "Named sets of a project's items.", query=Page, answers={200: SubsetsOut})
    def get(self, request: Any, org: str, project_id: UUID, query: Page) -> Result:
        """In the order in which they were made."""
        project = project_for(request.member.context, "item.see", project_id)
        return 200, page_of(selectors.subsets_of(project), query, _subset)

    @operation("item.edit", "Make an empty subset.", body=SubsetIn, answers={201: SubsetOut})
    def post(self, request: Any, org: str, project_id: UUID, body: SubsetIn) -> Result:
        """Bulk acts fill it."""
        project = project_for(request.member.context, "item.edit", project_id)
        return 201, _subset(services.create_subset(project=project, name=body.name))


class OneSubset(Api):
    @operation("item.edit", "Rename a subset.", body=SubsetIn, answers={200: SubsetOut})
    def patch(self, request: Any, org: str, subset_id: UUID, body: SubsetIn) -> Result:
        """Its items stay."""
        subset = selectors.subset_for(request.member.context, "item.edit", subset_id)
        return 200, _subset(services.rename_subset(subset=subset, name=body.name))

    @operation("item.edit", "Delete a subset; its items stay.", answers={204: None})
    def delete(self, request: Any, org: str, subset_id: UUID) -> Result:
        """Only the set is gone."""
        services.delete_subset(subset=selectors.subset_for(request.member.context, "item.edit", subset_id))
        return 204, None


def _view(view: SavedView, person: UUID) -> ViewOut:
    return ViewOut(
        id=view.pk,
        project=view.project_id,
        name=view.name,
        filter=view.filter,
        shared=view.shared,
        mine=view.author_id == person,
        created_at=view.created_at,
    )


def _subset(subset: Subset) -> SubsetOut:
    return SubsetOut(id=subset.pk, project=subset.project_id, name=subset.name, created_at=subset.created_at)
