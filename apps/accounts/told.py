"""An engagement as its pages show it: names as far as they may be known, its state in words, and its history."""

import datetime
from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.roles import Role
from apps.core.tenancy import active_tenant

from . import engaged
from .models import Engagement, EngagementState, Membership

SENTENCES = {
    "engagement.offer": gettext_lazy("%(who)s offered the project"),
    "engagement.accept": gettext_lazy("%(who)s accepted"),
    "engagement.refuse": gettext_lazy("%(who)s refused"),
    "engagement.withdraw": gettext_lazy("%(who)s took the offer back"),
    "engagement.edit": gettext_lazy("%(who)s changed what is shared"),
    "engagement.end": gettext_lazy("%(who)s ended it"),
}
WORDS = {
    "stages": gettext_lazy("stages"),
    "roles": gettext_lazy("roles"),
    "run_models": gettext_lazy("running models"),
    "names_shown": gettext_lazy("names"),
    "starts_at": gettext_lazy("first day"),
    "ends_at": gettext_lazy("last day"),
}


def card_of(row: Engagement, names: Mapping[UUID, str], zone: ZoneInfo) -> dict[str, Any]:
    """One engagement for a list and for its own page. `names` are those of the organizations that may be known."""
    is_ours = row.org_id == active_tenant().org_id
    partner = (row.vendor_id or row.org_id) if is_ours else row.org_id
    return {
        "id": row.pk,
        "org_id": row.org_id,
        "is_ours": is_ours,
        "partner": row.addressee if is_ours and not engaged.is_vendor_known(row) else names.get(partner, ""),
        "project": row.project_name,
        "project_id": row.project_id if is_ours or row.state == EngagementState.ACTIVE else None,
        "state": row.state,
        "pill": _pill(row, zone),
        "waits": row.state == EngagementState.OFFERED,
        "is_over": row.state == EngagementState.ENDED,
        "stages": row.stages,
        "roles": [str(Role(role).label) for role in Role.values if role in row.roles],
        "run_models": row.run_models,
        "names_shown": row.names_shown,
        "days": _days(row, zone),
        "at": row.created_at,
    }


def _pill(row: Engagement, zone: ZoneInfo) -> dict[str, str]:
    """The state as pill kind and text; a live engagement may be before its first day, or past its last."""
    now = timezone.now()
    if row.state == EngagementState.OFFERED:
        return {"kind": "info", "text": _("Offered")}
    if row.state == EngagementState.ENDED or (row.ends_at and row.ends_at <= now):
        return {"kind": "idle", "text": _("Ended")}
    if row.starts_at and row.starts_at > now:
        return {"kind": "info", "text": _("From %(day)s") % {"day": date_format(row.starts_at.astimezone(zone), "j M")}}
    return {"kind": "good", "text": _("Active")}


def steps_of(row: Engagement, names: Mapping[UUID, str]) -> list[dict[str, Any]]:
    """The history, newest first: text, what was changed, at. Own people by name, the other side as an organization."""
    past = engaged.engagement_history(row.pk)
    own = Membership.objects.filter(user_id__in={one.actor_id for one in past if one.actor_id})
    people = dict(own.values_list("user_id", "user__name"))
    return [
        {
            "text": str(SENTENCES.get(one.verb, one.verb))
            % {"who": people.get(one.actor_id) or names.get(one.org_id) or row.addressee},
            "changed": ", ".join(_changes(one.details)),
            "at": one.at,
        }
        for one in reversed(past)
    ]


def _changes(details: Mapping[str, Any]) -> list[str]:
    was, now = details.get("was"), details.get("now")
    return [str(words) for name, words in WORDS.items() if was and now and was.get(name) != now.get(name)]


def _days(row: Engagement, zone: ZoneInfo) -> str:
    if row.ended_at:
        return _("ended %(day)s") % {"day": date_format(row.ended_at.astimezone(zone), "j M Y")}
    last_moment = row.ends_at - datetime.timedelta(microseconds=1) if row.ends_at else None
    days = (day.astimezone(zone) if day else None for day in (row.starts_at, last_moment))
    first, last = (date_format(day, "j M Y") if day else "" for day in days)
    if first and last:
        return _("%(first)s until %(last)s") % {"first": first, "last": last}
    if first:
        return _("from %(day)s") % {"day": first}
    return _("until %(day)s") % {"day": last} if last else _("until somebody ends it")
