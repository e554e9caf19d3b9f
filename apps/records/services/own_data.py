"""Everything that is kept of a person, as JSON in a zip: asked for from their account, written by a job."""

import datetime
import json
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import Organization, SingleSignOn, User
from apps.accounts.selectors import live_memberships, places_of
from apps.core import files
from apps.core.errors import Refusal
from apps.core.tenancy import Context, tenant_tx
from apps.jobs.actors import RunningJob
from apps.jobs.periodic import every_organization
from apps.jobs.services import request
from apps.records.data_map import OWN, TABLES, WHOSE
from apps.records.models import OwnData, OwnDataState

KIND = "own_data.write"
AT_ONCE = 1000
REST = datetime.timedelta(hours=1)
# Of work for an organization that would not let one in: that it was done, when and where, not what it holds.
TOLD_OF_OTHERS = {"id", "project_id", "kind", "verb", "state", "day"}
# Rows whose columns of the kind `own` are the person's; in others' rows these are left out.
OWN_ROWS = {
    "identity": "user_id = %(person)s",
    "team_member": "membership_id IN (SELECT id FROM membership WHERE user_id = %(person)s)",
    "invitation": "email = (SELECT email FROM person WHERE id = %(person)s)",
}
ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
SOMEBODY = "somebody else"
SECRETS = frozenset({"digest", "lease_token", "run_token"})
README = """What is kept of you. account.json: your account. Each folder is an organization: a file for each table with
rows that name you. Of organizations to which you do not belong any more, or which you enter only by their own single
sign-on, only that and when you did something. Ids of other people are left out.
"""


class NoOrganization(Refusal):
    code = "no_organization"
    message = "You belong to no organization at the moment. Ask who runs this installation for your data."


class JustMade(Refusal):
    code = "just_made"
    message = "A file was made less than an hour ago. Take that one, or ask again later."


@transaction.atomic
def request_own_data(*, person_id: UUID) -> OwnData:
    """Ask for the file, or join a request that is under way. Raises NoOrganization, JustMade."""
    places = places_of(person_id)
    if not places:
        raise NoOrganization
    with tenant_tx(Context(org_id=places[0].id, user_id=person_id)):
        now = timezone.now()
        if OwnData.objects.filter(user_id=person_id, finished_at__gt=now - REST).exists():
            raise JustMade  # every table of every organization is read for one
        wanted = OwnData(user_id=person_id, asked_at=now)
        OwnData.objects.bulk_create([wanted], ignore_conflicts=True)
        row: OwnData = OwnData.objects.get(user_id=person_id, state=OwnDataState.WAITING)
        request(kind=KIND, input={"own_data": row.pk})
    return row


def write_own_data(*, job: RunningJob) -> dict[str, Any]:
    """Write the file and name it. A file half written is never named; done twice, it is the same file.

    Of a person who is erased meanwhile, none is left.
    """
    row = OwnData.objects.filter(pk=job.input["own_data"], state=OwnDataState.WAITING).first()
    if row is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "own-data.zip"
        rows = _write(written, row.user_id)
        path, size = f"{folder_of(row.user_id)}/{row.pk}.zip", written.stat().st_size
        files.store(written, path)
    named = OwnData.objects.filter(pk=row.pk).update(
        state=OwnDataState.READY, path=path, bytes=size, finished_at=timezone.now()
    )
    if not named:
        files.remove(path)
    return {"rows": rows}


def folder_of(person_id: UUID) -> str:
    """Where a person's files lie in the storage."""
    return f"person/{person_id}"


def _write(written: Path, person_id: UUID) -> int:
    rows = 0
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("README.txt", README)
        out.writestr("account.json", _json(_account(person_id)))
        for context in every_organization():
            with tenant_tx(context):
                slug = Organization.objects.values_list("slug", flat=True).get(pk=context.org_id)
                is_whole = _may_have_all(person_id)
                for table in TABLES:
                    rows += _add(out, f"{slug}/{table}.json", _rows(table, person_id, context.org_id, is_whole))
    return rows


def _may_have_all(person_id: UUID) -> bool:
    """Whether the acting organization would let the person in by the sign-in with which they asked."""
    is_closed = SingleSignOn.objects.filter(enforced=True).exists()
    return not is_closed and live_memberships().filter(user_id=person_id).exists()


def _account(person_id: UUID) -> dict[str, Any]:
    person = User.objects.get(pk=person_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.account_of(%s)::text", [person_id])
        more: dict[str, Any] = json.loads(cursor.fetchone()[0])
    own = {name: getattr(person, name) for name in ("id", "email", "name", "created_at", "last_login", "is_active")}
    return own | more


def _rows(table: str, person_id: UUID, org_id: UUID, is_whole: bool) -> Iterator[dict[str, Any]]:  # noqa: FBT001 - private
    """Of one organization's table those that name the person."""
    whose, theirs = TABLES[table].of_kind(WHOSE), OWN_ROWS.get(table, "false")
    if "org_id" not in TABLES[table].none or not (whose or table in OWN_ROWS):
        return
    named = " OR ".join([theirs, *(f"%(person)s = ANY(ARRAY[{column}]::uuid[])" for column in whose)])
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT to_jsonb(t)::text, {theirs} FROM {table} t WHERE org_id = %(org)s AND ({named})",  # noqa: S608 - the data map's names
            {"person": person_id, "org": org_id},
        )
        while page := cursor.fetchmany(AT_ONCE):
            others = _people_in(text for text, _ in page) - {str(person_id)}
            for text, is_theirs in page:
                hidden = SECRETS if is_theirs else SECRETS.union(TABLES[table].of_kind(OWN))
                row = {name: value for name, value in _anonymous(text, others).items() if name not in hidden}
                yield _shown(row, set(whose), str(person_id), is_whole)


def _anonymous(text: str, others: set[str]) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(ID.sub(lambda found: SOMEBODY if found[0] in others else found[0], text))
    return row


def _people_in(texts: Iterable[str]) -> set[str]:
    """Whose ids stand anywhere in rows, in details and texts too."""
    ids = {one for text in texts for one in ID.findall(text)}
    return {str(person) for person in User.objects.filter(pk__in=ids).values_list("pk", flat=True)}


def _shown(row: dict[str, Any], whose: set[str], person: str, is_whole: bool) -> dict[str, Any]:  # noqa: FBT001 - private
    for column in whose:
        value = row[column]
        several = isinstance(value, list)
        row[column] = [one for one in value if one == person] if several else person if value == person else None
    if is_whole:
        return row
    kept = whose | TOLD_OF_OTHERS
    return {name: value for name, value in row.items() if name in kept or name == "at" or name.endswith("_at")}


def _add(out: zipfile.ZipFile, name: str, rows: Iterator[dict[str, Any]]) -> int:
    number = 0
    first = next(rows, None)
    if first is None:
        return number
    with out.open(name, "w", force_zip64=True) as file:
        for row in chain([first], rows):
            file.write((b",\n" if number else b"[") + _json(row))
            number += 1
        file.write(b"]\n")
    return number


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode()
