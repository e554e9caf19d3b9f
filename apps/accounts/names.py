"""Under which name a person appears to the acting organization: its own by name, others by a pseudonym.

An engagement may show the names of its two sides to each other.
"""

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from apps.core.tenancy import active_tenant

from .models import Membership

# The own people first, then the other side of a live engagement that shows its names.
SHOWN = """
SELECT m.user_id, p.name FROM membership m JOIN person p ON p.id = m.user_id
WHERE m.org_id = %(org)s AND m.user_id = ANY(%(people)s::uuid[])
UNION ALL SELECT user_id, name FROM app.names_shown(%(project)s, %(people)s::uuid[])
"""
SHOWN_IN = """
SELECT s.user_id, p.id, s.name FROM unnest(%s::uuid[]) AS p(id), LATERAL app.names_shown(p.id, %s::uuid[]) AS s
"""


def names_of(people: Iterable[UUID | None], project_id: UUID) -> dict[UUID | None, str]:
    """Names by person, for one project; nobody (a job, a model) is "". Pseudonyms are the same on every page."""
    wanted = {person for person in people if person}
    known = _names_shown(wanted, project_id) if wanted else {}
    names: dict[UUID | None, str] = {person: known.get(person) or _pseudonym(person, project_id) for person in wanted}
    return names | {None: ""}


def names_in(pairs: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], str]:
    """Names by person and project, for pages about several projects."""
    wanted = set(pairs)
    people = {person for person, _project in wanted}
    known = dict(Membership.objects.filter(user_id__in=people).values_list("user_id", "user__name"))
    shown: dict[tuple[UUID, UUID], str] = {}
    if others := people - known.keys():
        with connection.cursor() as cursor:
            cursor.execute(SHOWN_IN, [list({project for _person, project in wanted}), list(others)])
            shown = {(person, project): name for person, project, name in cursor.fetchall()}
    return {pair: known.get(pair[0]) or shown.get(pair) or _pseudonym(*pair) for pair in wanted}


def initials_of(name: str) -> str:
    """One or two letters for an avatar."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _names_shown(people: set[UUID], project_id: UUID) -> dict[UUID, str]:
    values: dict[str, Any] = {"org": active_tenant().org_id, "people": list(people), "project": project_id}
    with connection.cursor() as cursor:
        cursor.execute(SHOWN, values)
        return dict(reversed(cursor.fetchall()))


def _pseudonym(person: UUID, project_id: UUID) -> str:
    digest = hashlib.sha256(person.bytes + project_id.bytes).hexdigest()
    return _("Person %(mark)s") % {"mark": digest[:4].upper()}
