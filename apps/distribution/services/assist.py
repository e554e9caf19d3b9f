"""Ask a model about the picture of the task in hand."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from apps.core.errors import NotAllowed, Refusal
from apps.core.tenancy import active_tenant
from apps.distribution.models import Arm, Task, TaskState
from apps.distribution.selectors import may_run_models, task_for
from apps.predictions.models import Deployment, DeploymentState, Inference, Lane
from apps.predictions.services import request_inference
from apps.projects.models import Item

from .refusals import LeaseLost


class SuggestionsHidden(Refusal):
    code = "suggestions_hidden"
    message = "This picture is labeled without suggestions, to measure what suggestions are worth."


class NoDeployment(Refusal):
    code = "no_deployment"
    message = "No model serves this project now. A manager can start one on the models page."


@dataclass(frozen=True, slots=True)
class View:
    """The part of the picture that the person looks at."""

    x: float
    y: float
    width: float
    height: float

    def centre_on(self, item: Item) -> tuple[float, float]:
        """Whose tiles come first; inside the picture, however far away somebody looks."""
        x, y = self.x + self.width / 2, self.y + self.height / 2
        return min(max(x, 0.0), float(item.width)), min(max(y, 0.0), float(item.height))


@transaction.atomic
def ask_assist(*, task_id: UUID, model_version: UUID | None = None, view: View | None = None) -> Inference:
    """Queue a model over the task's item, or join it where it runs. The holder only.

    Raises NotFound, LeaseLost, SuggestionsHidden, NotAllowed, NoDeployment.
    """
    context = active_tenant()
    task = task_for(context, task_id)
    if task.holder != context.user_id or task.state != TaskState.LEASED:
        raise LeaseLost
    if task.arm == Arm.HELD_OUT:
        raise SuggestionsHidden
    if not may_run_models(context, task.project_id, task.org_id):
        raise NotAllowed("Your organization's engagement does not include running models.")
    item = task.unit.item
    return request_inference(
        item=item,
        deployment=_deployment(task, model_version),
        lane=Lane.ASSIST,
        centre=view.centre_on(item) if view else None,
    )


def _deployment(task: Task, model_version: UUID | None) -> Deployment:
    serving = Deployment.objects.filter(project_id=task.project_id).exclude(state=DeploymentState.STOPPED)
    # One that runs elsewhere is no choice; who names it all the same is told why.
    serving = serving.filter(model_version_id=model_version) if model_version else serving.filter(is_external=False)
    deployment: Deployment | None = serving.order_by("created_at", "id").first()
    if deployment is None:
        raise NoDeployment
    return deployment
