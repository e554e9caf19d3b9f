"""Make, rename and delete projects."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.activity.services import record_audit
from apps.core.errors import Invalid, NotFound
from apps.core.etags import etag_of, require_current
from apps.core.ids import new_id
from apps.core.tenancy import active_tenant
from apps.core.text import clean_name
from apps.projects import selectors
from apps.projects.models import Dataset, Project

LONGEST_DESCRIPTION = 5000
# Everybody starts with a place to drop pictures into.
FIRST_DATASET = "Pictures"


class DescriptionTooLong(Invalid):
    code = "description_too_long"
    message = f"A description has at most {LONGEST_DESCRIPTION} characters."


@transaction.atomic
def create_project(*, name: str, description: str = "", project_id: UUID | None = None) -> Project:
    """A project of the acting organization with one empty dataset. Raises InvalidName, DescriptionTooLong."""
    context = active_tenant()
    project: Project = Project.objects.create(
        pk=project_id or new_id(),
        org_id=context.org_id,
        name=clean_name(name),
        description=_description(description),
        created_by=context.user_id,
    )
    dataset = Dataset.objects.create(org_id=project.org_id, project=project, name=FIRST_DATASET)
    record_audit("project.create", project, after=selectors.project_state(project), dataset=str(dataset.pk))
    return project


@transaction.atomic
def edit_project(
    *, project: Project, seen: str | None, name: str | None = None, description: str | None = None
) -> Project:
    """Change what is given. `seen` is the ETag that the editor read; raises PreconditionFailed when it is stale."""
    project = locked_project(project.pk)
    before = selectors.project_state(project)
    require_current(seen, etag_of(before))
    if name is not None:
        project.name = clean_name(name)
    if description is not None:
        project.description = _description(description)
    project.save(update_fields=["name", "description"])
    record_audit("project.edit", project, before=before, after=selectors.project_state(project))
    return project


@transaction.atomic
def delete_project(*, project: Project) -> None:
    """Hide a project with all that it holds; a later purge removes it."""
    project = locked_project(project.pk)
    project.deleted_at = timezone.now()
    project.save(update_fields=["deleted_at"])
    record_audit("project.delete", project, before=selectors.project_state(project))


def locked_project(project_id: UUID) -> Project:
    """The row for this transaction alone; raises NotFound when it was deleted meanwhile."""
    project: Project | None = selectors.projects_seen().select_for_update().filter(pk=project_id).first()
    if project is None:
        raise NotFound
    return project


def _description(text: str) -> str:
    if len(text) > LONGEST_DESCRIPTION:
        raise DescriptionTooLong(field="description")
    return text.strip()
