"""An organization's own provider of sign-ins: name it, enforce it, remove it, and let in whom it vouches for."""

from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.accounts.models import Identity, Invitation, Membership, Session, SingleSignOn, User
from apps.accounts.selectors import OpenProvider
from apps.accounts.single_sign_on import Claims, check_provider
from apps.accounts.sockets import recheck
from apps.activity.services import record_audit
from apps.core.errors import Invalid, NotAllowed, NotFound, Refusal
from apps.core.sealing import seal
from apps.core.tenancy import Context, active_tenant, tenant_tx
from apps.core.text import clean_name

from .invitations import accept_invitation

MOST_DOMAINS = 50


class NoDomain(Invalid):
    code = "no_domain"
    message = "Name the domains of the e-mail addresses that the provider speaks for, such as example.org."


class TryItFirst(Refusal):
    code = "try_single_sign_on_first"
    message = "Sign in through it yourself first: who enforces what does not work is locked out with all others."


class NamedMeanwhile(Refusal):
    code = "named_meanwhile"
    message = "Somebody named a provider at this very moment. Load the page again to see it."


class NotVouchedFor(NotAllowed):
    code = "not_vouched_for"
    message = "The single sign-on did not name an e-mail address of its own."


@transaction.atomic
def set_provider(*, name: str, issuer: str, client_id: str, secret: str, domains: list[str]) -> SingleSignOn:
    """Name the acting organization's provider, or change it; no secret keeps the former one. Another issuer knows
    nobody yet, so what came through the former ends. Raises InvalidName, NoDomain, SignOnFailed,
    NamedMeanwhile."""
    context, issuer = active_tenant(), issuer.strip().rstrip("/")
    check_provider(issuer)
    row = SingleSignOn.objects.select_for_update().first() or SingleSignOn(org_id=context.org_id)
    before = None if row._state.adding else _state(row)
    if before and row.issuer != issuer:
        _forget_who_came(row)
        row.enforced = False
    row.name, row.issuer, row.client_id = clean_name(name)[:100], issuer, client_id.strip()
    row.domains = _clean_domains(domains)
    if secret or row._state.adding:
        row.secret = seal(secret)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as meanwhile:
        raise NamedMeanwhile from meanwhile
    record_audit("single_sign_on.edit", row, before=before, after=_state(row), issuer=issuer, domains=row.domains)
    return row


@transaction.atomic
def enforce_provider(*, enforced: bool, came_through: bool) -> None:
    """Let nobody in by another way, from their next request on, or let them again. Raises NotFound, TryItFirst."""
    row = SingleSignOn.objects.select_for_update().first()
    if row is None:
        raise NotFound
    if enforced and not came_through:
        raise TryItFirst
    before, row.enforced = _state(row), enforced
    row.save(update_fields=["enforced"])
    record_audit("single_sign_on.enforce", row, before=before, after=_state(row), enforced=enforced)
    recheck(row.org_id)


@transaction.atomic
def remove_provider() -> None:
    """People sign in by their passwords again; sessions and tokens that came through it end. Raises NotFound."""
    row = SingleSignOn.objects.select_for_update().first()
    if row is None:
        raise NotFound
    _forget_who_came(row)
    record_audit("single_sign_on.remove", row, before=_state(row))
    row.delete()


@transaction.atomic
def person_vouched_for(*, provider: OpenProvider, claims: Claims) -> User:
    """The member whom a provider named: known to it, or found by an address of its domains; who is invited joins.

    `provider` is as it was when the person was sent there. Raises NotVouchedFor with a sentence.
    """
    with tenant_tx(Context(org_id=provider.org_id)):
        # Locked, so that who comes twice at once is linked once.
        if not SingleSignOn.objects.select_for_update().filter(pk=provider.id, issuer=provider.issuer):
            raise NotVouchedFor("The single sign-on was changed meanwhile. Try again.")
        known = Identity.objects.filter(provider_id=provider.id, subject=claims.subject).select_related("user").first()
        person = known.user if known else _person_by_address(provider, claims)
        if not person.is_active or not _is_member(person):
            raise NotVouchedFor(f"You do not belong to {provider.organization} any more. Ask its owner.")
        if known is None:
            _link(provider, claims, person)
        return person


def _forget_who_came(row: SingleSignOn) -> None:
    Identity.objects.filter(provider=row).delete()
    Session.objects.filter(through=row.org_id).delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.end_tokens_through()")
    recheck(row.org_id)


def _person_by_address(provider: OpenProvider, claims: Claims) -> User:
    domain = claims.email.rpartition("@")[2]
    if not domain or claims.email_is_doubted or domain not in provider.domains:
        raise NotVouchedFor(
            f"The single sign-on of {provider.organization} named no verified e-mail address of its own domains."
        )
    person = User.objects.filter(email=claims.email).first()
    if person and _is_member(person):
        return person
    open_ones = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    invitation = open_ones.select_for_update().filter(email=claims.email).first()
    if invitation is None:
        raise NotVouchedFor(
            f"{claims.email} does not belong to {provider.organization}. Ask its owner to invite this address."
        )
    if person and person.has_usable_password():
        # Whoever made the account may not be whom the provider means: only its password proves that.
        raise NotVouchedFor(
            f"{claims.email} has an account already. Join {provider.organization} once by the invitation's link, with "
            "the account's password; then sign in here."
        )
    person = person or User.objects.create_user(claims.email, _name(invitation, claims))
    accept_invitation(invitation, person)
    return person


def _link(provider: OpenProvider, claims: Claims, person: User) -> None:
    if Identity.objects.filter(provider_id=provider.id, user=person).exists():
        raise NotVouchedFor(
            f"Somebody else signed in with {person.email} before. Ask an owner of {provider.organization} to check."
        )
    row = Identity.objects.create(org_id=provider.org_id, provider_id=provider.id, subject=claims.subject, user=person)
    with tenant_tx(Context(org_id=provider.org_id, user_id=person.pk)):
        record_audit("identity.create", row, after={"user": str(person.pk)})


def _is_member(person: User) -> bool:
    return bool(Membership.objects.filter(user=person, deactivated_at=None).exists())


def _name(invitation: Invitation, claims: Claims) -> str:
    return clean_name((claims.name or invitation.name or claims.email.partition("@")[0])[:200])


def _clean_domains(domains: list[str]) -> list[str]:
    cleaned = sorted({domain.strip().lower().lstrip("@") for domain in domains if domain.strip()})
    if not cleaned or len(cleaned) > MOST_DOMAINS or any("." not in one or len(one) > 253 for one in cleaned):
        raise NoDomain(field="domains")
    return cleaned


def _state(row: SingleSignOn) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("name", "issuer", "client_id", "domains", "enforced")}
