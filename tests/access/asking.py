"""Asks each call twice, with an id that exists and with one that does not, and compares what is said."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.core.access import gate
from apps.core.ids import new_id

from .calls import Call, calls, places_in, with_ids_elsewhere
from .strangers import Ids, Stranger, Town

# What differs between any two answers: tokens of forms, what a page vouches for, and when something was done.
CHANGING = re.compile(
    r'(?<=name="csrfmiddlewaretoken" value=")\w+|(?<=name="csrf-token" content=")\w+|(?<="X-CSRFToken": ")\w+'
    r"|nonce-[\w+/=-]+|\d{4}-\d\d-\d\dT[\d:.]+Z|\d+\s+(?:s|min|h) ago"
)
AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
# Ids of the customer's that a vendor may know: its own engagement, and on that list what it was about.
ABOUT_ENGAGEMENTS = {"engagement", "project"}
UNKNOWN: dict[str, UUID] = {}


@dataclass
class Found:
    """Cells asked, by kind of stranger and place of the id, and what was wrong."""

    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{number:6} {kind}: {what}" for (kind, what), number in sorted(self.cells.items())]
        answers = ", ".join(f"{status}: {number}" for status, number in sorted(self.statuses.items()))
        return "\n".join([*lines, f"{self.cells.total():6} cells; answers {answers}"])


def ask_all(town: Town, stranger: Stranger, only: str = "") -> Found:
    """Every cell of a stranger; `only` narrows it to paths that hold the words."""
    found = Found()
    for call, foreign in cells_of(stranger):
        if only in call.path:
            _ask_cell(town, stranger, call, foreign, found)
    return found


def cells_of(stranger: Stranger) -> Iterator[tuple[Call, frozenset[str]]]:
    """Each call with the places where the foreign ids stand; in a nested path each alone, and together."""
    for call in calls():
        if not call.places:
            yield call, frozenset()
        elif not stranger.own:
            yield call, frozenset(call.places)
        else:
            for number in range(1, len(call.places) + 1):
                yield from ((call, frozenset(chosen)) for chosen in itertools.combinations(call.places, number))
    if stranger.own:
        yield from ((call, frozenset(places_in((call.query, call.body)))) for call in with_ids_elsewhere())


def _ask_cell(town: Town, stranger: Stranger, call: Call, foreign: frozenset[str], found: Found) -> None:
    real = said_to(town, stranger, call, foreign, town.foreign)
    found.cells[stranger.kind, call.what if foreign else "no id"] += 1
    found.statuses[real[0]] += 1
    where = f"{stranger.kind}, {'+'.join(sorted(foreign))}: {call.name}"
    if real[0] >= 500:
        found.complaints.append(f"{where} breaks: {real[0]}")
    known = ABOUT_ENGAGEMENTS if "/engagements" in call.path else set()
    if leaked := [name for name, value in town.foreign.items() if name not in known and str(value) in real[2]]:
        found.complaints.append(f"{where} shows the customer's {leaked}")
    if foreign:
        twin = said_to(town, stranger, call, foreign, {place: _unknown(place) for place in town.foreign})
        if real != twin:
            found.complaints.append(f"{where} tells {real[0]} from {twin[0]}: {_difference(real, twin)}")
    if call.what == "path" and real[0] not in _expected(stranger, call, foreign):
        found.complaints.append(f"{where} answers {real[0]}")


def _expected(stranger: Stranger, call: Call, foreign: frozenset[str]) -> set[int]:
    if stranger.refused_with == 401:
        return {401} if call.is_api else {302}
    if not foreign and stranger.member:
        return set(range(200, 500))  # their own lists
    if stranger.member and not gate.admits(call.action, stranger.member.context):
        return {403}  # not for their role, wherever
    # Of two ids the one that is theirs may be met first, and be refused to their role.
    return {404, 403} if foreign < set(call.places) else {404}


def said_to(town: Town, stranger: Stranger, call: Call, foreign: frozenset[str], theirs: Ids) -> tuple[int, str, str]:
    """Status, where it leads, and the body less what differs between any two requests. Nothing of it is kept."""
    ids = {**stranger.own, **{f"own:{name}": value for name, value in stranger.own.items()}}
    ids |= {place: theirs[place] for place in foreign}
    named = {key: str(value) for key, value in ids.items()}
    named |= {f"own:{place}": str(_unknown(place)) for place in town.foreign if f"own:{place}" not in named}
    path = _filled(call.path, {**named, "org": stranger.slug})
    if call.query:
        path += "?" + _filled(call.query, named)
    stranger.browser.cookies.pop("messages", None)  # what an earlier call left to be said
    with transaction.atomic():
        answer = stranger.browser.generic(call.method, path, **sent(call, named))
        transaction.set_rollback(True)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    text = CHANGING.sub("", body.decode("utf-8", "replace"))
    place = answer.headers.get("Location", "")
    for name in foreign:
        text, place = (said.replace(str(theirs[name]), f"<{name}>") for said in (text, place))
    known = {str(value) for value in (*stranger.own.values(), *town.foreign.values())}
    text = AN_ID.sub(lambda one: one[0] if one[0] in known else "<new>", text)
    for name in foreign:  # a page may call what it does not know by the beginning of its id
        text = re.sub(rf"\b{str(theirs[name])[:8]}\b(?!-)", f"<{name}>", text)
    return answer.status_code, place, text


def sent(call: Call, named: dict[str, str]) -> dict[str, Any]:
    """What a test client needs to send the call's body, with ids in its places."""
    headers = {"X-Request-Id": "matrix", "If-Match": '"of-another-time"', "Lease-Token": str(_unknown("lease"))}
    if call.multipart:
        boundary = "frontier"
        head = 'Content-Disposition: form-data; name="files"; filename="a.jpg"'
        part = f"--{boundary}\r\n{head}\r\n\r\nx\r\n--{boundary}--\r\n"
        return {"data": part, "content_type": f"multipart/form-data; boundary={boundary}", "headers": headers}
    if call.body is None:
        return {"headers": headers}
    body = _filled(json.dumps(call.body), named)
    if call.is_api:
        return {"data": body, "content_type": "application/json", "headers": headers}
    form = "&".join(f"{name}={value}" for name, value in json.loads(body).items())
    return {"data": form, "content_type": "application/x-www-form-urlencoded", "headers": headers}


def _filled(text: str, named: dict[str, str]) -> str:
    return re.sub(r"\{([\w:]+)\}", lambda found: named.get(found[1], found[0]), text)


def _unknown(place: str) -> UUID:
    return UNKNOWN.setdefault(place, new_id())


def _difference(real: tuple[int, str, str], twin: tuple[int, str, str]) -> str:
    if real[:2] != twin[:2]:
        return f"{real[:2]} {real[2][:200]!r} and {twin[:2]} {twin[2][:200]!r}"
    at = next((number for number, (a, b) in enumerate(zip(real[2], twin[2], strict=False)) if a != b), 0)
    return f"{real[2][max(0, at - 60) : at + 60]!r} and {twin[2][max(0, at - 60) : at + 60]!r}"
