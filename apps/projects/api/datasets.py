"""Datasets."""

import datetime
from typing import Any
from uuid import UUID

from apps.core.answers import Result, answer
from apps.core.etags import etag_of
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of
from apps.projects import selectors, services
from apps.projects.models import Dataset


class DatasetIn(Struct):
    name: str


class DatasetOut(Answer):
    id: UUID
    project: UUID
    name: str
    created_at: datetime.datetime


class DatasetsOut(Answer):
    results: list[DatasetOut]
    next: str | None
    previous: str | None


class Datasets(Api):
    @operation("project.see", "A project's datasets.", query=Page, answers={200: DatasetsOut})
    def get(self, request: Any, org: str, project_id: UUID, query: Page) -> Result:
        """Oldest first."""
        project = selectors.project_for(request.member.context, "project.see", project_id)
        return 200, page_of(selectors.datasets_of(project), query, _dataset)

    @operation("dataset.create", "Make a dataset.", body=DatasetIn, answers={201: DatasetOut})
    def post(self, request: Any, org: str, project_id: UUID, body: DatasetIn) -> Result:
        """Empty."""
        project = selectors.project_for(request.member.context, "dataset.create", project_id)
        return _tagged(201, services.create_dataset(project=project, name=body.name))


class OneDataset(Api):
    @operation("project.see", "A dataset.", answers={200: DatasetOut})
    def get(self, request: Any, org: str, dataset_id: UUID) -> Result:
        """With its ETag."""
        return _tagged(200, selectors.dataset_for(request.member.context, "project.see", dataset_id))

    @operation(
        "dataset.edit", "Rename a dataset; needs If-Match.", body=DatasetIn, answers={200: DatasetOut}, conditional=True
    )
    def patch(self, request: Any, org: str, dataset_id: UUID, body: DatasetIn) -> Result:
        """The name is all there is."""
        dataset = selectors.dataset_for(request.member.context, "dataset.edit", dataset_id)
        dataset = services.edit_dataset(dataset=dataset, seen=request.headers.get("If-Match"), name=body.name)
        return _tagged(200, dataset)

    @operation("dataset.edit", "Delete a dataset with its items.", answers={204: None})
    def delete(self, request: Any, org: str, dataset_id: UUID) -> Result:
        """Hidden at once."""
        services.delete_dataset(dataset=selectors.dataset_for(request.member.context, "dataset.edit", dataset_id))
        return 204, None


def _tagged(status: int, dataset: Dataset) -> Result:
    return answer(status, _dataset(dataset), ETag=etag_of(selectors.dataset_state(dataset)))


def _dataset(dataset: Dataset) -> DatasetOut:
    return DatasetOut(id=dataset.pk, project=dataset.project_id, name=dataset.name, created_at=dataset.created_at)
