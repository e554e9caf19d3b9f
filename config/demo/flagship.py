"""The demo's second project: car parks from above, on the line that Tessera is made for."""

from io import BytesIO

from apps.accounts.models import Organization
from apps.accounts.selectors import Member
from apps.core.tenancy import tenant_tx
from apps.distribution.models import PipelineRun, SkillGrant
from apps.distribution.services.runs import start_run
from apps.pipelines.services import create_pipeline
from apps.predictions.models import Deployment
from apps.projects.models import Dataset, Project
from apps.projects.services import create_project
from apps.recipes.definitions import Attribute, LabelDefinition
from apps.recipes.services import publish_project_recipe

from . import car_parks, people
from .detector import install_detector
from .steps import known_dataset, receive, work_through

PROJECT = "Car models in parking lots"
DESCRIPTION = "Every vehicle in pictures of 24 megapixels, and its model. A detector, annotators and experts share it."
DATASET = "Car parks"
SEEDS = (41, 42)
SKILL = "car models"
WORK_SIZE = 1250  # pixels a side of a person's tile: a dozen cars across
LEASE_SECONDS = 1200
FIND = (
    "Draw a tight box around every vehicle whose middle lies in your tile, also where a tree hides some of it. Commit "
    "what the model found where it is right, reject what is no vehicle, and draw what it missed."
)
NAME = "Choose the model. Its outline tells it: the roof of a van reaches to its rear, a pickup has an open bed."
REVIEW = "Look for vehicles that nobody has drawn, and for models that are wrong."


def make_flagship(noor: Member, vendor: Organization) -> None:
    """Make what is missing. Each step commits, so that a start that was interrupted goes on where it stopped."""
    project = _project(noor, vendor)
    dataset = known_dataset(noor, project, DATASET) or receive(noor, project, name=DATASET, files=_files())
    with tenant_tx(noor.context):
        deployment = install_detector(project, [car_parks.LABEL], which="car_parks")
        is_started = PipelineRun.objects.filter(project=project).exists()
    if not is_started:
        work_through(noor, project)
        with tenant_tx(noor.context):
            _start(project, dataset, deployment)
        work_through(noor, project)
    bob = people.member("bob@meadow.example")
    with tenant_tx(people.member("max@meadow.example").context):
        SkillGrant.objects.get_or_create(org_id=bob.context.org_id, user_id=bob.id, skill=SKILL)


def _project(noor: Member, vendor: Organization) -> Project:
    with tenant_tx(noor.context):
        project: Project | None = Project.objects.filter(name=PROJECT).first()
        if project is None:
            project = create_project(name=PROJECT, description=DESCRIPTION)
            publish_project_recipe(project=project, on="0", labels=[_label()], instructions=FIND)
        people.engage(project, vendor)
    return project


def _label() -> LabelDefinition:
    model = Attribute(name="model", title="Model", type="select", options=list(car_parks.MODEL_NAMES))
    return LabelDefinition(name=car_parks.LABEL, title="Vehicle", color=1, key="1", attributes=[model])


def _files() -> dict[str, bytes]:
    files = {}
    for number, seed in enumerate(SEEDS, start=1):
        written = BytesIO()
        car_parks.draw(seed).save(written, "JPEG", quality=88)
        files[f"car park {number}.jpg"] = written.getvalue()
    return files


def _start(project: Project, dataset: Dataset, deployment: Deployment) -> None:
    settings = {
        "deployment": str(deployment.pk),
        "attribute": "model",
        "labels": [car_parks.LABEL],
        "skill": SKILL,
        "sample": 1.0,
        "work_size": WORK_SIZE,
        "instructions": FIND,
        "name_instructions": NAME,
        "review_instructions": REVIEW,
        "lease_seconds": LEASE_SECONDS,
    }
    version = create_pipeline(project=project, name="Car models", template="flagship", settings=settings)
    start_run(project=project, pipeline_version_id=version.pk, dataset_id=dataset.pk)
