"""The demo's two organizations and six people, and the engagement by which they share a project."""

from dataclasses import replace

from django.utils import timezone

from apps.accounts.demo import PASSWORD, SIGN_INS, SignIn
from apps.accounts.models import Engagement, EngagementState, Membership, Organization, User
from apps.accounts.selectors import Member, member_by_session
from apps.activity.services import record_audit
from apps.core.ids import new_id
from apps.core.roles import Role
from apps.core.tenancy import Context, tenant_tx
from apps.projects.models import Project

CUSTOMER, VENDOR = "northlot", "meadow"


def found_organizations() -> dict[str, Organization]:
    """Both organizations with their people, by slug; what is there stays as it is."""
    return {slug: _organization(slug) for slug in (CUSTOMER, VENDOR)}


def member(email: str) -> Member:
    """One of the cast, in their organization."""
    person = next(one for one in SIGN_INS if one.email == email)
    found = member_by_session(User.objects.get(email=email).pk, person.organization)
    assert found is not None, f"{email} has no membership"  # noqa: S101 - made just above
    return found


def engage(project: Project, vendor: Organization) -> None:
    """Share the project: the vendor's managers, reviewers and annotators may work on it and run its models."""
    engagement, made = Engagement.objects.get_or_create(
        org_id=project.org_id,
        vendor=vendor,
        project_id=project.pk,
        defaults={
            "state": EngagementState.ACTIVE,
            "addressee": vendor.name,
            "project_name": project.name,
            "accepted_at": timezone.now(),
            "roles": [Role.MANAGER, Role.REVIEWER, Role.ANNOTATOR],
            "run_models": True,
        },
    )
    if made:
        record_audit("engagement.offer", engagement)
        accepts = member("max@meadow.example").context
        with tenant_tx(replace(accepts, projects=accepts.projects | {project.pk})):
            record_audit("engagement.accept", engagement)


def _organization(slug: str) -> Organization:
    people = [one for one in SIGN_INS if one.organization == slug]
    known = User.objects.filter(email=people[0].email).first()
    here = member_by_session(known.pk, slug) if known else None
    org_id = here.context.org_id if here else new_id()
    with tenant_tx(Context(org_id=org_id)):
        organization, _ = Organization.objects.get_or_create(
            pk=org_id, defaults={"slug": slug, "name": people[0].organization_name}
        )
        for person in people:
            _join(organization, person)
    return organization


def _join(organization: Organization, person: SignIn) -> None:
    user = User.objects.filter(email=person.email).first()
    if user is None:
        user = User.objects.create_user(person.email, person.name, PASSWORD)
    membership, made = Membership.objects.get_or_create(
        org_id=organization.pk, user=user, defaults={"role": person.role}
    )
    if made:
        record_audit("membership.create", membership)
