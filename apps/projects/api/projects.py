"""Projects."""

import datetime
from typing import Any
from uuid import UUID

from apps.core.answers import Result, answer
from apps.core.etags import etag_of
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of
from apps.projects import selectors, services
from apps.projects.models import Project


class ProjectIn(Struct):
    name: str
    description: str = ""


class ProjectEdit(Struct):
    name: str | None = None
    description: str | None = None


class ProjectOut(Answer):
    id: UUID
    name: str
    description: str
    created_at: datetime.datetime


class ProjectsOut(Answer):
    results: list[ProjectOut]
    next: str | None
    previous: str | None


class Projects(Api):
    @operation(
        "project.list", "Projects of the organization and those shared with it.", query=Page, answers={200: ProjectsOut}
    )
    def get(self, request: Any, org: str, query: Page) -> Result:
        """Newest first."""
        return 200, page_of(selectors.projects_seen(), query, _project, newest_first=True)

    @operation("project.create", "Make a project.", body=ProjectIn, answers={201: ProjectOut})
    def post(self, request: Any, org: str, body: ProjectIn) -> Result:
        """With one empty dataset."""
        project = services.create_project(name=body.name, description=body.description)
        return answer(201, _project(project), ETag=etag_of(selectors.project_state(project)))


class OneProject(Api):
    @operation("project.see", "A project.", answers={200: ProjectOut})
    def get(self, request: Any, org: str, project_id: UUID) -> Result:
        """With its ETag."""
        project = selectors.project_for(request.member.context, "project.see", project_id)
        return answer(200, _project(project), ETag=etag_of(selectors.project_state(project)))

    @operation(
        "project.edit",
        "Rename or describe a project; needs If-Match.",
        body=ProjectEdit,
        answers={200: ProjectOut},
        conditional=True,
    )
    def patch(self, request: Any, org: str, project_id: UUID, body: ProjectEdit) -> Result:
        """What is not given stays."""
        project = services.edit_project(
            project=selectors.project_for(request.member.context, "project.edit", project_id),
            seen=request.headers.get("If-Match"),
            name=body.name,
            description=body.description,
        )
        return answer(200, _project(project), ETag=etag_of(selectors.project_state(project)))

    @operation("project.delete", "Delete a project with all it holds.", answers={204: None})
    def delete(self, request: Any, org: str, project_id: UUID) -> Result:
        """Hidden at once."""
        services.delete_project(project=selectors.project_for(request.member.context, "project.delete", project_id))
        return 204, None


def _project(project: Project) -> ProjectOut:
    return ProjectOut(id=project.pk, name=project.name, description=project.description, created_at=project.created_at)
