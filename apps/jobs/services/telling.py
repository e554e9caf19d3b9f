"""What is said of a job: frames to its followers, news to the app that waits for it, a row to measure by."""

from typing import Any

from apps.activity import services as activity
from apps.jobs import selectors, topics
from apps.jobs.models import Job, JobState


def tell_progress(job: Job) -> None:
    """A frame for those who follow the job. Call it inside the owner's or the asker's transaction."""
    if job.is_news:
        return  # nobody asked for it, nobody follows it
    activity.publish(
        f"job:{job.pk}",
        _frame(job),
        org_id=job.org_id,
        project_id=job.project_id,
        worker_org_id=job.worker_org_id,
    )


def tell_ended(job: Job) -> None:
    """The last frame; and where there is no result, news on `{kind}.ended` for the app that waits for one."""
    if job.is_news:
        return
    tell_progress(job)
    activity.record_activity(f"job.{job.state}", job, job=str(job.pk), job_kind=job.kind, attempt=job.attempt)
    if job.state in {JobState.FAILED, JobState.CANCELLED}:
        news = {
            "job": job.pk,
            "state": job.state,
            "input": job.input,
            "code": job.error_code,
            "message": job.error_message,
        }
        topics.publish(f"{job.kind}.ended", news, job.org_id, job.project_id)


def _frame(job: Job) -> dict[str, Any]:
    figures = selectors.progress_of(job)
    return {
        "type": "job.progress",
        "topic": "job",
        "id": str(job.pk),
        "state": job.state,
        "done": figures.done,
        "total": figures.total,
        "rate": figures.rate,
        "eta_s": figures.eta_s,
    }
