"""How often something may be tried: one table, printed by `manage.py rate_limits` and held to the operator guide.

Counted in the cache, in windows that begin at fixed times; a cache that lost its memory allows one window's tries more.
"""

import ipaddress
import math
import threading
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

from .errors import Refusal

MINUTE, HOUR = 60, 3600
# A person's own network is at least this wide in IPv6: they may take any address of it.
NETWORK_BITS = 64


class TriedTooOften(Refusal):
    status = 429
    code = "tried_too_often"
    message = "This was tried too often. Wait a minute, then try again."


class TriesUncounted(Refusal):
    status = 503
    code = "tries_uncounted"
    message = "Tries cannot be counted for a moment, so none is taken. Nothing was changed; try again shortly."


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tries in `seconds`, counted for each `by`. Without the cache, `open` counts in the process."""

    what: str
    most: int
    seconds: int
    by: str
    open: bool = False

    @property
    def words(self) -> str:
        """As 10 in 15 min."""
        size, unit = (HOUR, "h") if self.seconds % HOUR == 0 else (MINUTE, "min")
        return f"{self.most:,} in {self.seconds // size} {unit}"

    @property
    def without(self) -> str:
        """What becomes of tries while the cache is away."""
        return "counted in each process" if self.open else "refused, 503"


LIMITS = {
    "claim": Limit("claims of tasks", 600, MINUTE, "person", open=True),
    "submit": Limit("submissions", 600, MINUTE, "person", open=True),
    "sign-in": Limit("passwords tried, for sessions, tokens and invitations", 10, 15 * MINUTE, "account and network"),
    "sign-in-network": Limit("passwords tried, over all accounts", 300, 15 * MINUTE, "network"),
    "second-factor": Limit("codes of a second factor tried", 10, 15 * MINUTE, "account"),
    "sign-on": Limit("ways taken to an organization's single sign-on", 60, 15 * MINUTE, "network"),
    "reset": Limit("links for a new password", 5, HOUR, "account"),
    "reset-network": Limit("links for a new password, over all accounts", 60, HOUR, "network"),
    "invite": Limit("invitations", 5, HOUR, "organization and invited address"),
    "offer": Limit("offers of projects to vendors", 30, HOUR, "organization"),
    "first-run": Limit("one-time codes tried", 10, MINUTE, "installation"),
}


def count_try(name: str, *by: object) -> None:
    """Count a try before its outcome is known. Raises TriedTooOften; TriesUncounted where the cache is away."""
    limit = LIMITS[name]
    now = time.time()
    try:
        number = _in_cache(_key(limit, name, by, now), limit.seconds)
    except RedisError as error:
        if not limit.open:
            raise TriesUncounted(retry_after=5) from error
        number = _here.count(_key(limit, name, by, now))
    if number > limit.most:
        wait = math.ceil(limit.seconds - now % limit.seconds)
        raise TriedTooOften(f"This was tried too often. Try again in {_wait(wait)}.", retry_after=wait)


def forget_tries(name: str, *by: object) -> None:
    """After a success."""
    try:
        cache.delete(_key(LIMITS[name], name, by, time.time()))
    except RedisError as error:
        raise TriesUncounted(retry_after=5) from error


def address_of(request: Any) -> str:
    """The network address that a request came from; behind a proxy, the one that it names (FORWARDED_ALLOW_IPS)."""
    return str(request.META.get("REMOTE_ADDR") or "")


def network_of(address: str) -> str:
    """What tries from an address are counted for: itself, or its network in IPv6; `""` where it is not known."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    # A server that listens for both kinds at once writes all of IPv4 as one network of IPv6.
    return str(known.ipv4_mapped or ipaddress.ip_network(f"{known}/{NETWORK_BITS}", strict=False))


def _key(limit: Limit, name: str, by: tuple[object, ...], now: float) -> str:
    # An address may hold what a key may not, and is nobody's business in a cache.
    whose = sha256("\n".join(str(one) for one in by).encode()).hexdigest()[:32]
    return f"tries:{name}:{int(now // limit.seconds)}:{whose}"


def _in_cache(key: str, seconds: int) -> int:
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:  # the cache dropped it just now
        return 1


def _wait(seconds: int) -> str:
    return f"{seconds} s" if seconds < 2 * MINUTE else f"{math.ceil(seconds / MINUTE)} min"


class _Here:
    """This process's own counters, for as long as the cache is away."""

    MOST_KEYS = 10_000

    def __init__(self) -> None:
        self._lock, self._counted = threading.Lock(), dict[str, int]()

    def count(self, key: str) -> int:
        with self._lock:
            if len(self._counted) >= self.MOST_KEYS:
                self._counted.clear()
            self._counted[key] = self._counted.get(key, 0) + 1
            return self._counted[key]


_here = _Here()
