"""What lies behind a rate: some of its cases, drawn at random, each with its picture."""

import secrets
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.core import json as bodies
from apps.core.access import allow
from apps.core.roles import Role
from apps.projects.selectors import project_for
from apps.review import words
from apps.review.evidence import drawing_of
from apps.review.forms import EvidenceIn, asked_of, wanted_of, zone_of
from apps.review.models import VerdictKind, VerdictReason
from apps.review.selectors.names import Names, names_in
from apps.review.selectors.samples import Sample, draw

PILLS = {VerdictKind.ACCEPT: "good", VerdictKind.FIX: "good", VerdictKind.REJECT: "warn"}
LARGEST_SEED = 1_000_000


@allow(get="quality.see")
def evidence_page(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Six cases; the seed stands in the address, so that others can be shown the same. HTMX asks for them alone."""
    member = request.member  # type: ignore[attr-defined]
    project = project_for(member.context, "quality.see", project_id)
    given = {name: str(value) for name, value in request.GET.items() if value}
    known = {name: value for name, value in given.items() if name in EvidenceIn.__struct_fields__}
    query = bodies.convert(known, EvidenceIn)
    asked = asked_of(project, query)
    wanted = wanted_of(asked, query)
    drawn = draw(wanted, zone_of(project).key)
    names = names_in(project)
    filters = {name: value for name, value in given.items() if name in {"since", "until", "label", "recipe", "goal"}}
    is_part = bool(request.htmx)  # type: ignore[attr-defined]
    page = {
        "is_part": is_part,
        "here": "quality",
        "project": project,
        "title": words.evidence_title(wanted.outcome),
        "chosen": [*words.narrowed(wanted, names), *words.chosen(asked, names)],
        "cases": drawn.cases,
        "samples": [_shown(one, names, org, says_comment=says_comment(member)) for one in drawn.samples],
        "roles": words.roles_in(drawn.samples),
        "back": urlencode(filters),
        "others": urlencode({**known, "seed": secrets.randbelow(LARGEST_SEED)}),
        "of_objects": wanted.of != "verdicts",
    }
    return render(request, "review/_samples.html" if is_part else "review/evidence.html", page)


def says_comment(member: Any) -> bool:
    """A comment is written from person to person and may name somebody; auditors never learn who anybody is."""
    return bool(member.role != Role.AUDITOR)


def _shown(one: Sample, names: Names, org: str, *, says_comment: bool) -> dict[str, Any]:
    return {
        "item": {"id": one.item_id, "name": one.name},
        "drawing": drawing_of(one, org),
        "label": names.label(one.label) if one.label else None,
        "at": one.at,
        "verdict": _pill(one.verdict),
        "reason": str(VerdictReason(one.reason).label) if one.reason else "",
        "comment": one.comment if says_comment else "",
    }


def _pill(verdict: str) -> dict[str, str]:
    if not verdict:
        return {"kind": "idle", "text": _("No verdict yet")}
    return {"kind": PILLS[VerdictKind(verdict)], "text": str(VerdictKind(verdict).label)}
