"""Where an item stands in the newest run that works on it: a field of the catalog, and the pills of pages."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalog.fields import Choice, Field, one_of
from apps.projects.models import Project


class ItemState(models.TextChoices):
    """In the order in which a page offers them."""

    OPEN = "open", _("Waiting")
    READING = "reading", _("Being read")
    IN_WORK = "in_work", _("In work")
    IN_REVIEW = "in_review", _("In review")
    RETURNED = "returned", _("Returned")
    ACCEPTED = "accepted", _("Accepted")
    SET_ASIDE = "set_aside", _("Set aside")
    FAILED = "failed", _("Failed")
    NONE = "none", _("Not in a run")


PILLS = {
    ItemState.OPEN: "",
    ItemState.READING: "idle",
    ItemState.IN_WORK: "info",
    ItemState.IN_REVIEW: "",
    ItemState.RETURNED: "warn",
    ItemState.ACCEPTED: "good",
    ItemState.SET_ASIDE: "idle",
    ItemState.FAILED: "bad",
}

# Of the newest run with a unit of the item that was not cancelled. An item of many units is told by its most pressing.
STATES = """SELECT i.id, 'state=' || CASE
  WHEN n.run IS NULL THEN 'none' WHEN w.failed THEN 'failed' WHEN w.in_work THEN 'in_work'
  WHEN w.returned THEN 'returned' WHEN w.in_review THEN 'in_review' WHEN w.reading THEN 'reading'
  WHEN w.waiting OR EXISTS (SELECT FROM unit u WHERE u.org_id = %(org)s AND u.item_id = i.id
                            AND u.pipeline_run_id = n.run AND u.state = 'open') THEN 'open'
  WHEN EXISTS (SELECT FROM unit u WHERE u.org_id = %(org)s AND u.item_id = i.id AND u.pipeline_run_id = n.run
               AND u.kind = 'item' AND u.state = 'set_aside') THEN 'set_aside'
  ELSE 'accepted' END
FROM unnest(%(items)s::uuid[]) AS i(id)
LEFT JOIN LATERAL (
  SELECT r.id AS run FROM unit u JOIN pipeline_run r ON r.org_id = %(org)s AND r.id = u.pipeline_run_id
  WHERE u.org_id = %(org)s AND u.item_id = i.id AND u.state <> 'cancelled'
  ORDER BY r.started_at DESC, r.id DESC LIMIT 1) n ON true
LEFT JOIN LATERAL (
  SELECT bool_or(t.state = 'failed') AS failed,
         bool_or(t.state = 'leased' AND s.kind <> 'review') AS in_work,
         bool_or(t.round > 1 AND s.kind = 'label') AS returned,
         bool_or(s.kind = 'review') AS in_review,
         bool_or(t.kind = 'machine') AS reading,
         count(*) > 0 AS waiting
  FROM unit u JOIN task t ON t.org_id = %(org)s AND t.unit_id = u.id
    JOIN stage s ON s.org_id = %(org)s AND s.id = t.stage_id
  WHERE u.org_id = %(org)s AND u.item_id = i.id AND u.pipeline_run_id = n.run
    AND t.state IN ('waiting', 'ready', 'leased', 'failed', 'skipped')) w ON n.run IS NOT NULL"""


def _choices(project: Project) -> list[Choice]:
    return [Choice(state.value, str(state.label)) for state in ItemState]


FIELD = Field(
    "state",
    _("State"),
    one_of("state", _("No picture can be in the state “%(value)s”.")),
    STATES,
    _choices,
    pills={state.value: kind for state, kind in PILLS.items()},
)
