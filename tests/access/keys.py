"""Which keys each role is sent by each operation of the API, to be held against a list that a person has read."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import transaction
from django.test import Client

from apps.accounts.models import User
from apps.accounts.selectors import Member
from apps.core.roles import Role
from tests.look.filled import fill
from tests.people import World, make_member, make_world

from .asking import sent
from .calls import Call, calls
from .rows import one_in_every_table
from .strangers import Ids, ids_of

ALLOWED = Path(__file__).with_name("keys.json")
# Dictionaries whose keys are data: labels, classes, settings that people choose.
FREE = {"metadata", "classes", "settings", "filter", "parameters", "details", "before", "after", "attributes", "counts"}
# What nobody is sent.
SECRET = re.compile(r"secret|password|digest|hash|price|gold|cost|token")
# The proof of a lease, which its holder alone is shown.
PROOF = re.compile(r"(tasks\[\]\.)?lease\.token")

Seen = dict[str, dict[str, str]]


def gather() -> Seen:
    """By operation: who gets a body in answer, and the keys of it."""
    world = make_world()
    fill(world, 10)
    one_in_every_table(world)
    ids, people = (
        ids_of(world),
        [(name, _browser(member), member.context.org_slug) for name, member in people_of(world)],
    )
    seen: Seen = {}
    for call in calls():
        if call.is_api:
            by_keys: dict[tuple[str, ...], list[str]] = {}
            for name, browser, slug in people:
                if keys := _keys_for(call, browser, slug, ids):
                    by_keys.setdefault(keys, []).append(name)
            seen[call_name(call)] = {", ".join(who): " ".join(keys) for keys, who in sorted(by_keys.items())}
    return dict(sorted(seen.items()))


def people_of(world: World) -> Iterator[tuple[str, Member]]:
    """One of each role at the customer, and those of the vendor."""
    for role in Role.values:
        yield role, make_member(world.parking, f"a-{role}", Role(role))
    for name in ("max", "rita", "ada"):
        yield f"vendor's {world.members[name].role}", world.members[name]


def call_name(call: Call) -> str:
    """As the list has it."""
    return f"{call.method} {call.path}"


def _browser(member: Member) -> Client:
    browser = Client(raise_request_exception=False)
    browser.force_login(User.objects.get(pk=member.id))
    return browser


def _keys_for(call: Call, browser: Client, slug: str, ids: Ids) -> tuple[str, ...]:
    named = {key: str(value) for name, value in ids.items() for key in (name, f"own:{name}")}
    path = re.sub(r"\{([\w:]+)\}", lambda found: {**named, "org": slug}[found[1]], call.path)
    with transaction.atomic():
        answer = browser.generic(call.method, path, **sent(call, named))
        transaction.set_rollback(True)
    if answer.status_code >= 300 or answer.headers.get("Content-Type") != "application/json":
        return ()
    return tuple(sorted(set(keys_in(json.loads(answer.content)))))


def keys_in(value: Any, at: str = "") -> Iterator[str]:
    """`results[].lease.token` and the like."""
    if isinstance(value, dict):
        for name, inner in value.items():
            here = f"{at}.{name}".strip(".")
            yield here
            yield from keys_in(inner, here) if name not in FREE else ()
    elif isinstance(value, list):
        for inner in value:
            yield from keys_in(inner, f"{at}[]")
