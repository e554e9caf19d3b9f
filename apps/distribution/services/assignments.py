"""Push: managers give ready tasks to people of their own organization, and take back what was not begun."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import Membership
from apps.activity import services as activity
from apps.core.errors import Invalid, NotFound, Refusal
from apps.core.tenancy import active_tenant
from apps.distribution.models import Task, TaskKind, TaskState
from apps.distribution.selectors.workforce import Worker, Workforce, workforce_for
from apps.pipelines.models import HUMAN_KINDS, Stage
from apps.projects.models import Project

from .counts import announce_counts
from .taking_back import NOBODYS_YET

MOST_AT_ONCE = 2000
Split = Literal["equal", "load", "skill"]

# Who may not have a task: of several slots of a unit everybody takes one, and nobody judges a unit that they worked on,
# be it on its whole or on a part of it. As the claim has it.
BARRED = """
SELECT t.id, t.unit_id, t.skipped_by,
  CASE WHEN s.overlap > 1 THEN ARRAY(
    SELECT coalesce(o.holder, o.preferred_person) FROM task o
    WHERE o.org_id = t.org_id AND o.unit_id = t.unit_id AND o.stage_id = s.id AND o.round = t.round AND o.id <> t.id)
  ELSE '{}' END
  || CASE WHEN s.kind = 'review' THEN ARRAY(
    SELECT o.holder FROM task o JOIN stage b ON b.org_id = o.org_id AND b.id = o.stage_id
    WHERE o.org_id = t.org_id AND o.unit_id = ANY(ARRAY[t.unit_id, u.parent_id]) AND o.holder IS NOT NULL
      AND b.kind IN ('label', 'review') AND b.position < s.position) || u.workers || coalesce(p.workers, '{}')
  ELSE '{}' END,
  s.kind = 'review' AND t.org_id <> %(org)s AND NOT coalesce(r.worker_org_id = %(org)s, false)
    AND NOT (t.reviews_id IS NULL AND u.worker_orgs <@ ARRAY[%(org)s]::uuid[] AND u.worker_orgs <> '{}')
FROM task t
  JOIN stage s ON s.org_id = t.org_id AND s.id = t.stage_id
  JOIN unit u ON u.org_id = t.org_id AND u.id = t.unit_id
  LEFT JOIN unit p ON p.org_id = t.org_id AND p.id = u.parent_id
  LEFT JOIN task r ON r.org_id = t.org_id AND r.id = t.reviews_id
WHERE t.org_id = %(owner)s AND t.id = ANY(%(tasks)s::uuid[])
"""
GIVE = """
UPDATE task t SET preferred_person = g.person, preferred_until = '9999-12-31Z', postponed = false, assigned_by = %s,
                  assigned_org_id = %s, skipped_by = array_remove(t.skipped_by, g.person)
FROM unnest(%s::uuid[], %s::uuid[]) AS g(id, person) WHERE t.org_id = %s AND t.id = g.id
"""


class PeopleMissing(Invalid):
    code = "people_missing"
    message = "Choose at least one person of your organization."


class PersonCannot(Invalid):
    code = "person_cannot"
    message = "This person may not work at this stage."


class SkillMissing(Invalid):
    code = "skill_missing"
    message = "This person lacks the skill that the stage asks for."


class OwnWork(Refusal):
    code = "own_work"
    message = "Nobody reviews their own work, and of one unit nobody does two parts. Choose somebody else."


class NotWaiting(Refusal):
    code = "not_waiting"
    message = "Only tasks that wait can be given to somebody. Some of these are in work or done; look again."


class GivenByOthers(Refusal):
    code = "given_by_others"
    message = "Another organization gave some of these to its own people. Ask them, or choose others."


class WhichTasks(Invalid):
    code = "which_tasks"
    message = f"Name tasks of one stage, or a stage and a number; at most {MOST_AT_ONCE:,} at once."


@dataclass(frozen=True, slots=True)
class Given:
    """How many tasks were given out, and how many of those wanted stayed because nobody chosen may have them."""

    given: int
    left: int


@transaction.atomic
def assign_tasks(
    *, project: Project, people: Collection[UUID], split: Split = "equal", tasks: Sequence[UUID] = ()
) -> Given:
    """Give these tasks, all of one stage, to these people, also such as were given to somebody before.

    Raises WhichTasks, NotFound, NotWaiting, GivenByOthers, PeopleMissing, PersonCannot, SkillMissing, OwnWork.
    """
    if not 1 <= len(set(tasks)) <= MOST_AT_ONCE:
        raise WhichTasks(field="tasks")
    rows = _held(project, tasks)
    stage = _stage_of(rows)
    chosen = choose_people(stage, people, split)
    gifts, left = deal(rows, chosen, split, said=True)
    if left:
        raise OwnWork
    return _give(stage, gifts, 0, split)


@transaction.atomic
def assign_of_stage(
    *, project: Project, stage_id: UUID, number: int, people: Collection[UUID], split: Split = "equal"
) -> Given:
    """Give the foremost tasks of a stage's queue to these people. Raises as `assign_tasks`."""
    stage: Stage | None = Stage.objects.filter(project=project, pk=stage_id, kind__in=HUMAN_KINDS).first()
    if stage is None or stage.pk in active_tenant().closed:
        raise NotFound
    if not 1 <= number <= MOST_AT_ONCE:
        raise WhichTasks(field="number")
    chosen = choose_people(stage, people, split)
    queue = Task.objects.filter(
        org_id=project.org_id, project=project, stage=stage, state=TaskState.READY, preferred_person=None
    )
    rows = list(
        queue.select_for_update(of=("self",), skip_locked=True).order_by("priority", "due_at", "slot", "id")[:number]
    )
    gifts, left = deal(rows, chosen, split)
    return _give(stage, gifts, left, split)


