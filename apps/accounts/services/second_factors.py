"""A second factor beside the password: codes of an authenticator app, and ten recovery codes for when it is lost."""

from urllib.parse import quote, urlencode
from uuid import UUID

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.selectors import speak_as
from apps.core.errors import Invalid, NotSignedIn, Refusal
from apps.core.throttle import count_try, forget_tries

from .people import record_for_person

PERIOD = 30
# A phone's clock may be off by one period either way.
TOLERANCE = 1
LONGEST_CODE = 32


class SecondFactorRequired(NotSignedIn):
    code = "second_factor_required"
    message = "This account asks for a second factor. Send the code of your authenticator app, or a recovery code."


class WrongCode(Invalid):
    code = "wrong_code"
    message = "This code is not right, or was used already. Wait for the next one, then try again."


class AlreadyOn(Refusal):
    code = "second_factor_is_on"
    message = "Your account has a second factor already. Turn it off first to set up another."


def new_secret() -> str:
    """A key for an authenticator app, to be confirmed by a code of it."""
    return str(generate_totp_secret())


def address_of_key(person: User, secret: str) -> str:
    """What an authenticator app reads from the picture."""
    return f"otpauth://totp/{quote(f'Tessera:{person.email}')}?{urlencode({'secret': secret, 'issuer': 'Tessera'})}"


@transaction.atomic
def begin_second_factor(*, person_id: UUID, secret: str, code: str) -> list[str]:
    """Turn it on, once a code proves that the app has the key, and give the recovery codes.

    Raises WrongCode, AlreadyOn.
    """
    person = _locked(person_id)
    count_try("second-factor", person_id)
    moment = _moment_of(secret, code, after=0)
    if _kept(person_id, Authenticator.Type.TOTP):
        raise AlreadyOn
    if moment is None:
        raise WrongCode(field="code")
    app = TOTP.activate(person, secret).instance
    app.data["last"] = moment
    app.save()
    _kept_rows(person_id).filter(type=Authenticator.Type.RECOVERY_CODES).delete()
    codes: list[str] = RecoveryCodes.activate(person).get_unused_codes()
    forget_tries("second-factor", person_id)
    record_for_person("second_factor.begin", person_id)
    return codes


@transaction.atomic
def end_second_factor(*, person_id: UUID) -> None:
    """Turn it off; its codes open nothing any more. Who asks has proved the password and a code."""
    _locked(person_id)
    if _kept_rows(person_id).delete()[0]:
        record_for_person("second_factor.end", person_id)


@transaction.atomic
def renew_recovery_codes(*, person_id: UUID) -> list[str]:
    """Ten new ones; the former are void."""
    person = _locked(person_id)
    _kept_rows(person_id).filter(type=Authenticator.Type.RECOVERY_CODES).delete()
    record_for_person("second_factor.recovery_codes", person_id)
    codes: list[str] = RecoveryCodes.activate(person).get_unused_codes()
    return codes


@transaction.atomic
def prove_second_factor(*, person_id: UUID, code: str) -> None:
    """Pass where the account has none. Raises SecondFactorRequired, also for a code that is wrong or was used."""
    if not has_second_factor(person_id):
        return
    if not code.strip():
        raise SecondFactorRequired
    # The tries stay counted where the transaction is undone: they are in the cache.
    count_try("second-factor", person_id)
    _locked(person_id)
    if len(code) > LONGEST_CODE or not (_is_of_app(person_id, code) or _is_recovery_code(person_id, code)):
        raise SecondFactorRequired(WrongCode.message, field="code")
    forget_tries("second-factor", person_id)


def has_second_factor(person_id: UUID) -> bool:
    """Whether the password alone does not let this person in."""
    speak_as(person_id)
    return _kept(person_id, Authenticator.Type.TOTP) is not None


def recovery_codes_left(person_id: UUID) -> int:
    """How many are not used yet."""
    speak_as(person_id)
    kept = _kept(person_id, Authenticator.Type.RECOVERY_CODES)
    return len(RecoveryCodes(kept).get_unused_codes()) if kept else 0


def _locked(person_id: UUID) -> User:
    # Of two who show the same code at once, the second finds it used.
    speak_as(person_id)
    return User.objects.select_for_update().get(pk=person_id)


def _kept_rows(person_id: UUID) -> QuerySet[Authenticator]:
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=person_id)
    return rows


def _kept(person_id: UUID, kind: str) -> Authenticator | None:
    row: Authenticator | None = _kept_rows(person_id).filter(type=kind).first()
    return row


def _is_of_app(person_id: UUID, code: str) -> bool:
    app = _kept(person_id, Authenticator.Type.TOTP)
    if app is None:
        return False
    moment = _moment_of(decrypt(app.data["secret"]), code, after=app.data.get("last", 0))
    if moment is None:
        return False
    app.data["last"] = moment
    app.last_used_at = timezone.now()
    app.save(update_fields=["data", "last_used_at"])
    return True


def _moment_of(secret: str, code: str, *, after: int) -> int | None:
    """The period that a code is of, if later than the last one that was used: no code is good twice."""
    now = int(timezone.now().timestamp()) // PERIOD
    for moment in range(now - TOLERANCE, now + TOLERANCE + 1):
        if moment > after and compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, moment))):
            return moment
    return None


def _is_recovery_code(person_id: UUID, code: str) -> bool:
    kept = _kept(person_id, Authenticator.Type.RECOVERY_CODES)
    return kept is not None and bool(RecoveryCodes(kept).validate_code(code))
