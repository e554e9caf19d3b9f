"""The demo's project: pictures, recipe, detector and a running pipeline, made through the services that people use."""

from io import BytesIO

from apps.accounts.models import Organization
from apps.accounts.selectors import Member
from apps.core.tenancy import tenant_tx
from apps.distribution.models import PipelineRun
from apps.distribution.services.runs import start_run
from apps.jobs.actors import discover
from apps.pipelines.services import create_pipeline
from apps.predictions.models import Deployment
from apps.projects.models import Dataset, Project
from apps.projects.services import create_project
from apps.recipes.definitions import LabelDefinition
from apps.recipes.services import publish_project_recipe

from . import mosaic, people
from .detector import install_detector, register_detector
from .flagship import make_flagship
from .pictures import PHOTOGRAPHS
from .question import ask_and_answer
from .steps import known_dataset, receive, work_through

PROJECT = "Objects in large pictures"
DESCRIPTION = "Every person, cat, horse and cup, however small. The mosaic is 24 megapixels of small prints."
DATASET = "Photographs"
SEED = 7
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
    dataset = known_dataset(noor, project, DATASET) or receive(noor, project, name=DATASET, files=_files())
    with tenant_tx(noor.context):
        deployment = install_detector(project, [name for name, _ in LABELS])
        is_started = PipelineRun.objects.filter(project=project).exists()
    if not is_started:
        work_through(noor, project)
        with tenant_tx(noor.context):
            _start(project, dataset, deployment)
        work_through(noor, project)
    make_flagship(noor, organizations[people.VENDOR])
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


def _files() -> dict[str, bytes]:
    photographs = {one.file_name: one.path.read_bytes() for one in PHOTOGRAPHS.values()}
    large = BytesIO()
    mosaic.draw(SEED).save(large, "JPEG", quality=88)
    return {"mosaic.jpg": large.getvalue(), **photographs}


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