@transaction.atomic
def unassign_tasks(*, project: Project, tasks: Sequence[UUID]) -> int:
    """Take back what was given and not begun; gives how many.

    Raises WhichTasks, NotFound, NotWaiting, GivenByOthers.
    """
    if not 1 <= len(set(tasks)) <= MOST_AT_ONCE:
        raise WhichTasks(field="tasks")
    rows = _held(project, tasks)
    stage = _stage_of(rows)
    number = Task.objects.filter(pk__in=[row.pk for row in rows]).exclude(preferred_person=None).update(**NOBODYS_YET)
    activity.record_audit("task.unassign", stage, count=number)
    announce_counts(project.pk)
    return number


def choose_people(stage: Stage, people: Collection[UUID], split: Split) -> list[Worker]:
    """The workers that were named, less, where work is split by skill, those without it."""
    if not people:
        raise PeopleMissing(field="people")
    crew = workforce_for(stage, set(people))
    unknown = set(people) - crew.members.keys()
    if unknown:
        raise PeopleMissing(
            _("Work is given to people of your own organization. Choose them from its list."), field="people"
        )
    for person in people:
        if person not in crew.workers:
            said = _("%(name)s may not work at “%(stage)s”: it takes other roles. Choose somebody else.")
            raise PersonCannot(said % {"name": crew.members[person], "stage": stage.title}, field="people")
    return _with_skill(stage, crew, split)


def _with_skill(stage: Stage, crew: Workforce, split: Split) -> list[Worker]:
    skill = stage.settings.get("skill")
    able = crew.with_skill(skill)
    lacking = [one for one in crew.workers.values() if one not in able]
    if lacking and (split != "skill" or not able):
        said = _(
            "%(name)s lacks the skill “%(skill)s”, which “%(stage)s” asks for. Grant it on the page of people first."
        )
        raise SkillMissing(said % {"name": lacking[0].name, "skill": skill, "stage": stage.title}, field="people")
    return able


def deal(
    rows: Sequence[Task], people: Sequence[Worker], split: Split, *, said: bool = False, org_id: UUID | None = None
) -> tuple[dict[UUID, UUID], int]:
    """Who gets which task: each goes to who has least of those who may have it; and how many nobody may have.

    `said`: a manager named the tasks, which outweighs that somebody passed one on before. `org_id` is the people's
    organization, the acting one unless stated.
    """
    loads = {one.id: 0 if split == "equal" else one.load for one in people}
    barred, gifts, left = _barred(rows, said, org_id or active_tenant().org_id), dict[UUID, UUID](), 0
    of_unit: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for row in rows:
        may = [one.id for one in people if one.id not in barred[row.pk] and one.id not in of_unit[row.unit_id]]
        if not may:
            left += 1
            continue
        person = min(may, key=loads.__getitem__)
        gifts[row.pk] = person
        loads[person] += 1
        of_unit[row.unit_id].add(person)
    return gifts, left


class _Everybody:
    """Bars whoever is asked for."""

    def __contains__(self, person: object) -> bool:
        return True


def _barred(rows: Sequence[Task], said: bool, org_id: UUID) -> dict[UUID, Any]:
    if not rows:
        return {}
    values: dict[str, Any] = {"org": org_id, "owner": rows[0].org_id, "tasks": [row.pk for row in rows]}
    with connection.cursor() as cursor:
        cursor.execute(BARRED, values)
        return {
            task: _Everybody() if of_others else set(barred) | set(() if said else passed)
            for task, _unit, passed, barred, of_others in cursor.fetchall()
        }


def write_gifts(gifts: dict[UUID, UUID], org_id: UUID, by: UUID | None, owner: UUID) -> None:
    """Keep each ready task, under lock, for its person, for as long as it takes."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE, [by, org_id, list(gifts), list(gifts.values()), owner])


def _give(stage: Stage, gifts: dict[UUID, UUID], left: int, split: Split) -> Given:
    context = active_tenant()
    write_gifts(gifts, context.org_id, context.user_id, stage.org_id)
    people = sorted({str(person) for person in gifts.values()})
    activity.record_audit("task.assign", stage, count=len(gifts), split=split, people=people)
    announce_counts(stage.project_id)
    return Given(len(gifts), left)


def _held(project: Project, tasks: Sequence[UUID]) -> list[Task]:
    """These tasks under lock, all waiting, and none that another organization gave to its people."""
    named = Task.objects.filter(project=project, pk__in=set(tasks), kind=TaskKind.HUMAN)
    rows = list(named.select_for_update(of=("self",)).order_by("pk"))
    if len(rows) < len(set(tasks)):
        raise NotFound
    taken = sum(row.state != TaskState.READY for row in rows)
    if taken:
        said = ngettext(
            "%(n)s of these tasks does not wait any more: it is in work or done. Look again.",
            "%(n)s of these tasks do not wait any more: they are in work or done. Look again.",
            taken,
        )
        raise NotWaiting(said % {"n": taken})
    if active_tenant().org_id != project.org_id:
        _require_ours(rows)
    return rows


def _require_ours(rows: Sequence[Task]) -> None:
    """A vendor takes nothing from the people of others."""
    kept = {row.preferred_person for row in rows if row.assigned_org_id != active_tenant().org_id} - {None}
    if kept and Membership.objects.filter(user_id__in=kept).count() < len(kept):
        raise GivenByOthers


def _stage_of(rows: Sequence[Task]) -> Stage:
    if len({row.stage_id for row in rows}) != 1:
        raise WhichTasks(field="tasks")
    stage: Stage = rows[0].stage
    return stage
