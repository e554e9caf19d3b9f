"""Who asks for what is not theirs: every kind of stranger, at every door that they could try."""

import datetime
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.authentication import digest_of
from apps.accounts.models import Engagement, EngagementState, Membership, Organization, Token, User
from apps.accounts.selectors import Member
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from apps.projects.models import Dataset, Project
from tests.look.filled import fill
from tests.people import CAST, World, make_member, make_organization, make_world

from .rows import one_in_every_table

Ids = dict[str, UUID]
VENDORS = itertools.count(1)
# The customer's own ids are those of its first project, its people's of Noor.
FIRST = {
    "task": "SELECT id FROM task WHERE state = 'leased' AND project_id = %s ORDER BY id LIMIT 1",
    "item": "SELECT id FROM item WHERE project_id = %s AND deleted_at IS NULL ORDER BY id LIMIT 1",
    "project": "SELECT id FROM project WHERE id = %s",
    "notification": "SELECT id FROM notification WHERE project_id = %s ORDER BY id LIMIT 1",
}


@dataclass
class Stranger:
    """A kind of stranger with a browser, the organization under whose slug they ask, and what they own there."""

    kind: str
    browser: Client
    slug: str
    refused_with: int = 404
    own: Ids = field(default_factory=dict)
    member: Member | None = None


@dataclass
class Town:
    """The customer's world, full, and all who have no business there."""

    world: World
    foreign: Ids
    strangers: dict[str, Stranger]


def make_town() -> Town:
    """Parking's project in full swing, with a row in every table, beside those of others."""
    world = make_world()
    fill(world, 10)
    one_in_every_table(world)
    foreign = ids_of(world)
    return Town(world, foreign, {make.__name__: make(world) for make in KINDS})


def ids_of(world: World) -> Ids:
    """An id of each table that the project's rows are in, as the owner finds it."""
    found: Ids = {"person": world.noor.id}
    with tenant_tx(owner_context(world.parking.id)), connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.table_name, bool_or(a.column_name = 'project_id') FROM information_schema.columns a"
            " JOIN information_schema.columns b ON b.table_name = a.table_name AND b.column_name = 'org_id'"
            " JOIN information_schema.columns c ON c.table_name = a.table_name AND c.column_name = 'id'"
            " AND c.data_type = 'uuid' WHERE a.table_schema = 'public' GROUP BY 1"
        )
        for table, has_project in cursor.fetchall():
            first = f"SELECT id FROM {table} WHERE org_id = %s" + " AND project_id = %s" * has_project
            values = [world.parking.id, world.project.pk][: 1 + has_project]
            if table in FIRST:
                first, values = FIRST[table], [world.project.pk]
            cursor.execute(first + " ORDER BY id DESC LIMIT 1" * (table not in FIRST), values)
            if row := cursor.fetchone():
                found[table] = row[0]
    return found


def nobody(world: World) -> Stranger:
    return Stranger("nobody", Client(), "parking", refused_with=401)


def made_up_token(world: World) -> Stranger:
    return Stranger("a made-up token", _with_token("made-up"), "parking", refused_with=401)


def owner_elsewhere(world: World) -> Stranger:
    """Owns a full world; asks at the own door."""
    staff = {name: make_member(world.elsewhere, name, CAST[name][1]) for name in ("ada", "bob", "rita", "noor", "max")}
    everybody = {**dict.fromkeys(CAST, world.eve), **staff}
    own = World(world.elsewhere, world.elsewhere, world.parking, everybody, *_project_of(world.elsewhere, "Eve's"))
    fill(own, 10)
    one_in_every_table(own)
    return Stranger("another organization's owner", _browser(world.eve), "elsewhere", own=ids_of(own), member=world.eve)


def owner_at_the_door(world: World) -> Stranger:
    return Stranger("another organization's owner at its door", _browser(world.eve), "parking")


def vendor_not_engaged(world: World) -> Stranger:
    return _vendor(world, "a vendor not engaged")


def vendor_only_offered(world: World) -> Stranger:
    return _vendor(world, "a vendor to whom it was only offered", state=EngagementState.OFFERED)


def vendor_ended(world: World) -> Stranger:
    return _vendor(world, "a vendor whose engagement ended", state=EngagementState.ENDED)


def vendor_lapsed(world: World) -> Stranger:
    past = timezone.now() - datetime.timedelta(hours=1)
    return _vendor(world, "a vendor whose engagement lapsed", state=EngagementState.ACTIVE, ends_at=past)


def vendor_to_come(world: World) -> Stranger:
    soon = timezone.now() + datetime.timedelta(hours=1)
    return _vendor(world, "a vendor whose engagement begins tomorrow", state=EngagementState.ACTIVE, starts_at=soon)


