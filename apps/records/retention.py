"""How long what is kept: one table, printed in the operator guide and held to it by a test.

`days` of None: as long as the organization. A line with a `which` is done by `services/retention.py` each hour; others
by the apps that own the rows, from the figures named here.
"""

from dataclasses import dataclass

from apps.discussion.services.notices import KEPT as NOTICES
from apps.jobs.services.upkeep import KEPT as A_DAY
from apps.jobs.services.upkeep import SENT_KEPT


@dataclass(frozen=True, slots=True)
class Line:
    """What is removed when it is older. `which` is SQL over the table, with `%(before)s`."""

    what: str
    table: str
    days: float | None
    why: str
    which: str = ""


RETENTION = (
    Line("audit rows and their seals", "audit_event", None, "evidence; they name people by ids alone"),
    Line("events of work", "activity_event", None, "figures are made from them; ids alone"),
    Line("labels, verdicts and their history", "annotation_revision", None, "the work itself; ids alone"),
    Line("accounts", "person", None, "until the person is erased"),
    Line("frames of live topics", "feed", A_DAY.days, "an interrupted page resumes from them"),
    Line("answers to requests with a key", "idempotency_key", A_DAY.days, "a repeated request gets the first answer"),
    Line("sent messages of the outbox", "outbox", SENT_KEPT.total_seconds() / 86400, "nobody asks for them again"),
    Line("notifications", "notification", NOTICES.days, "people read them within days"),
    Line(
        "jobs that have ended", "job", 90, "why something failed is asked for weeks later",
        "finished_at < %(before)s AND " + " AND ".join(
            f"NOT EXISTS (SELECT FROM {user} u WHERE u.org_id = job.org_id AND u.job_id = job.id)"
            for user in ("export", "upload", "bulk_act", "prediction_run", "intake")
        ),
    ),
    Line(
        "invitations that were used, taken back or ran out", "invitation", 90, "who let whom in is in the audit",
        "coalesce(accepted_at, revoked_at, expires_at) < %(before)s",
    ),
    Line("files of own data", "own_data", 7, "long enough to fetch one"),
    Line("sessions that ran out", "session", 0, "they open nothing any more"),
)  # fmt: skip
