"""Tell people what became of their work."""

from apps.discussion.models import NotificationKind
from apps.discussion.services import Notice, notify
from apps.review.models import Verdict


def tell_returned(given: Verdict) -> None:
    """To who handed it in, in the transaction of the verdict; it waits for them on My work."""
    submission = given.submission
    notice = Notice(
        kind=NotificationKind.RETURNED,
        org_id=given.org_id,
        project_id=given.project_id,
        worker_org_id=submission.worker_org_id,
        actor_id=given.author_id,
        about=given.task.unit.item.name,
        text=given.comment,
        page="distribution:my_work",
    )
    notify(notice, [(submission.author_id, submission.worker_org_id)])
