"""The audit: who did what, newest first, and the same as a file."""

from typing import Any

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from apps.accounts.selectors import all_memberships, organization_names
from apps.core.access import allow
from apps.core.spreadsheets import csv_answer
from apps.core.tenancy import active_tenant
from apps.performance.selectors.scope import Clock, clock_of
from apps.records.forms import asked_of
from apps.records.selectors.audit import audit_rows, page_of_audit, vendors
from apps.records.shown import in_words

A_PAGE = 50
MOST_IN_A_FILE = 10_000
MOST_PEOPLE = 500
HEADS = ("time", "person", "organization", "verb", "object type", "object", "project", "details", "request", "sealed")


@allow(get="audit.see")
def audit(request: HttpRequest, org: str) -> HttpResponse:
    """A page of it, with what it may be filtered by."""
    context, clock = active_tenant(), clock_of(active_tenant().org_id)
    asked = asked_of(request.GET.dict(), clock.zone)
    rows, after = page_of_audit(asked, request.GET.get("cursor", ""), A_PAGE)
    working = {row.worker_org_id for row in rows if row.worker_org_id}
    organizations = organization_names({context.org_id, *vendors(), *working})
    query = request.GET.copy()
    query.pop("cursor", None)
    page: dict[str, Any] = {
        "here": "audit",
        "rows": in_words(rows, organizations),
        "next": after,
        "later": bool(request.GET.get("cursor")),
        "query": query.urlencode(),
        "filtered": any(query.values()),
        "asked": request.GET,
        "people": all_memberships().order_by("user__name", "pk")[:MOST_PEOPLE],
        "organizations": organizations,
        "things": _things(),
        "zone": clock.zone.key,
        "most": MOST_IN_A_FILE,
    }
    with timezone.override(clock.zone):
        return render(request, "records/audit.html", page)


@allow(get="audit.see")
def audit_file(request: HttpRequest, org: str) -> HttpResponse:
    """What the filter finds, the newest rows, as CSV."""
    clock = clock_of(active_tenant().org_id)
    rows = in_words(audit_rows(asked_of(request.GET.dict(), clock.zone))[:MOST_IN_A_FILE])
    return csv_answer(f"audit-{org}-{clock.today}", HEADS, (_cells(row, clock) for row in rows))


def _cells(row: dict[str, Any], clock: Clock) -> tuple[str, ...]:
    return (
        row["at"].astimezone(clock.zone).isoformat(timespec="seconds"),
        row["who"],
        row["organization"],
        row["verb"],
        row["object_type"],
        str(row["object"] or ""),
        row["project"],
        row["details"],
        row["request_id"],
        "yes" if row["is_sealed"] else "no",
    )


def _things() -> list[tuple[str, str]]:
    """What acts can be done to, by the name that the rows have."""
    owned = (model for model in apps.get_models() if hasattr(model, "tenancy") and not model.__module__.startswith(
        "apps.activity"))  # fmt: skip
    return sorted((str(model._meta.model_name), str(model._meta.verbose_name)) for model in owned)
