"""What a worker does with a message: claim, work, settle. Redis may deliver it twice, late or never."""

import logging
from collections.abc import Callable
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connection
from dramatiq.middleware.time_limit import TimeLimitExceeded
from redis.exceptions import RedisError

from apps.core.errors import Refusal
from apps.core.tenancy import acting_as, tenant_tx

from .apart import Crashed, work_apart
from .heart import Heart
from .kinds import Kind, kind_named
from .services import runs
from .services.news import halve
from .services.runs import Interrupted, RunLost, RunningJob, Transient
from .topics import News, Subscription, subscription_of

logger = logging.getLogger(__name__)

TIMED_OUT = "This took longer than it may and was stopped. Ask for less at once."
INTERNAL = "Something broke on our side while this ran. It was tried {attempts} times; start it again, or report it."
UNAVAILABLE = "The storage or the database did not answer, {attempts} times. Start this again in a while."
CRASHED = "This ended the process that worked on it, {attempts} times. A file in it may be damaged or far too large."
UNKNOWN_KIND = "No worker here knows this kind of work."

_TRANSIENT = (Transient, OperationalError, InterfaceError, OSError, MemoryError, RedisError)


def work_off(job_id: UUID) -> None:
    """Run a job to its end, unless it has ended, runs elsewhere or is not due."""
    run = runs.claim(job_id)
    if run is None:
        return
    with Heart(run):
        kind = kind_named(run.kind)
        if kind and kind.child:
            settle(run, lambda: work_apart(run, kind))
        else:
            settle(run, lambda: work(run))


def work(run: RunningJob) -> None:
    """Do the work in this thread and end the job."""
    if subscription := subscription_of(run.kind):
        _tell(run, subscription)
    elif kind := kind_named(run.kind):
        _do(run, kind)
    else:
        runs.fail(run, code="unknown_kind", message=UNKNOWN_KIND)


def settle(run: RunningJob, doing: Callable[[], None]) -> None:
    """Do, and turn what went wrong into a state of the job. Raises nothing that a database can be blamed for."""
    try:
        try:
            doing()
        except RunLost:
            logger.info("job %s (%s): cancelled or overtaken, nothing written", run.id, run.kind)
        except Interrupted:
            runs.put_back(run, spent=False)
        except TimeLimitExceeded:
            runs.fail(run, code="timed_out", message=TIMED_OUT)
        except Refusal as refusal:
            _refused(run, refusal)
        except Exception as error:
            if not connection.in_atomic_block:  # inside a caller's transaction the connection is the caller's
                close_old_connections()
            _stumbled(run, error)
    except (DatabaseError, InterfaceError):
        # The row still says running: the reaper finds it by its heart-beat.
        logger.warning("job %s (%s): its end was not written", run.id, run.kind, exc_info=True)


def _do(run: RunningJob, kind: Kind) -> None:
    with acting_as(run.context):
        result = kind.work(run)
    runs.finish(run, result)


def _tell(run: RunningJob, subscription: Subscription) -> None:
    news = [News(one["id"], one["payload"]) for one in run.input["news"]]
    with tenant_tx(run.context):
        subscription.work(news)
        runs.finish(run, {"news": len(news)})


def _refused(run: RunningJob, refusal: Refusal) -> None:
    if halve(run):
        return
    if subscription_of(run.kind):
        logger.error("job %s (%s): refused: %s", run.id, run.kind, refusal.text)
    runs.fail(run, code=refusal.code, message=refusal.text)


def _stumbled(run: RunningJob, error: Exception) -> None:
    code, sentence = _blame(error)
    passing = code != "internal"
    logger.log(
        logging.WARNING if passing else logging.ERROR,
        "job %s (%s): attempt %d of %d failed",
        run.id,
        run.kind,
        run.attempt,
        run.max_attempts,
        exc_info=error,
    )
    if run.attempt < run.max_attempts:
        runs.put_back(run, wait=runs.wait_before(run.attempt))
    elif not halve(run):
        runs.fail(run, code=code, message=sentence.format(attempts=run.attempt))


def _blame(error: Exception) -> tuple[str, str]:
    if isinstance(error, Crashed):
        return "crashed", CRASHED
    return ("unavailable", UNAVAILABLE) if isinstance(error, _TRANSIENT) else ("internal", INTERNAL)
