"""What jobs do for the engine, what it hears of models, and what the scheduler runs for it."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from apps.core.tenancy import active_tenant
from apps.jobs.actors import News, RunningJob, actor, minutes, periodic, subscribe, visit_organizations
from apps.jobs.services import request
from apps.projects.samples import MAKE_SAMPLE

from .services import (
    emptying,
    engagements,
    intake,
    intake_deadlines,
    leases,
    lengths,
    machines,
    placing,
    redistribution,
    runs,
    samples,
    taking,
    taking_back,
    tallies,
    trials,
    urgency,
    versions,
    withdrawals,
)


@actor(kind=runs.FILL, time_limit=minutes(60))
def fill_run(job: RunningJob) -> dict[str, Any]:
    """Units and first tasks of a run."""
    made = runs.fill_run(context=job.context, run_id=UUID(job.input["pipeline_run"]), progress=job.progress)
    return {"units": made}


@actor(kind=emptying.EMPTY, time_limit=minutes(60))
def empty_run(job: RunningJob) -> dict[str, Any]:
    """Take a cancelled run's work back."""
    emptied = emptying.empty_run(context=job.context, run_id=UUID(job.input["pipeline_run"]), progress=job.progress)
    return {"units": emptied}


@actor(kind=emptying.DRAIN, time_limit=minutes(60))
def drain_run(job: RunningJob) -> dict[str, Any]:
    """Take off what nobody has begun of a run that drains."""
    drained = emptying.drain_run(context=job.context, run_id=UUID(job.input["pipeline_run"]), progress=job.progress)
    return {"units": drained}


@actor(kind=versions.MOVE, time_limit=minutes(60))
def move_open_work(job: RunningJob) -> dict[str, Any]:
    """Bring a run's open work to the version that it was moved to."""
    run = UUID(job.input["pipeline_run"])
    return {"tasks": versions.move_open_work(context=job.context, run_id=run, progress=job.progress)}


@subscribe(f"{runs.FILL}.ended")
def give_up_filling(news: list[News]) -> None:
    """Jobs that were to fill runs have ended without having done so."""
    for one in news:
        runs.give_up_filling(run_id=UUID(one.payload["input"]["pipeline_run"]), state=one.payload["state"])


@subscribe("items.arrived")
def feed_runs(news: list[News]) -> None:
    """New pictures: runs that take what arrives put them on their line."""
    arrived: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for one in news:
        arrived[UUID(one.payload["dataset"])] += [UUID(item) for item in one.payload["items"]]
    for dataset, items in arrived.items():
        taking.feed_runs(dataset_id=dataset, items=items)


@actor(kind=MAKE_SAMPLE, time_limit=minutes(10))
def make_sample(job: RunningJob) -> dict[str, Any]:
    """A small project to look round in; its id is the job's."""
    project = samples.make_sample(job_id=job.id, context=job.context, progress=job.progress)
    return {"project": str(project.pk)}


@actor(kind=withdrawals.WITHDRAW, time_limit=minutes(60))
def withdraw_dataset(job: RunningJob) -> dict[str, Any]:
    """Take the open work of a deleted dataset off the line."""
    dataset = UUID(job.input["dataset"])
    withdrawn = withdrawals.withdraw_dataset(context=job.context, dataset_id=dataset, progress=job.progress)
    return {"units": withdrawn}


@actor(kind=urgency.URGENCY, time_limit=minutes(60))
def spread_urgency(job: RunningJob) -> dict[str, Any]:
    """A run's priority and due date for the tasks that it has."""
    run = UUID(job.input["pipeline_run"])
    return {"tasks": urgency.spread_urgency(context=job.context, run_id=run, progress=job.progress)}


@actor(kind=redistribution.REDISTRIBUTE, time_limit=minutes(30))
def redistribute_tasks(job: RunningJob) -> dict[str, Any]:
    """Deal what was given out at a stage and not begun anew."""
    dealt = redistribution.redistribute(context=job.context, stated=job.input, progress=job.progress)
    return {"tasks": dealt}


@subscribe("items.deleted")
def withdraw_deleted(news: list[News]) -> None:
    """Pictures are gone: nobody shall be asked about them."""
    withdrawals.withdraw([UUID(item) for one in news for item in one.payload["items"]])


@subscribe("items.restored")
def bring_back_restored(news: list[News]) -> None:
    """A deletion was undone."""
    withdrawals.bring_back([UUID(item) for one in news for item in one.payload["items"]])


@subscribe("dataset.deleted")
def withdraw_with_dataset(news: list[News]) -> None:
    """Too many at once for the teller of news: a job of its own for each dataset."""
    for one in news:
        request(
            kind=withdrawals.WITHDRAW,
            input={"dataset": one.payload["dataset"]},
            project_id=UUID(one.payload["project"]),
            org_id=active_tenant().org_id,
        )


@subscribe("inference.finished")
def advance_predicted(news: list[News]) -> None:
    """Models have answered, or failed."""
    machines.inferences_finished([one.payload for one in news])


@subscribe("stage.entered")
def start_entered(news: list[News]) -> None:
    """Units have come to a machine's stage."""
    machines.start_entered([UUID(one.payload["task"]) for one in news])


@subscribe("engagement.changed")
def take_back_from_vendors(news: list[News]) -> None:
    """Engagements have ended, or share less."""
    for piece in news:
        engagements.end_leases(engagement_id=UUID(piece.payload["engagement"]))


@subscribe("membership.ended")
def take_back_from_former(news: list[News]) -> None:
    """People work for an organization no longer: what they hold of this owner's goes to others."""
    for piece in news:
        user, org = UUID(piece.payload["user"]), UUID(piece.payload["organization"])
        taking_back.take_back_from(user_id=user, org_id=org, owners=[active_tenant().org_id])


@periodic(every=lengths.EVERY_SECONDS)
def follow_durations() -> None:
    """Each organization's leases, as long as its tasks take."""
    visit_organizations(lengths.follow_durations)


@periodic(every=leases.SWEEP_SECONDS)
def expire_leases() -> None:
    """Each organization's late leases, the placed tasks whose turn has come, and its finished runs."""
    visit_organizations(leases.expire_leases, placing.release_placed, leases.finish_runs)


@periodic(every=tallies.FOLD_SECONDS)
def fold_tallies() -> None:
    """Each organization's numbers."""
    visit_organizations(tallies.fold_tallies)


@actor(kind=trials.TRY, time_limit=minutes(30))
def try_rules(job: RunningJob) -> dict[str, Any]:
    """Ask a route's rules about many items."""
    return trials.run_trial(context=job.context, stated=job.input, progress=job.progress)


@actor(kind=intake.TAKE, time_limit=minutes(10))
def take_intake(job: RunningJob) -> None:
    """Read an intake's picture, in a limited child of the service's own, and put it on the line."""
    intake.take_intake(intake_id=UUID(job.input["intake"]), context=job.context)


@subscribe("intake.take.ended")
def fail_intakes(news: list[News]) -> None:
    """A job that was cancelled or failed leaves no intake waiting for ever."""
    for piece in news:
        ended = piece.payload
        intake.close_intake(intake_id=UUID(ended["input"]["intake"]), code=ended["code"], message=ended["message"])


@periodic(every=leases.SWEEP_SECONDS)
def judge_deadlines() -> None:
    """Each organization's intakes whose deadline has passed."""
    visit_organizations(intake_deadlines.judge_deadlines)