def vendor_in_another_role(world: World) -> Stranger:
    active = {"state": EngagementState.ACTIVE, "roles": [Role.ANNOTATOR]}
    return _vendor(world, "a vendor's manager where only annotators are engaged", **active)


def vendor_elsewhere(world: World) -> Stranger:
    """Engaged by the same customer on another project, which is in full swing too."""
    project, dataset = _project_of(world.parking, "Vans")
    hills = make_organization("hills")
    members = {
        name: make_member(hills, name, role, projects=frozenset({project.pk}))
        for name, role in {
            "mia": Role.MANAGER,
            **dict.fromkeys(("abe", "ben"), Role.ANNOTATOR),
            "rob": Role.REVIEWER,
        }.items()
    }
    _engage(world, hills, project, state=EngagementState.ACTIVE)
    everybody = {**world.members, "max": members["mia"], "ada": members["abe"], "bob": members["ben"]}
    own = World(world.parking, hills, world.elsewhere, {**everybody, "rita": members["rob"]}, project, dataset)
    fill(own, 10)
    one_in_every_table(own)
    member = members["mia"]
    kind = "a vendor engaged on another project"
    return Stranger(kind, _browser(member), "hills", own=ids_of(own), member=member)


def deactivated(world: World) -> Stranger:
    member = make_member(world.parking, "dora", Role.OWNER)
    with tenant_tx(owner_context(world.parking.id)):
        Membership.objects.filter(user_id=member.id).update(deactivated_at=timezone.now())
    return Stranger("a person deactivated", _browser(member), "parking")


def switched_off(world: World) -> Stranger:
    member = make_member(world.parking, "otto", Role.OWNER)
    browser = _browser(member)
    User.objects.filter(pk=member.id).update(is_active=False)
    return Stranger("a person who may not sign in", browser, "parking", refused_with=401)


def token_for_another(world: World) -> Stranger:
    """Of somebody who is an owner here too: the token alone says no."""
    person = make_member(world.parking, "tom", Role.OWNER)
    with tenant_tx(owner_context(world.elsewhere.id)):
        Membership.objects.create(org_id=world.elsewhere.id, user=person.user, role=Role.OWNER)
    _issue(person, "for-another", organizations=["elsewhere"])
    return Stranger("a token for another organization", _with_token("for-another"), "parking")


def token_revoked(world: World) -> Stranger:
    person = make_member(world.parking, "ron", Role.OWNER)
    _issue(person, "revoked", revoked_at=timezone.now())
    return Stranger("a token revoked", _with_token("revoked"), "parking", refused_with=401)


def token_expired(world: World) -> Stranger:
    person = make_member(world.parking, "exa", Role.OWNER)
    _issue(person, "expired", expires_at=timezone.now() - datetime.timedelta(hours=1))
    return Stranger("a token expired", _with_token("expired"), "parking", refused_with=401)


KINDS: tuple[Callable[[World], Stranger], ...] = (
    nobody,
    made_up_token,
    owner_elsewhere,
    owner_at_the_door,
    vendor_not_engaged,
    vendor_only_offered,
    vendor_ended,
    vendor_lapsed,
    vendor_to_come,
    vendor_in_another_role,
    vendor_elsewhere,
    deactivated,
    switched_off,
    token_for_another,
    token_revoked,
    token_expired,
)


def _vendor(world: World, kind: str, **engagement: Any) -> Stranger:
    vendor = make_organization(f"vendor-{next(VENDORS)}")
    if engagement:
        _engage(world, vendor, world.project, **engagement)
    member = make_member(vendor, "vera", Role.MANAGER)
    return Stranger(kind, _browser(member), vendor.slug, member=member)


def _engage(world: World, vendor: Organization, project: Project, **values: Any) -> None:
    roles = [Role.OWNER, Role.MANAGER, Role.REVIEWER, Role.ANNOTATOR, Role.ENGINEER]
    with tenant_tx(owner_context(world.parking.id)):
        Engagement.objects.create(
            org_id=world.parking.id,
            vendor=vendor,
            project_id=project.pk,
            **{"roles": roles, "run_models": True, **values},
        )


def _project_of(organization: Organization, name: str) -> tuple[Project, Dataset]:
    with tenant_tx(owner_context(organization.id)):
        project = Project.objects.create(org_id=organization.id, name=name)
        return project, Dataset.objects.create(org_id=organization.id, project=project, name=name)


def _issue(person: Member, secret: str, **values: Any) -> None:
    with tenant_tx(person.context):
        Token.objects.create(user_id=person.id, name=secret, digest=digest_of(secret), **values)


def _browser(member: Member) -> Client:
    browser = Client(raise_request_exception=False)
    browser.force_login(User.objects.get(pk=member.id))
    return browser


def _with_token(secret: str) -> Client:
    return Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)
