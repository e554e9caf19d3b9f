"""A comment's text: mentions are kept as `@[person]`, so that each reader meets the name that they may know."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

MENTION = re.compile(r"@\[([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `person` where it is a mention."""

    text: str
    person: UUID | None = None


def kept(text: str, people: Mapping[UUID, str], chosen: Iterable[UUID] = ()) -> str:
    """The text with `@Name` of these people turned into mentions: of two with one name, the one that was chosen."""
    named = {name: person for person, name in people.items()} | {people[one]: one for one in chosen if one in people}
    for name in sorted(named, key=len, reverse=True):
        text = re.sub(rf"@{re.escape(name)}(?!\w)", f"@[{named[name]}]", text)
    return text


def mentioned_in(text: str, people: Iterable[UUID]) -> list[UUID]:
    """Whom the kept text mentions, of these people, each once."""
    known = set(people)
    return [person for person in dict.fromkeys(UUID(one) for one in MENTION.findall(text)) if person in known]


def pieces_of(text: str, names: Mapping[UUID | None, str]) -> list[Piece]:
    """The kept text as its reader sees it."""
    found, start = [], 0
    for match in MENTION.finditer(text):
        person = UUID(match[1])
        found += [Piece(text[start : match.start()]), Piece("@" + (names.get(person) or _("somebody")), person)]
        start = match.end()
    return [piece for piece in (*found, Piece(text[start:])) if piece.text]


def plain(text: str, names: Mapping[UUID | None, str]) -> str:
    """The same as one line of text."""
    return " ".join("".join(piece.text for piece in pieces_of(text, names)).split())
