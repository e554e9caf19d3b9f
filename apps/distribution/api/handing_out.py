"""What managers do with work that nobody has begun, or somebody holds: give it out, take it back, decide, hurry."""

import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.distribution.models import NEVER, Task, TaskKind
from apps.distribution.services import assignments, decisions, redistribution, taking_back, urgency
from apps.jobs.api import JobOut, job_out
from apps.pipelines.models import Stage
from apps.projects.selectors import project_for, row_for

ACTION = "task.distribute"


class AssignmentsIn(Struct):
    """`tasks` of one stage, or the `number` foremost ones of a `stage`; dealt `equal`, by `load`, or to who has the
    `skill`, among `people`."""

    people: list[UUID]
    tasks: list[UUID] | None = None
    stage: UUID | None = None
    number: int | None = None
    split: Literal["equal", "load", "skill"] = "equal"


class GivenOut(Answer):
    """`left` stayed in the queue: nobody chosen may have them."""

    given: int
    left: int


class TasksIn(Struct):
    tasks: list[UUID]


class NumberOut(Answer):
    count: int


class Assignments(Api):
    @operation(ACTION, "Give ready tasks to people.", body=AssignmentsIn, answers={201: GivenOut})
    def post(self, request: Any, org: str, project_id: UUID, body: AssignmentsIn) -> Result:
        """They are kept for these people, and come first for them."""
        project = project_for(request.member.context, ACTION, project_id)
        if (body.tasks is None) == (body.stage is None) or (body.stage is None) != (body.number is None):
            raise assignments.WhichTasks
        if body.tasks is not None:
            done = assignments.assign_tasks(project=project, people=body.people, split=body.split, tasks=body.tasks)
        else:
            done = assignments.assign_of_stage(
                project=project,
                people=body.people,
                split=body.split,
                stage_id=body.stage or project.pk,
                number=body.number or 0,
            )
        return 201, GivenOut(given=done.given, left=done.left)


class Unassignments(Api):
    @operation(ACTION, "Give tasks back to the queue that nobody began.", body=TasksIn, answers={201: NumberOut})
    def post(self, request: Any, org: str, project_id: UUID, body: TasksIn) -> Result:
        """Whoever may have them gets them then."""
        project = project_for(request.member.context, ACTION, project_id)
        return 201, NumberOut(count=assignments.unassign_tasks(project=project, tasks=body.tasks))


class UrgencyIn(Struct):
    """A smaller `priority` comes first. What is not given stays; `due_at` null takes the date away."""

    tasks: list[UUID]
    priority: int | None = None
    due_at: datetime.datetime | None | UnsetType = UNSET


class Urgency(Api):
    @operation(ACTION, "Priority and due date of open tasks.", body=UrgencyIn, answers={200: NumberOut})
    def post(self, request: Any, org: str, project_id: UUID, body: UrgencyIn) -> Result:
        """Gives how many of them are still open."""
        project = project_for(request.member.context, ACTION, project_id)
        changed = urgency.change_tasks(
            project=project, tasks=body.tasks, priority=body.priority, due_at=due_of(body.due_at)
        )
        return 200, NumberOut(count=changed)


class RedistributionIn(Struct):
    """To whom: who was `active` in the last day, or the `queue`."""

    to: Literal["active", "queue"] = "active"


class Redistributions(Api):
    @operation(
        ACTION, "Deal what was given out and not begun anew, by a job.", body=RedistributionIn, answers={202: JobOut}
    )
    def post(self, request: Any, org: str, stage_id: UUID, body: RedistributionIn) -> Result:
        """Equally by load; joins one that is under way."""
        stage = row_for(Stage.objects.all(), request.member.context, ACTION, stage_id)
        return 202, job_out(redistribution.request_redistribution(stage=stage, to_queue=body.to == "queue"))


class TaskHolder(Api):
    @operation(ACTION, "End somebody's lease; the draft stays.", answers={204: None})
    def delete(self, request: Any, org: str, task_id: UUID) -> Result:
        """The holder is told; the task is ready for all."""
        taking_back.release_held(task=_task(request, task_id))
        return 204, None


class DecisionIn(Struct):
    """To all again, to a `person`, or left out: its unit goes on without it, and a whole picture is set aside."""

    decision: decisions.Decision
    person: UUID | None = None


class TaskDecision(Api):
    @operation(ACTION, "Decide about a task that was laid before a manager.", body=DecisionIn, answers={204: None})
    def post(self, request: Any, org: str, task_id: UUID, body: DecisionIn) -> Result:
        """Once."""
        decisions.decide_skipped(task=_task(request, task_id), decision=body.decision, person=body.person)
        return 204, None


def _task(request: Any, task_id: UUID) -> Task:
    rows = Task.objects.filter(kind=TaskKind.HUMAN, project__deleted_at=None)
    return row_for(rows, request.member.context, ACTION, task_id)


def due_of(stated: datetime.datetime | UnsetType | None) -> datetime.datetime | None:
    """As the services take it: None stays, NEVER is no date."""
    if isinstance(stated, UnsetType):
        return None
    return NEVER if stated is None else stated
