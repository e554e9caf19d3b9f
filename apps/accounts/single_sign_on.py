"""OpenID Connect with an organization's own provider, by allauth: state, PKCE and the exchange of the code are its.

Beyond allauth: the id token's signature, nonce and issuer are always checked, and every request goes out through the
guarded client.
"""

import logging
import secrets
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import jwt
import requests
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from requests.adapters import BaseAdapter

from apps.core import outbound
from apps.core.errors import Refusal
from apps.core.sealing import unseal

from .selectors import OpenProvider

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
CLOCKS_DIFFER = 60
LONGEST_COMPLAINT = 200
LONGEST_SUBJECT = 255
PATIENCE = outbound.Limits(seconds=5.0, most=1024 * 1024)
# The last four: an answer of another shape than the protocol's.
BROKEN = (
    OAuth2Error, requests.RequestException, jwt.PyJWTError, Refusal, KeyError, ValueError, TypeError, AttributeError,
)  # fmt: skip

logger = logging.getLogger(__name__)


class SignOnFailed(Refusal):
    status = 422
    code = "single_sign_on_failed"
    message = "The single sign-on did not answer as it should. Try again, or tell who runs it."


@dataclass(frozen=True, slots=True)
class Claims:
    """What a provider said of somebody."""

    subject: str
    email: str
    email_is_doubted: bool
    name: str


def lead_to(request: HttpRequest, provider: OpenProvider, wanted: str) -> HttpResponse:
    """The way to the provider, which sends the browser back to us. Raises SignOnFailed."""
    nonce = secrets.token_urlsafe(24)
    try:
        asked = _provider(request, provider).redirect(
            request, "login", next_url=wanted, nonce=nonce, auth_params={"nonce": nonce}
        )
    except BROKEN as error:
        raise _failed(provider, error) from error
    answer: HttpResponse = asked
    return answer


def claims_brought_back(request: HttpRequest, provider: OpenProvider) -> tuple[Claims, str]:
    """Who came back with the provider's word, and where they wanted to go. Raises SignOnFailed."""
    state = statekit.unstash_state(request, provider_id=str(provider.id), state_id=request.GET.get("state", ""))
    if state is None or "code" not in request.GET:
        raise SignOnFailed("The sign-on was cancelled, or took longer than ten minutes. Try again.")
    try:
        ours = _provider(request, provider)
        words = ours.get_oauth2_adapter(request)
        client = words.get_client(request, ours.app)
        given = words.get_access_token_data(request, ours.app, client, state.get("pkce_code_verifier"))
        return _claims(words, given, state["nonce"]), state.get("next") or "/"
    except BROKEN as error:
        raise _failed(provider, error) from error


def check_provider(issuer: str) -> None:
    """Raises SignOnFailed unless a provider answers under this issuer's name, over TLS or in the operator's network."""
    try:
        target = outbound.target_of(issuer)
        public = any(ip_address(one.partition("%")[0]).is_global for one in target.addresses)
        if public and target.parts.scheme != "https":
            raise SignOnFailed("The address must begin with https://.", field="issuer")
        with OwnProviders().get_requests_session() as session:
            described = session.get(f"{issuer}/.well-known/openid-configuration").json()
        _require_issuer(described, issuer)
    except BROKEN as error:
        if isinstance(error, SignOnFailed):
            raise
        refused = isinstance(error, outbound.UrlNotAllowed)
        text = str(error) if refused else "No OpenID provider answers at this address."
        raise SignOnFailed(text, field="issuer") from error


class OwnProviders(DefaultSocialAccountAdapter):
    """Where allauth asks how to reach others (SOCIALACCOUNT_ADAPTER)."""

    def get_requests_session(self) -> requests.Session:
        """One that goes out through the guarded client alone."""
        session = requests.Session()
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Guarded())
        return session


class _Guarded(BaseAdapter):
    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        body = request.body.encode() if isinstance(request.body, str) else request.body
        fetched = outbound.fetch(
            str(request.url),
            method=str(request.method),
            headers={name: str(value) for name, value in request.headers.items() if name != "Accept-Encoding"},
            body=body or None,
            limits=PATIENCE,
        )
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = fetched.status, fetched.url, request
        answer.headers.update(fetched.headers)
        answer._content = fetched.body
        return answer

    def close(self) -> None:
        """Nothing is kept open."""


class _Words(OpenIDConnectOAuth2Adapter):
    """The exchange with one provider."""

    def __init__(self, request: HttpRequest, provider: "_Provider") -> None:
        self._ours = provider
        super().__init__(request, provider.app.provider_id)

    def get_provider(self) -> Any:
        return self._ours

    @property
    def openid_config(self) -> Any:
        known = hasattr(self, "_openid_config")
        described = super().openid_config
        if not known:
            _require_issuer(described, self._ours.app.settings["server_url"])
        return described

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return request.build_absolute_uri(reverse("single_sign_on_back", kwargs={"slug": app.settings["slug"]}))


class _Provider(OpenIDConnectProvider):
    pkce_enabled_default = True

    def get_oauth2_adapter(self, request: HttpRequest) -> _Words:
        return _Words(request, self)


def _provider(request: HttpRequest, provider: OpenProvider) -> _Provider:
    app = SocialApp(
        provider="openid_connect",
        provider_id=str(provider.id),
        name=provider.name,
        client_id=provider.client_id,
        secret=unseal(provider.secret),
        settings={"server_url": provider.issuer, "slug": provider.slug, "oauth_pkce_enabled": True},
    )
    return _Provider(request, app=app)


def _claims(words: _Words, given: dict[str, Any], nonce: str) -> Claims:
    told = _id_token(words, given["id_token"])
    if not constant_time_compare(str(told.get("nonce", "")), nonce):
        raise ValueError("the nonce is another one")
    if "email" not in told:
        more = words._fetch_user_info(given["access_token"])
        if more.get("sub") != told["sub"]:
            raise ValueError("userinfo is of somebody else")
        told = more | told
    subject, email = str(told["sub"]), str(told.get("email", "")).strip().lower()
    if not 0 < len(subject) <= LONGEST_SUBJECT or not (subject + email).isprintable():
        raise ValueError("this is nobody's name")
    return Claims(
        subject=subject,
        email=email,
        email_is_doubted=told.get("email_verified", True) not in (True, "true"),
        name=str(told.get("name", "")),
    )


def _id_token(words: _Words, token: str) -> dict[str, Any]:
    described, app = words.openid_config, words.get_provider().app
    with OwnProviders().get_requests_session() as session:
        keys = jwt.PyJWKSet.from_dict(session.get(described["jwks_uri"]).json()).keys
    wanted = jwt.get_unverified_header(token).get("kid")
    key = next((key for key in keys if wanted in (None, key.key_id)), None)
    if key is None:
        raise ValueError("the token is signed by a key that the provider does not show")
    return jwt.decode(
        token,
        key,
        algorithms=ALGORITHMS,
        audience=app.client_id,
        issuer=described["issuer"],
        leeway=CLOCKS_DIFFER,
        options={"require": ["exp", "iat", "sub", "aud", "iss"]},
    )


def _require_issuer(described: Any, issuer: str) -> None:
    if not isinstance(described, dict) or str(described.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        raise ValueError("the provider calls itself by another name")


def _failed(provider: OpenProvider, error: Exception) -> SignOnFailed:
    said = str(error)[:LONGEST_COMPLAINT]
    logger.warning("single sign-on of %s failed: %s: %s", provider.slug, type(error).__name__, said)
    return SignOnFailed(
        f"The single sign-on of {provider.organization} did not answer as it should. Try again, or tell who runs it."
    )
