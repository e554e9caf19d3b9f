"""The cast. Parking is a customer, Meadow its vendor on one project; Eve's Elsewhere is a stranger to both.

Max manages, Ada and Bob annotate and Rita reviews at Meadow; Noor is Parking's engineer, Olga its auditor.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from apps.accounts.models import Engagement, EngagementState, Membership, Organization, User
from apps.accounts.selectors import Member
from apps.core.roles import Role
from apps.core.tenancy import Context, tenant_tx
from apps.projects.models import Dataset, Project

PASSWORD = "a long enough password"  # noqa: S105 - made up
HASHED = make_password(PASSWORD)


@dataclass
class World:
    """Everybody, in their organization, and the project that Parking shares with Meadow."""

    parking: Organization
    meadow: Organization
    elsewhere: Organization
    members: dict[str, Member]
    project: Project
    dataset: Dataset

    def __getattr__(self, name: str) -> Member:
        try:
            return self.members[name]
        except KeyError as error:
            raise AttributeError(name) from error


CAST = {
    "noor": ("parking", Role.ENGINEER),
    "olga": ("parking", Role.AUDITOR),
    "max": ("meadow", Role.MANAGER),
    "ada": ("meadow", Role.ANNOTATOR),
    "bob": ("meadow", Role.ANNOTATOR),
    "rita": ("meadow", Role.REVIEWER),
    "eve": ("elsewhere", Role.OWNER),
}


def make_organization(slug: str) -> Organization:
    """An organization, written in its own context as row-level security wants."""
    organization = Organization(slug=slug, name=slug.title())
    with tenant_tx(Context(org_id=organization.id)):
        organization.save(force_insert=True)
    return organization


def make_member(organization: Organization, name: str, role: Role, **scope: Any) -> Member:
    """A person with a membership; `projects` are what engagements share with them."""
    return make_members(organization, {name: role}, **scope)[name]


def make_members(organization: Organization, roles: dict[str, Role], **scope: Any) -> dict[str, Member]:
    """People with a membership, by name; two statements however many, since nearly every test begins here."""
    people = {name: _person(organization, name) for name in roles}
    User.objects.bulk_create(people.values())
    with tenant_tx(Context(org_id=organization.id)):
        Membership.objects.bulk_create(
            Membership(org_id=organization.id, user=people[name], role=role) for name, role in roles.items()
        )
    projects = scope.get("projects", frozenset())
    return {
        name: Member(
            user=person,
            context=Context(
                org_id=organization.id,
                user_id=person.id,
                role=roles[name],
                org_slug=organization.slug,
                projects=projects,
            ),
            organization_name=organization.name,
        )
        for name, person in people.items()
    }


def _person(organization: Organization, name: str) -> User:
    return User(email=f"{name}@{organization.slug}.example", name=name.title(), password=HASHED)


@pytest.fixture
def world(db: None) -> World:
    """The cast and the shared project."""
    return make_world()


def make_world() -> World:
    """For tests that commit, which cannot take the `world` fixture's transaction."""
    organizations = {slug: make_organization(slug) for slug in ("parking", "meadow", "elsewhere")}
    parking, meadow = organizations["parking"], organizations["meadow"]
    with tenant_tx(Context(org_id=parking.id)):
        project = Project.objects.create(org_id=parking.id, name="Car models")
        dataset = Dataset.objects.create(org_id=parking.id, project=project, name="Autumn lots")
        Engagement.objects.create(
            org_id=parking.id,
            vendor=meadow,
            addressee=meadow.name,
            project_id=project.id,
            project_name=project.name,
            state=EngagementState.ACTIVE,
            roles=[Role.MANAGER, Role.REVIEWER, Role.ANNOTATOR],
            run_models=True,
        )
    shared = frozenset({project.id})
    members: dict[str, Member] = {}
    for slug, organization in organizations.items():
        roles = {name: role for name, (theirs, role) in CAST.items() if theirs == slug}
        members |= make_members(organization, roles, projects=shared if slug == "meadow" else frozenset())
    return World(parking, meadow, organizations["elsewhere"], members, project, dataset)


@pytest.fixture
def signed_in() -> Callable[[Member], Client]:
    """A browser of somebody; `client.org` is the prefix of their pages, `client.api` of their API."""

    def sign_in(member: Member) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=member.id))
        client.org = f"/o/{member.context.org_slug}"  # type: ignore[attr-defined]
        client.api = f"/api/v1/orgs/{member.context.org_slug}"  # type: ignore[attr-defined]
        return client

    return sign_in
