"""What jobs and the scheduler do for the catalog, and what it hears of models."""

from typing import Any
from uuid import UUID

from apps.jobs.actors import News, RunningJob, actor, minutes, periodic, subscribe

from . import services
from .services import acts, prediction_runs, refreshing


@periodic(every=1)
def refresh_stale() -> None:
    """Facets of what has changed."""
    refreshing.refresh_stale()


@actor(kind=refreshing.CATCH_UP, time_limit=minutes(60))
def catch_up(job: RunningJob) -> dict[str, Any]:
    """Facets of very much that has changed."""
    done = refreshing.catch_up(context=job.context, project_id=UUID(job.input["project"]), progress=job.progress)
    return {"items": done}


@actor(kind=acts.KIND, time_limit=minutes(60))
def carry_out(job: RunningJob) -> dict[str, Any]:
    """An act on many items."""
    return {"items": services.carry_out(context=job.context, act_id=UUID(job.input["act"]), progress=job.progress)}


@actor(kind=acts.UNDO, time_limit=minutes(60))
def carry_back(job: RunningJob) -> dict[str, Any]:
    """An act on many items, undone."""
    return {"items": services.carry_back(context=job.context, act_id=UUID(job.input["act"]), progress=job.progress)}


@actor(kind=prediction_runs.FILL, time_limit=minutes(60))
def fill_prediction_run(job: RunningJob) -> dict[str, Any]:
    """The inferences of a run."""
    return {"items": services.fill_run(context=job.context, run_id=UUID(job.input["run"]), progress=job.progress)}


@actor(kind=prediction_runs.EMPTY, time_limit=minutes(60))
def empty_prediction_run(job: RunningJob) -> dict[str, Any]:
    """What a cancelled run still waited for."""
    return {"items": services.empty_run(context=job.context, run_id=UUID(job.input["run"]))}


@subscribe("inference.finished")
def count_inferences(news: list[News]) -> None:
    """Runs wait for what models have answered."""
    services.inferences_ended(states={UUID(one.payload["inference"]): one.payload["state"] for one in news})


@subscribe(f"{prediction_runs.FILL}.ended")
def give_up_runs(news: list[News]) -> None:
    """Jobs that were to ask for a run's inferences have ended without having done so."""
    for one in news:
        services.give_up_run(run_id=UUID(one.payload["input"]["run"]))
