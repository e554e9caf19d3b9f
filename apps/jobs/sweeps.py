"""The periodic work of jobs and of activity below it."""

from .periodic import periodic
from .services import reaping, upkeep


def install() -> None:
    """Put it into the table."""
    periodic(every=5)(reaping.reap)
    periodic(every=2)(reaping.resend_after_wipe)
    periodic(every=600)(upkeep.forget_old)
    periodic(every=20)(upkeep.seal_audit)
    periodic(every=6 * 3600)(upkeep.make_partitions)
