"""Limits: what is counted for whom, what a full count answers, and what holds while the cache is away."""

import socket
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.core.management import call_command
from redis.exceptions import ConnectionError as CacheAway
from redis.exceptions import RedisError

from apps.accounts.selectors import Member
from apps.core import throttle
from apps.core.throttle import LIMITS, TriedTooOften, TriesUncounted, count_try, forget_tries, network_of
from tests.docs.pages import DOCS
from tests.people import World

SignIn = Callable[[Member], Any]


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock that stands, 60 s before a quarter of an hour ends."""
    monkeypatch.setattr("apps.core.throttle.time.time", lambda: 1_800_000_000 - 60.0)
    yield
    cache.clear()


def away(*_: Any, **__: Any) -> None:
    raise CacheAway("gone")


@pytest.fixture
def without_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("add", "incr", "delete"):
        monkeypatch.setattr(cache, name, away, raising=False)


def test_tries_over_the_limit_are_refused_until_the_window_ends(noon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(10):
        count_try("sign-in", "ada@meadow.example", "192.0.2.1")
    with pytest.raises(TriedTooOften) as refused:
        count_try("sign-in", "ada@meadow.example", "192.0.2.1")
    assert refused.value.details == {"retry_after": 60}
    assert refused.value.text == "This was tried too often. Try again in 60 s."
    count_try("sign-in", "ada@meadow.example", "192.0.2.2")
    monkeypatch.setattr("apps.core.throttle.time.time", lambda: 1_800_000_000.0)
    count_try("sign-in", "ada@meadow.example", "192.0.2.1")


def test_a_success_forgets_the_tries_before_it(noon: None) -> None:
    for _ in range(30):
        count_try("sign-in", "bob@meadow.example", "192.0.2.1")
        forget_tries("sign-in", "bob@meadow.example", "192.0.2.1")


def test_without_the_cache_work_goes_on_and_is_still_bounded(noon: None, without_cache: None) -> None:
    for _ in range(600):
        count_try("claim", "ada")
    with pytest.raises(TriedTooOften):
        count_try("claim", "ada")
    count_try("claim", "bob")


@pytest.mark.parametrize("name", [name for name, limit in LIMITS.items() if not limit.open])
def test_without_the_cache_nobody_tries_passwords_or_codes(name: str, without_cache: None) -> None:
    with pytest.raises(TriesUncounted):
        count_try(name, "x")


def test_only_work_goes_on_without_the_cache() -> None:
    assert {name for name, limit in LIMITS.items() if limit.open} == {"claim", "submit"}


def test_a_key_tells_nobody_who_tried(noon: None) -> None:
    key = throttle._key(LIMITS["sign-in"], "sign-in", ("ada@meadow.example", "192.0.2.1"), 0.0)
    assert "ada" not in key
    assert "192" not in key


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_an_address_is_counted_with_its_neighbours(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(("name", "path"), [("claim", "projects/{}/claims"), ("submit", "tasks/{}/submission")])
def test_claims_and_submissions_are_counted_for_each_person(
    world: World, signed_in: SignIn, noon: None, name: str, path: str
) -> None:
    for _ in range(LIMITS[name].most):
        count_try(name, world.ada.id)
    ada, bob = signed_in(world.ada), signed_in(world.bob)
    answer = ada.post(f"{ada.api}/{path.format(world.project.id)}", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "tried_too_often")
    assert answer.headers["Retry-After"] == "60"
    assert (
        bob.post(f"{bob.api}/{path.format(world.project.id)}", {}, content_type="application/json").status_code != 429
    )


def test_the_guide_prints_the_table_that_the_command_prints() -> None:
    said = StringIO()
    call_command("rate_limits", stdout=said)
    assert said.getvalue().strip() in (DOCS / "operator-guide.md").read_text()


def test_a_cache_that_hangs_is_given_up_soon(settings: Any) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        options = settings.CACHES["default"]["OPTIONS"] | {"socket_timeout": 0.2}
        there = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(RedisError):
            RedisCache(there, {"OPTIONS": options}).incr("x")
