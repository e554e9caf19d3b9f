"""Do all queued work at once, in the test's own thread and transaction: no broker, no heart."""

from apps.jobs.actors import discover
from apps.jobs.models import Job, JobState
from apps.jobs.services import relaying, runs
from apps.jobs.work import settle, work
from tests.conftest import as_worker

MOST_ROUNDS = 20


def work_off(*kinds: str) -> int:
    """Bundle news and run jobs (of the named kinds, or of any) until there are no more; gives how many ran."""
    discover()
    done = 0
    with as_worker():
        for _ in range(MOST_ROUNDS):
            relaying.bundle_news()
            queued = Job.across_tenants.filter(state=JobState.QUEUED).order_by("queued_at", "id")
            ran = [_run(job) for job in queued if not kinds or job.kind in kinds]
            if not any(ran):
                return done
            done += sum(ran)
    raise AssertionError("The work makes ever more work.")


def _run(job: Job) -> bool:
    run = runs.claim(job.pk)
    if run is None:
        return False
    settle(run, lambda: work(run))
    return True
