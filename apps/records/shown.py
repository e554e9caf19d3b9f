"""Audit rows in words: who, for whom, what, to which thing, of which project."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from apps.accounts.names import names_in
from apps.accounts.selectors import organization_names
from apps.activity.models import AuditEvent
from apps.core.tenancy import active_tenant
from apps.projects.models import Project


def in_words(events: Iterable[AuditEvent], known: dict[UUID, str] | None = None) -> list[dict[str, Any]]:
    """One dict for each row. People of others appear under their pseudonym, unless the engagement shows names.

    `known` are names of the organizations of all rows, where somebody has asked for them already.
    """
    rows = list(events)
    names = names_in({_place(row) for row in rows if row.actor_id})
    organizations = known or organization_names({row.worker_org_id for row in rows if row.worker_org_id})
    projects = dict(Project.objects.filter(pk__in={row.project_id for row in rows}).values_list("pk", "name"))
    own = active_tenant().org_id
    return [
        {
            "at": row.at,
            "who": names[_place(row)] if row.actor_id else "",
            "foreign": row.worker_org_id not in {None, own},
            "organization": organizations.get(row.worker_org_id, "") if row.worker_org_id else "",
            "verb": row.verb,
            "object_type": row.object_type,
            "object": row.object_id,
            "project": projects.get(row.project_id, "") if row.project_id else "",
            "details": ", ".join(f"{name}: {_short(value)}" for name, value in _told(row.details).items()),
            "request_id": row.request_id,
            "is_sealed": getattr(row, "seq", None) is not None,
        }
        for row in rows
    ]


def _place(row: AuditEvent) -> tuple[UUID, UUID]:
    """A person's name depends on the project; what belongs to none is the organization's."""
    assert row.actor_id  # noqa: S101 - asked only of rows that somebody did
    return row.actor_id, row.project_id or row.org_id


def _told(details: dict[str, Any]) -> dict[str, Any]:
    """As the row has them, but of what was changed only what is different."""
    was, now = details.get("was"), details.get("now")
    others = {name: value for name, value in details.items() if name not in {"was", "now"}}
    if isinstance(was, dict) and isinstance(now, dict):
        changed = {name: f"{_short(was.get(name))} → {_short(now[name])}" for name in now if now[name] != was.get(name)}
        return others | changed
    if isinstance(was, list) and isinstance(now, list):
        moved = {"added": [one for one in now if one not in was], "removed": [one for one in was if one not in now]}
        return others | {name: values for name, values in moved.items() if values}
    return details


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={_short(one)}" for name, one in value.items())
    if isinstance(value, list):
        return " ".join(str(one) for one in value) or "–"
    return "–" if value is None else str(value)
