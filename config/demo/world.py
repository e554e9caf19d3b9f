"""The demo's project: pictures, recipe, detector and a running pipeline, made through the services that people use."""

from io import BytesIO
from time import sleep
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from apps.accounts.models import Organization
from apps.accounts.selectors import Member
from apps.core.tenancy import tenant_tx
from apps.distribution.models import PipelineRun
from apps.distribution.services.runs import start_run
from apps.jobs.actors import discover
from apps.jobs.models import UNFINISHED, Job
from apps.jobs.services.reaping import reap
from apps.jobs.work import work_off
from apps.pipelines.services import create_pipeline
from apps.predictions.models import Deployment
from apps.projects.models import Dataset, Project
from apps.projects.services import create_dataset, create_project, receive_upload
from apps.recipes.definitions import LabelDefinition
from apps.recipes.services import publish_project_recipe

from . import mosaic, people
from .detector import install_detector, register_detector
from .pictures import PHOTOGRAPHS
from .question import ask_and_answer

PROJECT = "Objects in large pictures"
DESCRIPTION = "Every person, cat, horse and cup, however small. The mosaic is 24 megapixels of small prints."
DATASET = "Photographs"
SEED = 7
PAUSE = 0.2  # seconds
# A whole picture is one task here: long enough for the mosaic.
LEASE_SECONDS = 1800
INSTRUCTIONS = (
    "Draw a tight box around every person, cat, horse and cup. Commit what the model found where it is right, "
    "reject what is wrong, and draw what it missed. An object that is cut off still counts."
)
LABELS = (("person", "Person"), ("cat", "Cat"), ("horse", "Horse"), ("cup", "Cup"))


def make_world() -> None:
    """Make what is missing. Each step commits, so that a start that was interrupted goes on where it stopped."""
    discover()
    organizations = people.found_organizations()
    noor = people.member("noor@northlot.example")
    project = _project(noor, organizations[people.VENDOR])
    dataset = _pictures(noor, project)
    with tenant_tx(noor.context):
        deployment = install_detector(project, [name for name, _ in LABELS])
        is_started = PipelineRun.objects.filter(project=project).exists()
    if not is_started:
        _read(noor, project)
        with tenant_tx(noor.context):
            _start(project, dataset, deployment)
        _read(noor, project)
    max_ = people.member("max@meadow.example")
    ask_and_answer(project, asks=max_, answers=noor)
    with tenant_tx(max_.context):
        register_detector()  # for projects of its own, which its annotators can label


def _project(noor: Member, vendor: Organization) -> Project:
    with tenant_tx(noor.context):
        project = Project.objects.filter(name=PROJECT).first()
        if project is None:
            project = create_project(name=PROJECT, description=DESCRIPTION)
            publish_project_recipe(project=project, on="0", labels=_labels(), instructions=INSTRUCTIONS)
        people.engage(project, vendor)
    return project


def _labels() -> list[LabelDefinition]:
    return [
        LabelDefinition(name=name, title=title, color=number, key=str(number))
        for number, (name, title) in enumerate(LABELS, start=1)
    ]


def _pictures(noor: Member, project: Project) -> Dataset:
    with tenant_tx(noor.context):
        known = Dataset.objects.filter(project=project, name=DATASET).first()
        if known:
            return known
        dataset = create_dataset(project=project, name=DATASET)
        receive_upload(dataset=dataset, received=_files())
    return dataset


def _read(noor: Member, project: Project) -> None:
    """Here and now: a run can only be made over pictures that are there, and a question asked about a task."""
    while waiting := _unread(noor, project):
        for job_id in waiting:
            work_off(job_id)
        reap()  # a start that was broken off holds its job until its heart has stood still for long enough
        sleep(PAUSE)


def _unread(noor: Member, project: Project) -> list[UUID]:
    with tenant_tx(noor.context):
        return list(Job.objects.filter(project_id=project.pk, state__in=UNFINISHED).values_list("pk", flat=True))


def _files() -> list[UploadedFile]:
    photographs = [_file(one.file_name, one.path.read_bytes()) for one in PHOTOGRAPHS.values()]
    large = BytesIO()
    mosaic.draw(SEED).save(large, "JPEG", quality=88)
    return [_file("mosaic.jpg", large.getvalue()), *photographs]


def _file(name: str, content: bytes) -> UploadedFile:
    return UploadedFile(ContentFile(content), name=name, size=len(content))


def _start(project: Project, dataset: Dataset, deployment: Deployment) -> None:
    settings = {
        "deployment": str(deployment.pk),
        "held_out": 0,
        "instructions": INSTRUCTIONS,
        "lease_seconds": LEASE_SECONDS,
    }
    version = create_pipeline(
        project=project, name="Pre-label and review", template="pre_label_and_review", settings=settings
    )
    start_run(project=project, pipeline_version_id=version.pk, dataset_id=dataset.pk)
