"""The one way out: addresses that users or organizations name are fetched through here, and reach nothing of ours.

A name is resolved once, all its addresses are judged in every notation, and the connection goes to the address that
was judged. Each redirect is judged anew. `OUTBOUND_ALLOWED_NETWORKS` is the operator's list of private peers.
"""

import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.conf import settings

from .errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS = {"http": 80, "https": 443}
# It carries an IPv4 address that a gateway would go to. Where that stands in 64:ff9b:1::/48 only the gateway knows.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# All that was given out of IPv6; is_global lets more through, such as the old site-local addresses.
GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
# Never of a peer, although Python's is_global lets them through in some of its versions: protocol assignments, 6to4 and
# its relays, Teredo, and what is for documents.
NEVER = [
    ipaddress.ip_network(block) for block in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")
]
REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 5
LONGEST_URL = 4000
# What may stand in a path or a query as it is; the rest is written with percent signs.
AS_IT_IS = "%/:=&?~+!$,;'@()*[]"
CHUNK = 64 * 1024


class InvalidUrl(Invalid):
    code = "invalid_url"
    message = "This is not a web address that can be read in one way only."


class UrlSchemeNotAllowed(Invalid):
    code = "url_scheme_not_allowed"
    message = "Only addresses that begin with http:// or https:// are fetched."


class UrlNotAllowed(Invalid):
    code = "url_not_allowed"
    message = "This address leads into a private network, which the operator has not allowed."


class FetchFailed(Invalid):
    code = "fetch_failed"
    message = "The other server could not be reached, or what it answered could not be read."


class FetchTimeout(Invalid):
    code = "fetch_timeout"
    message = "The other server took too long."


class FetchTooLarge(Invalid):
    code = "fetch_too_large"
    message = "The other server sent more than may be."


class TooManyRedirects(Invalid):
    code = "too_many_redirects"
    message = f"The other server led on more than {MOST_REDIRECTS} times."


@dataclass(frozen=True, slots=True)
class Limits:
    """How long all of it may take, redirects included, and how many bytes an answer may have."""

    seconds: float = 10.0
    most: int = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whole; `url` is the one that gave it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class Target:
    """A URL with the addresses that were found good for it."""

    parts: SplitResult
    host: str
    port: int
    addresses: list[str]

    @property
    def path(self) -> str:
        """What the request line asks for."""
        return quote((self.parts.path or "/") + (f"?{self.parts.query}" if self.parts.query else ""), AS_IT_IS)


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    limits: Limits | None = None,
) -> Fetched:
    """Ask, and follow where a GET is led. Raises the refusals above."""
    limits = limits or Limits()
    until = time.monotonic() + limits.seconds
    sent = dict(headers or {})
    for _ in range(MOST_REDIRECTS + 1):
        answer = exchange(url, method=method, headers=sent, body=body, until=until, most=limits.most)
        onward = answer.headers.get("location", "")
        if method not in {"GET", "HEAD"} or answer.status not in REDIRECTS or not onward:
            return answer
        former, url = urlsplit(url), _led_to(url, onward)
        if urlsplit(url)[:2] != former[:2]:  # secrets are for the one whom they were meant for
            sent = {name: value for name, value in sent.items() if name.lower() not in {"authorization", "cookie"}}
    raise TooManyRedirects


def _led_to(url: str, onward: str) -> str:
    try:
        return urljoin(url, onward)
    except ValueError as error:  # no address at all
        raise FetchFailed from error


def exchange(
    url: str, *, method: str, headers: Mapping[str, str], body: bytes | None, until: float, most: int
) -> Fetched:
    """One request and its answer, without following; `until` is of the monotonic clock."""
    target = target_of(url)
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.default_port = PORTS[target.parts.scheme]
    try:
        with _connected(target, until) as peer:
            connection.sock = _Timed(peer, until)
            connection.request(method, target.path, body=body, headers={**headers, "Accept-Encoding": "identity"})
            answer = connection.getresponse()
            whole = _read(answer, most)
    except TimeoutError as error:
        raise FetchTimeout from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchFailed from error
    known = {name.lower(): value for name, value in answer.getheaders()}
    if known.get("content-encoding", "identity") != "identity":  # packed, although we asked for plain bytes
        raise FetchFailed
    return Fetched(answer.status, known, whole, url)


def target_of(url: str) -> Target:
    """Judge a URL and resolve its host. Raises InvalidUrl, UrlSchemeNotAllowed, UrlNotAllowed or FetchFailed."""
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url or "\\" in url:
        raise InvalidUrl
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
        host = (parts.hostname or "").rstrip(".")
        host.encode("idna")
    except ValueError as error:  # UnicodeError is one too
        raise InvalidUrl from error
    if parts.scheme not in PORTS:
        raise UrlSchemeNotAllowed
    if not host or "@" in parts.netloc or "%" in host:
        raise InvalidUrl
    addresses = resolve(host, port)
    for address in addresses:
        require_allowed(address)
    return Target(parts, host, port, addresses)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, which is asked for this once. Raises FetchFailed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def require_allowed(address: str) -> None:
    """Raise UrlNotAllowed for an address that is not of the public internet, unless the operator listed it."""
    reached = _reached(ipaddress.ip_address(address.partition("%")[0]))
    listed = any(reached in network for network in settings.OUTBOUND_ALLOWED_NETWORKS)
    if not (listed or _is_public(reached)):
        raise UrlNotAllowed


def _reached(address: Address) -> Address:
    """Where a connection ends: for an address that carries one of IPv4, there."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: Address) -> bool:
    refused = address.is_multicast or address.is_reserved or any(address in block for block in NEVER)
    is_given_out = isinstance(address, ipaddress.IPv4Address) or address in GIVEN_OUT
    return address.is_global and is_given_out and not refused


def _connected(target: Target, until: float) -> socket.socket:
    """A connection to the first of the judged addresses that answers; TLS is for the name."""
    failure: OSError = ConnectionRefusedError()
    for address in target.addresses:
        try:
            plain = socket.create_connection((address, target.port), timeout=_left(until))
        except OSError as error:
            failure = error
            continue
        if target.parts.scheme == "http":
            return plain
        plain.settimeout(_left(until))
        return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
    raise failure


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _read(answer: http.client.HTTPResponse, most: int) -> bytes:
    if (answer.length or 0) > most:  # by its own word
        raise FetchTooLarge
    whole = bytearray()
    while piece := answer.read1(CHUNK):
        whole += piece
        if len(whole) > most:
            raise FetchTooLarge
    if answer.length:  # it ended early
        raise FetchFailed
    return bytes(whole)


class _Timed:
    """What http.client needs of a socket; every read and write ends at one moment, however slowly the bytes come."""

    def __init__(self, peer: socket.socket, until: float) -> None:
        self._peer, self._until = peer, until

    def makefile(self, *_: Any) -> io.BufferedReader:
        """For reading."""
        return io.BufferedReader(_Timely(self._peer, self._until))

    def sendall(self, sent: bytes) -> None:
        """All of it, in the time that is left."""
        self._peer.settimeout(_left(self._until))
        self._peer.sendall(sent)

    def close(self) -> None:
        """Nothing: who opened the socket closes it, when the answer has been read."""


class _Timely(io.RawIOBase):
    def __init__(self, peer: socket.socket, until: float) -> None:
        self._peer, self._until = peer, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._peer.settimeout(_left(self._until))
        return self._peer.recv_into(buffer)
