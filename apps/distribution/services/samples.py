"""A small project to look round in: pictures, a recipe, a line at work. Everything in it can be deleted with it."""

from collections.abc import Callable
from uuid import UUID

from django.utils.translation import gettext as _

from apps.activity.services import record_audit
from apps.core.tenancy import Context, tenant_tx
from apps.distribution.models import PipelineRun
from apps.distribution.set_up import crew_of, newest_line
from apps.jobs.models import Job
from apps.jobs.services import request
from apps.predictions.models import ModelVersion
from apps.predictions.offers import classes_with_labels, versions_ready
from apps.projects.models import Project, Upload
from apps.projects.samples import MAKE_SAMPLE, has_photographs, sample_files
from apps.projects.selectors import main_dataset_of, projects_seen
from apps.projects.services import create_project, ingest_upload, receive_upload
from apps.recipes.definitions import LabelDefinition
from apps.recipes.services import publish_project_recipe

from .starts import choose_line, start_line

OF_PHOTOGRAPHS = ("Person", "Cat", "Horse", "Cup")
OF_DRAWINGS = ("Square", "Disc", "Triangle")

Progress = Callable[[int, int | None], None]


def request_sample() -> Job:
    """Ask for a sample project of the acting organization; joins a request that is under way. Answer 202 with it."""
    job = request(kind=MAKE_SAMPLE, input={})
    record_audit("project.sample", job)
    return job


def make_sample(*, job_id: UUID, context: Context, progress: Progress) -> Project:
    """Make what is missing, each step in a transaction of its own, so that a second run goes on after a crash. The
    project's id is the job's: whoever asked for it knows where it will be."""
    project = _project(job_id, context)
    with tenant_tx(context):
        upload = Upload.objects.filter(project=project).first()
        dataset = main_dataset_of(project)
        job = Job.objects.get(pk=job_id)
    if upload is None and dataset is not None:
        with tenant_tx(context):
            upload = receive_upload(dataset=dataset, received=sample_files(), job=job)
    if upload is not None:
        ingest_upload(upload_id=upload.pk, context=context, progress=progress)
    with tenant_tx(context):
        if not PipelineRun.objects.filter(project=project).exists():
            _choose_line(project)
            start_line(project=project)
    return project


def _project(project_id: UUID, context: Context) -> Project:
    with tenant_tx(context):
        known: Project | None = projects_seen().filter(pk=project_id).first()
        if known:
            return known
        project = create_project(
            name=_("Sample project"),
            description=_("A few pictures to look round with. Delete it when you have seen enough."),
            project_id=project_id,
        )
        instructions = _("Draw a tight box around everything that has a label here. What is cut off still counts.")
        publish_project_recipe(project=project, on="0", labels=_labels(), instructions=instructions)
    return project


def _labels() -> list[LabelDefinition]:
    titles = OF_PHOTOGRAPHS if has_photographs() else OF_DRAWINGS
    return [
        LabelDefinition(name=title.lower(), title=title, color=number, key=str(number))
        for number, title in enumerate(titles, start=1)
    ]


def _choose_line(project: Project) -> None:
    """With a model that knows some of the labels if there is one, and with a review if there are two people for it."""
    if newest_line(project) is not None:
        return
    can_review = crew_of(project).can_review
    if can_review and (model := _model(project)):
        choose_line(project=project, template="pre_label_and_review", settings={"held_out": 0}, model_version=model)
        return
    template = "label_and_review" if can_review else "label_only"
    choose_line(project=project, template=template, settings={})


def _model(project: Project) -> ModelVersion | None:
    return next((one for one in versions_ready(project)[:5] if classes_with_labels(project, one)), None)
